package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestTheBytesAreAsTheyWere(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if key, sent := r.Header["Idempotency-Key"]; sent {
			t.Errorf("a header of parley's own was sent: %q", key)
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte{0, 0xff, '\n'})
	})
	x := Do(t.Context(), NewClient(), Request{Method: "POST", URL: url, Body: []byte("{}")}, 0, false)
	if x.Err != nil || x.Status() != 200 || string(x.Body()) != "\x00\xff\n" || x.Response.Truncated {
		t.Errorf("%s: %q, %v", x.Summary(), x.Body(), x.Err)
	}
	if x.FirstByte.Before(x.Started) || x.Ended.Before(x.FirstByte) {
		t.Errorf("started %v, first byte %v, ended %v", x.Started, x.FirstByte, x.Ended)
	}
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(make([]byte, 4096))
		}
	})
	x := Do(t.Context(), NewClient(), Request{Method: "GET", URL: url}, 1000, false)
	if !errors.Is(x.Err, ErrTooLong) || !x.Response.Truncated || len(x.Body()) != 1000 {
		t.Errorf("%d bytes, truncated %v, %v", len(x.Body()), x.Response.Truncated, x.Err)
	}
}

func TestARedirectIsAnAnswer(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if x := Do(t.Context(), NewClient(), Request{Method: "POST", URL: url}, 0, false); x.Status() != 307 {
		t.Errorf("followed: %s", x.Summary())
	}
}

func TestASilentTargetCostsTheTimeout(t *testing.T) {
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	x := Do(ctx, NewClient(), Request{Method: "POST", URL: url}, 0, true)
	if x.Response != nil || !errors.Is(x.Err, context.DeadlineExceeded) || strings.Count(x.Err.Error(), url) != 1 {
		t.Errorf("%v", x.Err)
	}
	if x.Status() != 0 || x.Body() != nil || !strings.Contains(x.Summary(), "no answer") {
		t.Errorf("%s", x.Summary())
	}
}

// switches answers with status 101 and leaves the connection open.
func switches(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n")
	_, _ = io.Copy(io.Discard, connection) // until the client closes it
}

func TestASwitchOfProtocolsIsNoAnswer(t *testing.T) {
	url := serve(t, switches)
	x := Do(t.Context(), NewClient(), Request{Method: "POST", URL: url, Body: []byte("{}")}, 0, false)
	if x.Response != nil || !errors.Is(x.Err, ErrSwitched) || !strings.Contains(x.Err.Error(), url) {
		t.Errorf("%+v, %v", x.Response, x.Err)
	}
}

func TestWhatBreaksOffIsSaid(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	})
	x := Do(t.Context(), NewClient(), Request{Method: "GET", URL: url}, 0, false)
	if x.Err == nil || !x.Response.Truncated || string(x.Body()) != "half" {
		t.Errorf("%q, %v", x.Body(), x.Err)
	}
}

// TestCurlRepeatsTheRequest runs the command lines: a shell and curl must send the very bytes.
func TestCurlRepeatsTheRequest(t *testing.T) {
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: there is no %s to run the command with", program)
		}
	}
	type arrived struct{ method, path, header, body string }
	requests := make(chan arrived, 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		requests <- arrived{r.Method, r.URL.RequestURI(), r.Header.Get("X-Name"), string(body)}
	})
	for _, sent := range []string{`{"uid":"a"}`, `it's "quoted" $HOME \n`, "你好 🐧", "line\nline", "\x1b[31mred\x07", "\u202egnp", string([]byte{0xff, 0xfe, '\'', '\\'}), "-@file"} {
		r := Request{Method: "PUT", URL: url + "/p?q=a&b='c", Header: http.Header{"X-Name": {"it's"}}, Body: []byte(sent)}
		line := r.Curl(nil)
		if strings.ContainsAny(line, "\x1b\x07\u202e") {
			t.Errorf("the command steers a terminal: %q", line)
		}
		if output, err := exec.Command("bash", "-c", line).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", line, err, output)
		}
		if got, want := <-requests, (arrived{"PUT", "/p?q=a&b='c", "it's", sent}); got != want {
			t.Errorf("%s sent %q, want %q", line, got, want)
		}
	}
}

func TestCurlHidesSecrets(t *testing.T) {
	r := Request{Method: "POST", URL: "http://x", Header: http.Header{"Token": {"s3cret"}}}
	line := r.Curl(func(name, value string) (string, bool) { return "$PARLEY_AUTH_VALUE", value == "s3cret" })
	if want := `curl -sS -i -X POST 'http://x' -H "Token: $PARLEY_AUTH_VALUE"`; line != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
}

func ExampleDo() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") }))
	defer server.Close()
	x := Do(context.Background(), NewClient(), Request{Method: "POST", URL: server.URL}, 0, false)
	fmt.Println(x.Status(), string(x.Body()))
	// Output: 200 []
}
