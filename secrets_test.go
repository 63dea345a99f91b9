package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The canaries are no words, so that no piece of them is in honest text. The denied one is the beginning of the other.
const (
	deniedCanary = `kX93vTq/8Lm2+Z`
	canary       = deniedCanary + `w"R\r5Yb&7Nd4=Jh6`
)

// parrot is an honest server that says back what credential a request carries, in every place of an answer and in another
// spelling each time, and sends more than it announces.
type parrot struct {
	inner  http.Handler
	sins   string // what else it does
	turn   atomic.Int64
	mu     sync.Mutex
	tokens map[string]bool // of users
}

// say is a credential in the next spelling.
func (p *parrot) say(secret string) string {
	each := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(secret) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	all := []func() string{
		func() string { return secret }, func() string { return strings.ReplaceAll(secret, "/", `\/`) },
		func() string { return each(`\u%04x`) }, func() string { return each(`\U%08X`) }, func() string { return each("%%%02X") },
		func() string { return url.QueryEscape(secret) }, func() string { return html.EscapeString(secret) },
		func() string { return each("&#%d;") }, func() string { return each("&#x%x;") }, func() string { return fmt.Sprintf("%q", fmt.Sprintf("%q", secret)) },
		func() string { return base64.StdEncoding.EncodeToString([]byte("user:" + secret)) },
		func() string { return base64.RawURLEncoding.EncodeToString([]byte(secret)) },
		func() string { return hex.EncodeToString([]byte(secret)) }, func() string { return strings.ToUpper(each("%%%02x")) },
	}
	return all[int(p.turn.Add(1))%len(all)]()
}

// cut is a text with a credential where it is cut if 80, 160 or 300 bytes of it are shown.
func (p *parrot) cut(secret string) string {
	turn := int(p.turn.Load())
	return strings.Repeat("x", []int{160, 80, 160, 300}[turn%4]-8-turn%14) + secret
}

// speak is for where no line may end: header names, reason phrases.
func (p *parrot) speak(secret string) string {
	return "X-" + strings.TrimRight(base64.RawURLEncoding.EncodeToString([]byte(secret)), "=")
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secret := r.Header.Get("token")
	if secret == "" {
		secret = canary
	}
	if secret != canary && secret != deniedCanary {
		p.mu.Lock()
		p.tokens[secret] = true
		p.mu.Unlock()
	}
	answer := httptest.NewRecorder()
	p.inner.ServeHTTP(answer, r)
	status, body, sinful := answer.Code, answer.Body.String(), p.sinful(r.URL.Path)
	wordy := p.wordy(r.URL.Path)
	if sinful {
		body = []string{
			`{"error": "the token ` + p.say(secret) + ` is not known"}`, p.say(secret),
			p.cut(secret), `[{"channel_id": "` + p.say(secret) + `", "channel_type": 2, "unread": "` + p.say(secret) + `"}]`,
			"\xff\xfe" + p.say(secret), `{"status": 200, "code": -1, "msg": "` + p.say(secret) + `", "data": "` + p.say(secret) + `"}`,
		}[int(p.turn.Load())%6]
		if strings.HasPrefix(p.sins, "refuses") {
			body = p.cut(secret)
			status = []int{http.StatusUnauthorized, http.StatusInternalServerError, http.StatusTemporaryRedirect}[int(p.turn.Load())%3]
		}
	}
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer connection.Close()
	var b bytes.Buffer
	if p.sins == "breaks off" && sinful && p.turn.Load()%2 == 0 {
		fmt.Fprintf(&b, []string{"HTTP/1.1 2%s OK\r\n\r\n", "HTTP/1.1 200 OK\r\n%s\r\n\r\n", "%s\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n"}[int(p.turn.Load()/2)%5], secret)
	} else {
		fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\nServer: %s\r\n%s: %s\r\nLocation: /%s\r\nSet-Cookie: a=%s\r\n", status, p.say(secret), p.say(secret),
			p.speak(secret), p.say(secret), url.PathEscape(secret), url.QueryEscape(secret))
		if !wordy {
			b.WriteString("Connection: close\r\n")
		}
		answer.Header().Del("Content-Length")
		for name := range answer.Header() {
			fmt.Fprintf(&b, "%s: %s\r\n", name, answer.Header().Get(name))
		}
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	_, _ = connection.Write(b.Bytes())
	if wordy { // what nobody asked for: net/http logs it
		_, _ = fmt.Fprintf(connection, "%s %s", secret, p.say(secret))
		_, _ = connection.Read(make([]byte, 1)) // until the client is gone, or sends another request
	}
}

