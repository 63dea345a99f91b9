# parley in an image: one static binary, no shell, no root. `make image` builds the binary first and then this.
#
#   docker run --rm -p 5001:5001 parley serve
#   docker run --rm -v "$PWD:/here" --user "$(id -u)" parley conform --target http://host:5001
FROM scratch
COPY bin/parley /parley
# /here is where reports go, /data where a server keeps what --data names.
COPY --chown=65532:65532 bin/image/ /
WORKDIR /here
USER 65532:65532
# Inside a container the loopback interface is nobody else's.
ENV PARLEY_LISTEN=0.0.0.0:5001
EXPOSE 5001
ENTRYPOINT ["/parley"]
