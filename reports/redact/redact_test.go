package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/redact"
)

const canary = `Zq7/vK+2w"Xé$n8.Lm-31`

func secrets(values ...string) *redact.Secrets {
	s := &redact.Secrets{}
	s.Add("$T", values...)
	return s
}

// each writes every character of a text in another way.
func each(text string, spell func(r rune) string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(spell(r))
	}
	return b.String()
}

func percent(r rune) string {
	return each(string(r), func(r rune) string {
		var b strings.Builder
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	})
}

func unicodeEscape(r rune) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&b, `\u%04x`, unit)
	}
	return b.String()
}

func spellings(secret string) map[string]string {
	encoded, _ := json.Marshal(secret)
	turn := 0
	return map[string]string{
		"plain":                     secret,
		"small letters":             strings.ToLower(secret),
		"capital letters":           strings.ReplaceAll(strings.ToUpper(secret), "É", "é"),
		"JSON":                      string(encoded),
		"JSON with slashes escaped": strings.ReplaceAll(string(encoded), "/", `\/`),
		"JSON, all escaped":         each(secret, unicodeEscape),
		"JSON, all in capitals":     strings.ReplaceAll(strings.ToUpper(each(secret, unicodeEscape)), `\U`, `\u`),
		"JSON in JSON":              fmt.Sprintf("%q", string(encoded)),
		"JSON in JSON in JSON":      fmt.Sprintf("%q", fmt.Sprintf("%q", string(encoded))),
		"Go":                        fmt.Sprintf("%+q", secret),
		"a query":                   url.QueryEscape(secret),
		"a path":                    url.PathEscape(secret),
		"percent, all":              each(secret, percent),
		"percent, small":            strings.ToLower(each(secret, percent)),
		"percent twice":             url.QueryEscape(url.QueryEscape(secret)),
		"percent of JSON":           url.QueryEscape(each(secret, unicodeEscape)),
		"HTML":                      html.EscapeString(secret),
		"HTML, decimal":             each(secret, func(r rune) string { return fmt.Sprintf("&#%d;", r) }),
		"HTML, hexadecimal":         each(secret, func(r rune) string { return fmt.Sprintf("&#x%X;", r) }),
		"HTML, named":               strings.NewReplacer("/", "&sol;", "+", "&plus;", "$", "&dollar;", ".", "&period;").Replace(secret),
		"HTML twice":                html.EscapeString(each(secret, func(r rune) string { return fmt.Sprintf("&#%d;", r) })),
		"C":                         each(secret, func(r rune) string { return strings.ReplaceAll(strings.ToLower(percent(r)), "%", `\x`) }),
		"braces":                    each(secret, func(r rune) string { return fmt.Sprintf(`\u{%x}`, r) }),
		"mixed": each(secret, func(r rune) string {
			turn++
			return [](func(rune) string){percent, unicodeEscape, func(r rune) string { return string(r) }, func(r rune) string { return fmt.Sprintf("&#%d;", r) }}[turn%4](r)
		}),
		"base64":                   base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 after one byte":    base64.StdEncoding.EncodeToString([]byte(":" + secret + "more")),
		"base64 after two":         base64.URLEncoding.EncodeToString([]byte("u:" + secret + "m")),
		"base64 of URLs, unpadded": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"base64 in JSON":           strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(secret)), "/", `\/`),
		"base64 in a query":        url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(secret))),
		"hexadecimal":              hex.EncodeToString([]byte(secret)),
		"hexadecimal, spaced":      fmt.Sprintf("% X", secret),
		"decimal":                  fmt.Sprint([]byte(secret)),
		"UTF-16":                   string(utf16Bytes(secret)),
	}
}