// wordy tells the answers after which more comes than they announce. The connection can be used no more, and some requests that
// are sent there all the same are lost.
func (p *parrot) wordy(path string) bool {
	return path == "/conversation/sync" && p.turn.Load()%4 == 0 && p.turn.Load() > 80
}

// sinful tells the answers that are wrong: those that are judged, and not those that come before the judging.
func (p *parrot) sinful(path string) bool {
	switch p.sins {
	case "":
		return false
	case "refuses the seeding":
		return strings.HasPrefix(path, "/_parley/")
	case "refuses all":
		return true
	}
	return p.turn.Add(1) > 40 && !strings.HasPrefix(path, "/_parley/") && path != "/message/send" && path != "/channel" && path != "/user/token"
}

// newParrot serves the reference of an API in front of which a parrot sits.
func newParrot(t *testing.T, api, sins string) (*parrot, string) {
	v := serveVerb{API: api, Profile: map[string]string{"wukongim": "v2", "ozeki": "2024", "yunhu": "2026"}[api], Token: canary, Seed: 1}
	handler, done, err := families[api].serve(v, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &parrot{inner: handler, sins: sins, tokens: map[string]bool{}}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		_ = done()
	})
	return p, server.URL
}

// said is what parley said and wrote, by where.
type said map[string][]byte

// parleySays runs a command line in a folder, and collects everything that came of it.
func parleySays(t *testing.T, dir string, args ...string) (said, int) {
	var stdout, stderr bytes.Buffer
	t.Chdir(dir)
	var logged bytes.Buffer
	defer log.SetOutput(log.Writer())
	log.SetOutput(&logged)
	code := parley(&invocation{
		ctx: t.Context(), args: args, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, width: 80,
		environ: os.LookupEnv,
	})
	all := said{"stdout": stdout.Bytes(), "stderr": stderr.Bytes(), "the log of libraries": logged.Bytes()}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".yaml") {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, code
}

// betrays is a piece of a credential that a text shows, in any spelling; empty: none.
func betrays(text, secret string) string { return betray(readingsOf(text), secret) }

func betray(readings []string, secret string) string {
	const piece = 8
	for at := 0; at+piece <= len(secret); at++ {
		for _, reading := range readings {
			if strings.Contains(reading, strings.ToLower(secret[at:at+piece])) {
				return secret[at : at+piece]
			}
		}
	}
	return ""
}

var (
	escape  = regexp.MustCompile(`(?:\\+u|\\+U0000|\\+x|%(?:25)*(?:00)?|&(?:amp;)*#x|\b0x)([0-9a-fA-F]{4}|[0-9a-fA-F]{2});?`)
	decimal = regexp.MustCompile(`&(?:amp;)*#([0-9]{2,3});?`)
	packed  = regexp.MustCompile(`[A-Za-z0-9+/_-]{8,}`)
	inHex   = regexp.MustCompile(`(?:[0-9a-fA-F]{2}){6,}`)
)

