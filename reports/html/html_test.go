package htmlreport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/internal/golden"
)

func written(t *testing.T, run *reports.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) { golden.Check(t, "report.html", []byte(written(t, golden.Sample()))) }

var (
	tag       = regexp.MustCompile(`<[a-zA-Z!/][^>]*>`)
	attribute = regexp.MustCompile(`\s([a-zA-Z-]+)="([^"]*)"`)
)

// markup is the tags of the page, without what stands in its style and script.
func markup(page string) []string {
	page = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(page, "<$1></$1>")
	return tag.FindAllString(page, -1)
}

func TestThePageLoadsNothingAndRunsOnlyItsOwnScript(t *testing.T) {
	page := written(t, golden.Sample())
	scripts := 0
	for _, element := range markup(page) {
		if strings.HasPrefix(element, "<script") {
			scripts++
		}
		for _, banned := range []string{"<img", "<iframe", "<object", "<embed", "<base", "<use", "<image"} {
			if strings.HasPrefix(element, banned) {
				t.Errorf("%s on the page", element)
			}
		}
		for _, a := range attribute.FindAllStringSubmatch(element, -1) {
			name, value := strings.ToLower(a[1]), html.UnescapeString(a[2])
			switch {
			case strings.HasPrefix(name, "on"), name == "style", name == "src", name == "srcset", name == "action":
				t.Errorf("the attribute %s in %s", name, element)
			case name == "href" && !strings.HasPrefix(value, "#") && value != "data:,":
				t.Errorf("a link to %q", value)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts, want 1", scripts)
	}
	if regexp.MustCompile(`url\(|@import`).MatchString(style) {
		t.Error("the style loads something")
	}
}

func TestThePolicyNamesWhatIsOnThePage(t *testing.T) {
	page := written(t, golden.Sample())
	found := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page has no policy")
	}
	policy := html.UnescapeString(found[1])
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	for _, element := range []string{"style", "script"} {
		content := regexp.MustCompile("(?s)<" + element + ">(.*?)</" + element + ">").FindStringSubmatch(page)
		if content == nil || !strings.Contains(policy, element+"-src '"+digest(content[1])+"'") {
			t.Errorf("the policy %q does not name the digest of the %s", policy, element)
		}
	}
}

// Every text field of the record in turn is hostile, and the page's markup stays what it is with a harmless one.
func TestNothingOfATargetBecomesMarkup(t *testing.T) {
	hostile := append([]string{`"><b onclick=x>`, `' onmouseover='x`, `{{.}}`, `<!--`, `javascript:alert(1)`, `&lt;script&gt;`, "`<i>`"}, golden.Hostile...)
	names := func(page string) string {
		var b strings.Builder
		for _, element := range markup(page) {
			if name := regexp.MustCompile(`^</?[a-z0-9]+`).FindString(element); name != "<mark" && name != "</mark" && name != "<code" && name != "</code" {
				b.WriteString(name + ">")
			}
		}
		return b.String()
	}
	want := names(written(t, filled("harmless")))
	for _, s := range hostile {
		page := written(t, filled(s))
		if names(page) != want {
			t.Errorf("%q changes the markup", s)
		}
		for _, r := range page {
			if r < 0x20 && r != '\n' && r != '\t' || r == 0x202e || r == 0x202c || r == 0xfffd {
				t.Errorf("%q: U+%04X stands on the page as it is", s, r)
				break
			}
		}
	}
}

// filled is a record in which every text that may come from outside is s.
func filled(s string) *reports.Run {
	run := golden.Sample()
	run.Reason = s
	run.Run.ID, run.Run.Parley, run.Run.Catalog, run.Run.Argv = s, s, s, []string{s}
	run.Target = reports.Target{URL: s, API: s, Profile: s, Server: s, SeedDriver: s, Consistency: s, Capabilities: []string{s}, Notes: []string{s}}
	for i := range run.Requirements {
		r := &run.Requirements[i]
		*r = reports.Requirement{ID: s, Level: s, Basis: s, Endpoint: s, Statement: s, Quote: s, Gloss: s, Document: s, Reason: s, Deviation: s, Verdict: r.Verdict,
			Specs:    []reports.Spec{{Title: s, Reason: s + "!", Verdict: r.Verdict}, {Title: s, Verdict: reports.Pass}},
			Evidence: []reports.Evidence{{Spec: s, Expected: s, Got: s, Observed: s, Seen: []string{s}, Exchange: "x"}, {Exchange: s}}}
	}
	body := reports.Body{Text: "text " + s}
	headers := []reports.Field{{Name: s, Value: s}}
	run.Exchanges = []reports.Exchange{{ID: "x", Error: s, Curl: s, Request: reports.Request{Method: s, URL: s, Headers: headers, Body: body},
		Response: &reports.Response{Headers: headers, Body: body}}}
	return run
}

func TestFailuresComeFirstAndLinkToTheirRows(t *testing.T) {
	page := written(t, golden.Sample())
	wrong, rows := strings.Index(page, `<h2 id="wrong">`), strings.Index(page, `<h2 id="requirements">`)
	if wrong < 0 || rows < wrong {
		t.Fatalf("what is wrong stands at %d, the requirements at %d", wrong, rows)
	}
	for _, r := range golden.Sample().Requirements {
		if !strings.Contains(page[rows:], `id="`+r.ID+`"`) {
			t.Errorf("%s has no row", r.ID)
		}
		linked := strings.Contains(page[wrong:rows], `href="#`+r.ID+`"`)
		needs := r.Verdict == reports.Fail || r.Verdict == reports.Warn || r.Verdict == reports.Stale || r.Verdict == reports.Error || r.Verdict == reports.Expected
		if linked != needs {
			t.Errorf("%s (%s): linked from what is wrong: %v", r.ID, r.Verdict, linked)
		}
	}
	if !strings.Contains(page[wrong:rows], "Counts the user&#39;s own messages as unread") {
		t.Error("the sentence of a known deviation is missing")
	}
}

func TestAnIncompleteRunSaysSoAtTheTop(t *testing.T) {
	run := golden.Sample()
	run.Verdict, run.Reason = reports.Incomplete, "interrupted: 3 of 15 requirements were not judged"
	for range 2 {
		page := written(t, run)
		top := page[strings.Index(page, "<header"):strings.Index(page, "</header>")]
		if !strings.Contains(top, "This run is incomplete.") || !strings.Contains(top, run.Reason) {
			t.Errorf("the banner does not say that the run is incomplete, with %q", run.Reason)
		}
		run.Reason = ""
	}
}

func TestAnEmptyRecordIsAPage(t *testing.T) {
	page := written(t, &reports.Run{})
	for _, want := range []string{"Incomplete", "No statement was planned.", "unknown", "</html>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of an empty record does not say %q", want)
		}
	}
}