func utf16Bytes(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

func TestEverySpellingIsFound(t *testing.T) {
	s := secrets(canary)
	for name, spelled := range spellings(canary) {
		if name == "UTF-16" {
			spelled = strings.ReplaceAll(spelled, "\u00e9", "") // its bytes are apart there
			continue
		}
		text := `{"you sent": "<` + spelled + `>", "and": 1}`
		got := s.Text(text)
		left, found := strings.CutPrefix(strings.TrimSuffix(got, `>", "and": 1}`), `{"you sent": "<`)
		left = strings.NewReplacer("$T", "", `\`, "", `"`, "").Replace(left) // what stays is at most what stood beside it
		if !found || len(left) > len("bQ%3D%3D..") || !strings.Contains(got, "$T") {
			t.Errorf("%s: %q is left of %q", name, got, text)
		}
	}
	plain := "Zq7vK2wXn8Lm31-ab"
	if got := secrets(plain).Text("x " + string(utf16Bytes(plain)) + " y"); strings.Contains(got, "Z\x00q") || !strings.Contains(got, "$T") {
		t.Errorf("UTF-16: %q", got)
	}
}

func TestThePartsOfAValueAreSecrets(t *testing.T) {
	for value, part := range map[string]string{
		"Bearer kX93-token-zz7":          "kX93-token-zz7",
		"Basic cGV0ZXI6aHVudGVyMmh1bg==": "hunter2hun",
		"lang=en; session=8fj3Kd02ls":    "8fj3Kd02ls",
	} {
		if got := secrets(value).Text("<" + part + ">"); strings.Contains(got, part) {
			t.Errorf("of %q there is %q left", value, got)
		}
	}
}

func TestTheLongestOneWins(t *testing.T) {
	for range 20 { // an order by chance would show
		s := &redact.Secrets{}
		s.Add("$DENIED", "s3cret-val")
		s.Add("$VALUE", "s3cret-value-of-a-user")
		if got := s.Text("a s3cret-value-of-a-user b s3cret-val c"); got != "a $VALUE b $DENIED c" {
			t.Fatalf("%q", got)
		}
	}
}

// TestAPieceIsFoundWhereATextWasCut cuts a text at every place, in the ways in which parley's own texts are cut.
func TestAPieceIsFoundWhereATextWasCut(t *testing.T) {
	const secret = "kX93vTq-8Lm2Zw-Rr5"
	s := secrets(secret)
	for _, spell := range []func(string) string{
		func(s string) string { return s },
		func(s string) string { return each(s, unicodeEscape) },
		func(s string) string { return each(s, percent) },
		func(s string) string { return each(s, func(r rune) string { return fmt.Sprintf("&#%d;", r) }) },
	} {
		text := "token " + spell(secret) + " is wrong"
		for at := range len(text) {
			for name, shown := range map[string]string{
				"an ellipsis": text[:at] + "…", "quotes": fmt.Sprintf("it begins %q", text[:at]), "quotes and an ellipsis": fmt.Sprintf("%q… and on", text[:at]),
				"nothing": text[:at], "the beginning": "…" + text[at:], "quotes, the beginning": fmt.Sprintf("…%q", text[at:]),
			} {
				if piece := leftOver(s.Text(shown), secret); len(piece) >= 8 {
					t.Errorf("cut at %d with %s: %q shows %q", at, name, s.Text(shown), piece)
				}
			}
		}
	}
}

// leftOver is the longest piece of a secret that a text shows, whatever it is escaped with.
func leftOver(text, secret string) string {
	read := html.UnescapeString(text)
	if plain, err := url.QueryUnescape(read); err == nil {
		read = plain
	}
	var plain string
	if json.Unmarshal([]byte(`"`+strings.ReplaceAll(strings.ReplaceAll(read, `\\u`, `\u`), `"`, `\"`)+`"`), &plain) == nil {
		read = plain
	}
	for size := len(secret); size > 0; size-- {
		for at := 0; at+size <= len(secret); at++ {
			if strings.Contains(read, secret[at:at+size]) {
				return secret[at : at+size]
			}
		}
	}
	return ""
}

func TestHonestTextStays(t *testing.T) {
	s := secrets("wukongim-manager-token", "abc")
	s.Learn("p1a2b3c4d-token-of-ann")
	for _, text := range []string{
		"", "a", "abc", "WuKongIM v2 at http://127.0.0.1:5001", `{"token":"manager","uid":"p1a2b3c4d-ann"}`, `C:\temp\new 100% + &c`, "the token's manager",
		`POST /conversation/sync → 200 with [{"channel_id":"p1a2b3c4d-2f-g"}]`, "%", `\`, `\u`, "&#", "&", "%2", "%25", "\x00\x00\x00\x00",
	} {
		if got := s.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	var none *redact.Secrets
	if got := none.Text("abcdefgh"); got != "abcdefgh" {
		t.Errorf("without secrets: %q", got)
	}
}

func TestWhatIsLearnedIsFoundAmongMany(t *testing.T) {
	s := secrets("the-target's-own-credential")
	token := func(i int) string { return fmt.Sprintf("eyJhbGciOiJIUzI1NiJ9.%x.%d", i*7919, i*104729) }
	var adding sync.WaitGroup
	for worker := range 4 {
		adding.Go(func() {
			for i := worker; i < 2000; i += 4 {
				s.Learn(token(i))
				if got := s.Text("<" + token(i) + ">"); got != "<…>" {
					t.Errorf("%q", got)
				}
			}
		})
	}
	adding.Wait()
	long := strings.Repeat("0123456789abcdef", 40) + "!"
	s.Learn(long)
	if got := s.Text("<" + long + ">"); strings.Contains(got, "abcd") {
		t.Errorf("of a long one there is %q left", got)
	}
}

// TestHostileTextIsBounded would not end where the time grew with the square of the length.
func TestHostileTextIsBounded(t *testing.T) {
	s := secrets(strings.Repeat("a", 1000), strings.Repeat(`\`, 40)+"x", "&#38;#38;amp;")
	for _, unit := range []string{"a", `\`, "%25", "&", "&#", "&amp;", "…", `\u0061`, "\x00", "aaaaaaa\""} {
		text := strings.Repeat(unit, (1<<18)/len(unit))
		if got := s.Text(text); strings.Contains(got, strings.Repeat("a", 1000)) {
			t.Errorf("%q is left", unit)
		}
	}
}

func TestARecordIsWalkedWhole(t *testing.T) {
	const secret = "kX93vTq-8Lm2Zw-Rr5"
	run := &reports.Run{
		Verdict: reports.Incomplete, Reason: "because of " + secret, Target: reports.Target{Notes: []string{secret}, Logs: secret},
		Requirements: []reports.Requirement{{ID: "X-1", Verdict: reports.Pass, Evidence: []reports.Evidence{{Seen: []string{secret}}}}},
		Exchanges: []reports.Exchange{{
			Request:  reports.Request{Headers: []reports.Field{{Name: secret, Value: secret}}},
			Response: &reports.Response{Body: reports.NewBody([]byte("\xff" + secret))},
		}},
		Load: []reports.Load{{ErrorClass: map[string]int64{secret: 2, "$T": 1}, Capacity: &reports.LoadCapacity{Reason: secret}, Reasons: []string{"\xfe"}}},
	}
	secrets(secret, "pass", "incomplete").Record(run)
	encoded, err := json.Marshal(run)
	if err != nil || strings.Contains(string(encoded), secret) || strings.Count(string(encoded), "$T") != 8 {
		t.Errorf("%s %v", encoded, err)
	}
	if run.Verdict != reports.Incomplete || run.Requirements[0].Verdict != reports.Pass || run.Load[0].ErrorClass["$T"] != 3 || run.Load[0].Reasons[0] != `\xfe` {
		t.Errorf("%s", encoded)
	}
	if data, err := run.Exchanges[0].Response.Body.Data(); err != nil || string(data) != "\xff$T" {
		t.Errorf("%q %v", data, err)
	}
}

func TestABodyIsCutAfterItsCredentialsAreOut(t *testing.T) {
	const secret = "kX93vTq-8Lm2Zw-Rr5"
	s := secrets(secret)
	for _, before := range []int{reports.BodyLimit - 9, 2*reports.BodyLimit - 9} {
		data := []byte(strings.Repeat(".", before) + secret + strings.Repeat(".", 3*reports.BodyLimit))
		body := s.Body(data, 0)
		if body.Bytes != len(data) || !body.Cut || strings.Contains(body.Text, secret[:8]) {
			t.Errorf("%d bytes, cut %v, …%s", body.Bytes, body.Cut, body.Text[len(body.Text)-30:])
		}
	}
	if body := s.Body([]byte("{}"), 9); body.Bytes != 9 || !body.Cut {
		t.Errorf("of a body that was cut before: %+v", body)
	}
	if body := s.Body([]byte("{}"), 2); body.Bytes != 2 || body.Cut || body.Text != "{}" {
		t.Errorf("%+v", body)
	}
}

func TestAWriterFindsWhatComesInPieces(t *testing.T) {
	const secret = "kX93vTq-8Lm2Zw-Rr5"
	text := "one " + secret + " two\nthree " + each(secret, unicodeEscape) + "\n" + strings.Repeat("x", 70_000) + secret + strings.Repeat("y", 70_000) + "\nlast " + secret
	for _, size := range []int{1, 2, 7, 1000, len(text)} {
		var out bytes.Buffer
		w := secrets(secret).Writer(&out)
		for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
			if n, err := w.Write([]byte(rest[:min(size, len(rest))])); err != nil || n != min(size, len(rest)) {
				t.Fatal(n, err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		want := "one $T two\nthree $T\n" + strings.Repeat("x", 70_000) + "$T" + strings.Repeat("y", 70_000) + "\nlast $T"
		if out.String() != want {
			t.Errorf("in writes of %d: %.60q… of %d bytes, want %d", size, out.String(), out.Len(), len(want))
		}
	}
}

func TestAWriterLetsATerminalBeRedrawn(t *testing.T) {
	var out bytes.Buffer
	w := secrets("kX93vTq-8Lm2Zw-Rr5").Writer(&out)
	for _, line := range []string{"\r\x1b[2K  1 of 9", "\r  2 of 9", "\r\x1b[2K"} {
		out.Reset()
		fmt.Fprint(w, line)
		if out.String() != line {
			t.Errorf("%q came as %q", line, out.String())
		}
	}
	out.Reset()
	fmt.Fprint(w, "half")
	if out.Len() != 0 {
		t.Errorf("half a line came: %q", out.String())
	}
}

func BenchmarkText(b *testing.B) {
	s := secrets("kX93vTq-8Lm2Zw-Rr5-a-longer-one-than-most")
	for i := range 10_000 {
		s.Learn(fmt.Sprintf("token-%x-%d", i*7919, i*104729))
	}
	text := strings.Repeat(`{"channel_id":"p1a2b3c4d-2f-g","unread":3,"payload":"eyJ0eXBlIjoxfQ==","at":"2024-01-01T00:00:00Z"},`, 10_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.Text(text)
	}
}
