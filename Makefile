# The two commands of the README, and what they are made of. Go is all they need.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X main.version=$(VERSION)

.PHONY: run test build image vet race fmt cross hostile

run: build ## the embedded reference, the suite against it, a report at parley-report/index.html
	./bin/parley run

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/parley .

image: build ## parley in a container image, from scratch
	mkdir -p bin/image/here bin/image/data
	docker build -t parley .

test: fmt vet race ## everything that proves parley itself
	@mkdir -p bin && rm -f bin/skipped
	PARLEY_SKIPPED=$(CURDIR)/bin/skipped $(GO) test -count=1 -timeout 30m ./...
	@cat bin/skipped 2>/dev/null || true

hostile: build ## what each hostile target does to parley: some twenty minutes
	$(GO) run ./specs/hostile -parley bin/parley -out bin/hostile.md

fmt:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go' | grep -v '\.pb\.go$$')); test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }

vet:
	$(GO) vet ./...

# What does several things at once.
RACY = ./reference/... ./fixtures ./fixtures/wukongim ./fixtures/ozeki ./fixtures/yunhu ./specs ./loadgen

# The race detector needs cgo and a C compiler. Where there is none it is left out, loudly.
race:
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null 2>&1; then \
		echo "$(GO) test -race -short $(RACY)"; \
		$(GO) test -race -short -count=1 $(RACY); \
	else \
		echo "SKIPPED: 1 step: the race detector, which needs a C compiler"; \
	fi

# That it compiles where nobody ran it: macOS and Windows.
cross:
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 $(GO) build ./...
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 $(GO) build ./...