// readingsOf are what a reader can make of a text with simple means, in small letters.
func readingsOf(text string) []string {
	plain := text
	for range 3 {
		plain = escape.ReplaceAllStringFunc(plain, func(found string) string {
			var n int
			if _, err := fmt.Sscanf(escape.FindStringSubmatch(found)[1], "%x", &n); err != nil || n > 0x7f {
				return found
			}
			return string(rune(n))
		})
		plain = decimal.ReplaceAllStringFunc(plain, func(found string) string {
			var n int
			_, _ = fmt.Sscanf(decimal.FindStringSubmatch(found)[1], "%d", &n)
			return string(rune(n))
		})
		plain = html.UnescapeString(plain)
	}
	var decoded strings.Builder
	for _, source := range []string{text, plain} {
		for _, run := range packed.FindAllString(strings.NewReplacer("-", "+", "_", "/").Replace(source), -1) {
			for skip := range 4 {
				data, _ := base64.RawStdEncoding.DecodeString(run[skip : len(run)-(len(run)-skip)%4])
				decoded.Write(data)
				decoded.WriteByte(' ')
			}
		}
		for _, run := range inHex.FindAllString(source, -1) {
			data, _ := hex.DecodeString(run)
			decoded.Write(data)
			decoded.WriteByte(' ')
		}
	}
	unslashed := strings.ReplaceAll(plain, `\`, "")
	return []string{strings.ToLower(text), strings.ToLower(plain), strings.ToLower(unslashed), strings.ToLower(decoded.String())}
}

// TestNothingSecretLeaves sends canaries through the verbs, the formats and the verdicts, and looks for them in all that comes of
// it.
func TestNothingSecretLeaves(t *testing.T) {
	type try struct {
		name, api, sins string
		args            []string
		codes           []int
	}
	suite := []string{"--filter", "WK-SYNC-01 || WK-SYNC-08 || WK-SYNC-14 || WK-SYNC-29 || WK-SYNC-31 || WK-CLEAR-02 || WK-CLEAR-10"}
	load := []string{"load", "--scenario", "smoke", "--rate", "100", "--duration", "400ms", "--warm-up", "50ms", "--users", "30"}
	with := func(base []string, more ...string) []string { return append(append([]string{}, base...), more...) }
	for _, c := range []try{
		{"a conformant target", "wukongim", "", with([]string{"conform"}, suite...), []int{0, 1, 4}},
		{"a wrong one", "wukongim", "wrong", with([]string{"conform"}, suite...), []int{1}},
		{"one that breaks off", "wukongim", "breaks off", with([]string{"conform", "--timeout", "1s"}, suite...), []int{1, 4}},
		{"one that refuses", "wukongim", "refuses", with([]string{"conform"}, suite...), []int{1, 3, 4}},
		{"one that refuses all", "wukongim", "refuses all", with([]string{"conform"}, suite...), []int{3}},
		{"one that refuses the hook", "wukongim", "refuses the seeding", with([]string{"conform", "--seed-driver", "hook"}, suite...), []int{1, 3, 4}},
		{"a quiet run", "wukongim", "wrong", with([]string{"conform", "--quiet"}, suite...), []int{1}},
		{"a run", "wukongim", "wrong", with([]string{"run"}, suite...), []int{1, 4}},
		{"a load", "wukongim", "wrong", with(load, "--vegeta", "vegeta.bin", "--hdr", "hdr.txt", "--bench", "bench.txt"), []int{1, 4}},
		{"a fast load", "wukongim", "wrong", with(load, "--fast"), []int{1, 4}},
		{"a load of one that breaks off", "wukongim", "breaks off", with(load, "--timeout", "1s"), []int{0, 1, 4}},
		{"a fast load of one that breaks off", "wukongim", "breaks off", with(load, "--fast", "--timeout", "1s"), []int{0, 1, 4}},
		{"a search", "wukongim", "wrong", []string{"load", "--scenario", "smoke", "--capacity", "--rate", "40", "--max-rate", "40", "--duration", "200ms", "--users", "30"}, []int{1, 4}},
		{"a load that cannot be seeded", "wukongim", "refuses the seeding", with(load, "--seed-driver", "hook"), []int{3}},
		{"a cleaning that fails", "wukongim", "refuses all", []string{"clean", "--run", "p00000001", "--seed-driver", "hook"}, []int{3}},
		{"a command that seeds", "wukongim", "", with([]string{"conform", "--seed-driver", "exec", "--seed-command",
			`echo "no $PARLEY_AUTH_VALUE here" >&2; printf '{"error": "%s"}' "$PARLEY_AUTH_VALUE"; exit 3`}, suite...), []int{3}},
		{"users with tokens", "yunhu", "wrong", []string{"conform", "--api", "yunhu", "--seed-driver", "hook", "--filter", "YH-LIST-1 || YH-LIST-2 || YH-LIST-9 || YH-COM-1"}, []int{1, 4}},
		{"users with tokens under load", "yunhu", "wrong", with(load, "--api", "yunhu", "--seed-driver", "hook"), []int{1, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, target := newParrot(t, c.api, c.sins)
			dir := t.TempDir()
			args := append(c.args, "--target", target, "--rng", "7")
			if c.args[0] == "clean" {
				args = args[:len(args)-2]
			} else {
				args = append(args, "--out", filepath.Join(dir, "out"), "--format", "json,junit,html,md")
			}
			if strings.Contains(strings.Join(args, " "), "driver hook") {
				args = append(args, "--seed-url", target+"/_parley")
			}
			t.Setenv("PARLEY_AUTH_VALUE", canary)
			if c.sins != "refuses" { // what is left of the other one by a cut would be most of this one
				t.Setenv("PARLEY_AUTH_DENIED", deniedCanary)
			}
			all, code := parleySays(t, dir, args...)
			ok := false
			for _, want := range c.codes {
				ok = ok || code == want
			}
			if !ok {
				t.Errorf("it ended with %d, want one of %v\n%.2000s", code, c.codes, all["stderr"])
			}
			secrets := []string{canary}
			for token := range p.tokens {
				secrets = append(secrets, token[strings.LastIndexByte(token, '.')+1:])
			}
			if c.api == "yunhu" && len(secrets) < 3 {
				t.Errorf("no user had a token")
			}
			noneOf(t, all, secrets)
			if _, err := os.Stat(filepath.Join(dir, "out", "report.json")); err == nil {
				rendered, code := parleySays(t, dir, "report", "render", filepath.Join(dir, "out"), "--out", filepath.Join(dir, "again"))
				if code != 0 {
					t.Errorf("report render ended with %d: %s", code, rendered["stderr"])
				}
				noneOf(t, rendered, secrets)
			}
		})
	}
}

func noneOf(t *testing.T, all said, secrets []string) {
	t.Helper()
	for where, text := range all {
		readings := readingsOf(string(text))
		for _, secret := range secrets[:min(len(secrets), 40)] {
			if piece := betray(readings, secret); piece != "" {
				t.Errorf("%s shows %q", where, piece)
				break
			}
		}
	}
}

// TestTheCheckFindsCanaries keeps the test above honest.
func TestTheCheckFindsCanaries(t *testing.T) {
	p := &parrot{}
	for i := range 14 {
		spelled := p.say(canary)
		for _, text := range []string{"<" + spelled + ">", spelled[:len(spelled)*2/3], fmt.Sprintf("%q", spelled)} {
			if betrays(text, canary) == "" {
				t.Errorf("spelling %d is not found in %q", i, text)
			}
		}
	}
	if piece := betrays("an honest text with 100% of nothing, p1a2b3c4d-2f-ann, eyJ0eXBlIjoxfQ==", canary); piece != "" {
		t.Errorf("%q is found", piece)
	}
}

// TestStreamsAreCleanFromTheFirstWord: mistakes of usage, a panic, and what libraries log.
func TestStreamsAreCleanFromTheFirstWord(t *testing.T) {
	for name, args := range map[string][]string{
		"a flag that is not known": {"conform", "--auth-value", canary, "--nonsense", canary},
		"a flag with its value":    {"conform", "--auth-value=" + canary, canary},
		"a password in a URL":      {"conform", "--target", "http://peter:" + url.QueryEscape(canary) + "@127.0.0.1:1/"},
		"a bad port behind it":     {"conform", "--target", "http://peter:" + url.QueryEscape(canary) + "@127.0.0.1:x/"},
		"a query in a URL":         {"conform", "--target=http://127.0.0.1:1/?key=" + url.QueryEscape(canary)},
		"a URL of metrics":         {"load", "--target", "http://127.0.0.1:1", "--scrape", "http://u:" + url.QueryEscape(canary) + "@127.0.0.1:1/metrics", "--duration", "1s"},
		"a token of the reference": {"serve", "--token", canary, "--listen", canary},
	} {
		all, code := parleySays(t, t.TempDir(), args...)
		if code != 2 && code != 3 {
			t.Errorf("%s: ended with %d: %s", name, code, all["stderr"])
		}
		noneOf(t, all, []string{canary})
	}
	var stderr bytes.Buffer
	in := &invocation{ctx: mistaken{context.Background()}, stdout: io.Discard, stderr: &stderr, environ: os.LookupEnv, args: []string{
		"clean", "--run", "p00000001", "--target", "http://127.0.0.1:1", "--seed-driver", "hook", "--seed-url", "http://127.0.0.1:1/x", "--auth-value", canary}}
	if code := parley(in); code != exitParley {
		t.Errorf("a panic ended with %d", code)
	}
	noneOf(t, said{"stderr": stderr.Bytes()}, []string{canary})
}

// mistaken is a fault of parley's own.
type mistaken struct{ context.Context }

func (mistaken) Done() <-chan struct{} { panic("a mistake with " + canary) }

// TestAUsersTokenIsOneOfTheSecrets and what says who somebody is, is none.
func TestAUsersTokenIsOneOfTheSecrets(t *testing.T) {
	in := &invocation{environ: func(string) (string, bool) { return "", false }, stdout: io.Discard, stderr: io.Discard}
	defer in.hush()()
	a := &attentive{secrets: in.secrets}
	a.learnFrom([]byte(`{"users": {"ann": {"id": "p1a2b3c4d-ann", "headers": {"X-Key": "kX93vTq-8Lm2Zw", "Ozeki-User": "p1a2b3c4d-ann", "Ozeki-Station": "station-1"}}}}`))
	if got := in.secrets.Text("p1a2b3c4d-ann at station-1 with kX93vTq-8Lm2Zw"); got != "p1a2b3c4d-ann at station-1 with …" {
		t.Errorf("%q", got)
	}
}