func TestEvidencePointsToItsExchange(t *testing.T) {
	run := golden.Sample()
	run.Requirements[0].Evidence[0].Exchange = "x99"
	run.Exchanges[1].Request.Body = reports.Body{}
	page := written(t, run)
	for _, want := range []string{"Exchange x99 is not in the record.", "Rests on exchange x2, shown above.", "connection reset by peer", "no body"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestBodiesAreCutAndSaySo(t *testing.T) {
	long := strings.Repeat("张", 20_000)
	for name, c := range map[string]struct {
		body reports.Body
		want body
	}{
		"none":        {reports.NewBody(nil), body{}},
		"short":       {reports.NewBody([]byte("ok")), body{Bytes: 2, Raw: block{"ok", 0}}},
		"compact":     {reports.NewBody([]byte("[]")), body{Bytes: 2, Raw: block{"[]", 0}}},
		"JSON":        {reports.NewBody([]byte(`{"a":1}`)), body{Bytes: 7, Pretty: block{"{\n  \"a\": 1\n}", 0}, Raw: block{`{"a":1}`, 0}}},
		"looks alike": {reports.NewBody([]byte("[error] no")), body{Bytes: 10, Raw: block{"[error] no", 0}}},
		"long":        {reports.NewBody([]byte(long)), body{Bytes: 60_000, Raw: block{long[:4095], 55_905}}},
		"binary":      {reports.NewBody([]byte{0, 0xff}), body{Bytes: 2, Hex: block{"00000000  00 ff                                             |..|", 0}}},
		"broken":      {reports.Body{Base64: "!", Bytes: 1}, body{Bytes: 1, Raw: block{"the record's body of 1 bytes is no base64: illegal base64 data at input byte 0", 0}}},
	} {
		if got := bodyOf(c.body); got != c.want {
			t.Errorf("%s:\n got %.300q\nwant %.300q", name, fmt.Sprint(got), fmt.Sprint(c.want))
		}
	}
}

func TestThePageStaysSmall(t *testing.T) {
	run := golden.Sample()
	huge := strings.Repeat("<", 1<<20)
	var requirements []reports.Requirement
	run.Exchanges = nil
	for i := range 100 {
		r := run.Requirements[1]
		r.ID, r.Reason, r.Evidence = fmt.Sprintf("WK-SYNC-%d", i), huge, nil
		for j := range 20 {
			id := fmt.Sprintf("x%d-%d", i, j)
			r.Evidence = append(r.Evidence, reports.Evidence{Expected: "e", Got: "g", Exchange: id})
			run.Exchanges = append(run.Exchanges, reports.Exchange{ID: id, Curl: huge, Response: &reports.Response{Body: reports.NewBody([]byte(huge))}})
		}
		requirements = append(requirements, r)
	}
	run.Requirements = requirements
	page := written(t, run)
	if limit := 32 << 20; len(page) > limit {
		t.Errorf("%d bytes, want at most %d", len(page), limit)
	}
	for _, want := range []string{"12 more pieces of evidence are in report.json", "The command that repeats it is longer than 16 KiB", "bytes more are not shown here"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestPrettyMovesWhiteSpaceOnly(t *testing.T) {
	for _, in := range []string{
		`{"id":9007199254740993,"big":123456789012345678901234567890,"e":1E+2,"half":1.50}`,
		`{"a":1,"a":2,"s":"{[,:]} \" \\ \u202e 张","n":[ ],"o":{ },"deep":[[[{"x":[null,true]}]]]}`,
		" [1 ,\t2 ]"[1:],
	} {
		got := pretty([]byte(in), reports.NewBody([]byte(in))).Text
		var want, back bytes.Buffer
		if json.Compact(&want, []byte(in)) != nil || json.Compact(&back, []byte(got)) != nil || want.String() != back.String() {
			t.Errorf("%s\nbecame\n%s", in, got)
		}
		var usual bytes.Buffer
		if err := json.Indent(&usual, want.Bytes(), "", "  "); err != nil || usual.String() != got {
			t.Errorf("%s is laid out as\n%s\nwant\n%s", in, got, usual.String())
		}
	}
}

func TestPrettyOfHostileJSONIsBounded(t *testing.T) {
	for name, in := range map[string]string{
		"deep":         strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"deep and cut": strings.Repeat(`{"a":[`, 20_000),
		"one string":   `["` + strings.Repeat("张", 30_000),
		"cut":          `[{"id":9007199254740993},` + strings.Repeat(`{"id":1},`, 10_000),
	} {
		b := reports.NewBody([]byte(in))
		got := pretty([]byte(b.Text), b)
		if got.Text == "" || len(got.Text) > 2*textLimit || got.Left < len(in)-2*textLimit || got.Left >= len(in) {
			t.Errorf("%s: %d bytes shown, %d of %d left off", name, len(got.Text), got.Left, len(in))
		}
	}
	for name, in := range map[string]string{"wrong": `[1 2`, "not cut but unfinished": `{"a":`} {
		b := reports.Body{Text: in, Bytes: len(in), Cut: name == "wrong"}
		if got := pretty([]byte(in), b); got.Text != "" {
			t.Errorf("%s: laid out as %q", name, got.Text)
		}
	}
}

func TestInline(t *testing.T) {
	for in, want := range map[string]string{
		"`a` is b":  "[{a true} { is b false}]",
		"odd ` one": "[{odd ` one false}]",
		"``":        "[{`` false}]",
		"":          "[]",
	} {
		if got := fmt.Sprint(inline(in)); got != want {
			t.Errorf("inline(%q) = %s, want %s", in, got, want)
		}
	}
}
