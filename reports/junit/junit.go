// Package junit writes the record as JUnit XML, for the test views of CI servers: one suite for each endpoint, one
// case for each spec. It knows the record and nothing else of parley.
//
// Only a MUST that fails, a stale deviation and a fault of parley itself turn a build red. A run that is incomplete has
// a suite of its own that says so, since skipped cases alone would leave it green.
package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"github.com/parley-im/parley/reports"
)

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Time     seconds  `xml:"time,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       seconds    `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Time    seconds `xml:"time,attr"`
	Failure *result `xml:"failure"`
	Error   *result `xml:"error"`
	Skipped *result `xml:"skipped"`
	Out     string  `xml:"system-out,omitempty"`
}

type result struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// seconds keeps times out of exponent notation, which some readers do not know.
type seconds float64

func (s seconds) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: strconv.FormatFloat(float64(s), 'f', 3, 64)}, nil
}

// Write writes the record as JUnit XML. Times are in seconds.
func Write(w io.Writer, run *reports.Run) error {
	all := suites{Name: run.Target.API + " " + run.Target.Profile, Time: seconds(run.Run.Took().Seconds())}
	exchanges := run.ExchangesByID()
	for _, endpoint := range reports.Endpoints(run.Requirements) {
		all.add(run, suite{Name: endpoint.Name, Cases: casesOf(endpoint, run, exchanges)})
	}
	for _, l := range run.Load {
		all.add(run, suite{Name: "load: " + l.Title(), Cases: casesOfLoad(l)})
	}
	if run.Verdict != reports.Conformant && (run.Verdict != reports.NonConformant || run.Cause != "") {
		all.add(run, suite{Name: "parley", Cases: []testcase{incomplete(run)}})
	}
	all.Name = reports.Visible(all.Name)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("the record of run %s cannot be written as JUnit XML: %w", run.Run.ID, err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add counts a suite, and makes every text in it one that XML may hold.
func (all *suites) add(run *reports.Run, s suite) {
	s.Name = reports.Visible(s.Name)
	s.Properties = properties(run)
	if !run.Run.Started.IsZero() {
		s.Timestamp = run.Run.Started.UTC().Format("2006-01-02T15:04:05")
	}
	for i := range s.Cases {
		c := &s.Cases[i]
		c.clean()
		s.Tests++
		s.Time += c.Time
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
	all.Suites = append(all.Suites, s)
}

func (c *testcase) clean() {
	c.Class, c.Name, c.Out = reports.Visible(c.Class), reports.Visible(c.Name), reports.Visible(c.Out)
	for _, r := range []*result{c.Failure, c.Error, c.Skipped} {
		if r != nil {
			r.Message, r.Text = reports.Visible(reports.OneLine(r.Message)), reports.Visible(r.Text)
		}
	}
}

func properties(run *reports.Run) []property {
	all := []property{
		{"target", run.Target.URL}, {"api", run.Target.API}, {"profile", run.Target.Profile}, {"run", run.Run.ID},
		{"rng", strconv.FormatInt(run.Run.RNG, 10)}, {"verdict", run.Verdict}, {"parley", run.Run.Parley}, {"catalog", run.Run.Catalog},
	}
	if c := run.Counts; c.Planned > 0 {
		all = append(all, property{"planned", strconv.Itoa(c.Planned)}, property{"judged", strconv.Itoa(c.Judged)})
	}
	for i := range all {
		all[i].Value = reports.Visible(all[i].Value)
	}
	return all
}

func incomplete(run *reports.Run) testcase {
	return testcase{Class: "parley", Name: "the run is complete", Error: &result{
		Message: cmp.Or(run.Reason, "the record does not say why the run is incomplete"), Type: reports.Incomplete, Text: run.Headline(),
	}}
}
