// Package reports is the record of a run: what parley saw, as data. Every format that people or programs read is
// rendered from it by a pure writer in a package below, and adds nothing.
//
// It imports nothing of parley's other rooms. The JSON keys are a contract: they are only ever added to. Whatever text a field
// holds is looked through for credentials before it leaves (package redact), but for fields with the tag redact:"-": these
// hold nothing but parley's own words.
package reports

import "time"

// Schema is the version of the record's shape.
const Schema = 1

// Verdict is one of a closed set of words. Only Pass is a pass.
type Verdict string

// The verdict words of a requirement and of a spec.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"          // a MUST does not hold
	Warn          Verdict = "warn"          // a SHOULD does not hold
	Info          Verdict = "info"          // a PROBE: what was observed, judged by nobody
	NotDeclared   Verdict = "not-declared"  // the target lacks a capability, or its seeding does not offer the world
	NotTestable   Verdict = "not-testable"  // a prerequisite is missing; the reason names it
	Blocked       Verdict = "blocked"       // what it builds on failed
	Indeterminate Verdict = "indeterminate" // judged, without a clear answer
	Error         Verdict = "error"         // a fault of parley itself
	NotRun        Verdict = "not-run"       // interrupted before its turn
	Expected      Verdict = "expected"      // fails, and stands among the known deviations
	Stale         Verdict = "stale"         // stands among the known deviations, and passes
)

// Verdicts are all the words, in the order in which counts show them.
var Verdicts = []Verdict{Pass, Fail, Warn, Info, Expected, Stale, NotDeclared, NotTestable, Blocked, Indeterminate, Error, NotRun}

// Judged tells whether the word is a judgement of the target. An observation is none.
func (v Verdict) Judged() bool {
	switch v {
	case Pass, Fail, Warn, Expected, Stale:
		return true
	}
	return false
}

// The levels of a requirement.
const (
	Must   = "MUST"
	Should = "SHOULD"
	Probe  = "PROBE" // nothing is asked: what is seen is written down
)

// Asked tells whether the requirement asks something of the target at all.
func (r Requirement) Asked() bool { return r.Level != Probe }

// Judged tells whether the target was judged by the requirement.
func (r Requirement) Judged() bool { return r.Asked() && r.Verdict.Judged() }

// The verdict on the whole run.
const (
	Conformant    = "conformant"
	NonConformant = "non-conformant"
	Incomplete    = "incomplete"
)

// Run is the one record.
type Run struct {
	Schema       int           `json:"schema"`
	Verdict      string        `json:"verdict" redact:"-"`
	Reason       string        `json:"reason,omitempty"`           // why the run is incomplete, in one sentence
	Cause        Cause         `json:"cause,omitempty" redact:"-"` // the same in one word, where the run was cut short
	Run          Header        `json:"run"`
	Target       Target        `json:"target"`
	Targets      []Target      `json:"targets,omitempty"` // all of them, where one run had several: Target is the first
	Counts       Counts        `json:"counts"`
	Requirements []Requirement `json:"requirements"`
	Exchanges    []Exchange    `json:"exchanges"`
	Load         []Load        `json:"load"`
	// End is the last key: a record without it is truncated.
	End bool `json:"end"`
}

// Header says which run this was.
type Header struct {
	ID      string    `json:"id" redact:"-"`
	RNG     int64     `json:"rng"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Parley  string    `json:"parley" redact:"-"`
	Catalog string    `json:"catalog" redact:"-"` // digest of the catalogue: the same digest, the same statements
	// Catalogs are the digests by API, where one run judged by several catalogues: Catalog is then one digest of all of them.
	Catalogs map[string]string `json:"catalogs,omitempty" redact:"-"`
	Argv     []string          `json:"argv"` // secrets removed
}

// Target says what was tested.
type Target struct {
	URL          string   `json:"url"`
	API          string   `json:"api" redact:"-"`
	Profile      string   `json:"profile" redact:"-"`
	Server       string   `json:"server"` // what it says of itself; empty: nothing
	SeedDriver   string   `json:"seed_driver" redact:"-"`
	Consistency  string   `json:"consistency" redact:"-"`
	Capabilities []string `json:"capabilities" redact:"-"`
	// Notes are what a reader must know to weigh the record ("signatures are not judged").
	Notes []string `json:"notes,omitempty"`
	// Logs is the end of what a server that parley started wrote to its output, where something is not as it should be:
	// up to 64 KiB, credentials removed.
	Logs string `json:"logs,omitempty"`
}

// Counts are how many requirements got which verdict. Planned is the sum of all the words, and the number of
// Requirements; Judged is how many MUST and SHOULD statements the target was judged by: a PROBE is never among them.
type Counts struct {
	Planned       int `json:"planned"`
	Judged        int `json:"judged"`
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Warn          int `json:"warn"`
	Info          int `json:"info"`
	Expected      int `json:"expected"`
	Stale         int `json:"stale"`
	NotDeclared   int `json:"not-declared"`
	NotTestable   int `json:"not-testable"`
	Blocked       int `json:"blocked"`
	Indeterminate int `json:"indeterminate"`
	Error         int `json:"error"`
	NotRun        int `json:"not-run"`
}

// Requirement is one documented statement and what came of it.
type Requirement struct {
	ID        string  `json:"id" redact:"-"`
	Level     string  `json:"level" redact:"-"` // MUST | SHOULD | PROBE, in the run's profile
	Basis     string  `json:"basis" redact:"-"` // D said | E seen in an example | I inferred
	Endpoint  string  `json:"endpoint" redact:"-"`
	Statement string  `json:"statement" redact:"-"`
	Quote     string  `json:"quote,omitempty" redact:"-"` // the document's sentence, in its language
	Gloss     string  `json:"gloss,omitempty" redact:"-"` // the same in English, where the quote is not
	Document  string  `json:"document" redact:"-"`
	Verdict   Verdict `json:"verdict" redact:"-"`
	Reason    string  `json:"reason"`
	// Deviation is the sentence of the known-deviations file that stands for this requirement.
	Deviation string     `json:"deviation,omitempty"`
	Flaky     bool       `json:"flaky,omitempty"` // the file accepts that it holds as well
	Specs     []Spec     `json:"specs"`
	Evidence  []Evidence `json:"evidence"`
}

// Spec is one check of a requirement.
type Spec struct {
	Title      string  `json:"title" redact:"-"`
	Verdict    Verdict `json:"verdict" redact:"-"`
	Reason     string  `json:"reason,omitempty"`
	DurationMS float64 `json:"duration_ms"`
}

// Evidence is one judgement with what it rests on. The most telling one of a requirement stands first.
type Evidence struct {
	Spec     string   `json:"spec" redact:"-"`
	Expected string   `json:"expected,omitempty"`
	Got      string   `json:"got,omitempty"`
	Observed string   `json:"observed,omitempty"`            // of a PROBE
	Seen     []string `json:"seen,omitempty"`                // eventual targets: what was seen over time
	Before   []string `json:"before,omitempty" redact:"-"`   // ids of the exchanges that led to a failure, oldest first
	Exchange string   `json:"exchange,omitempty" redact:"-"` // id of the Exchange that was judged
}

// Exchange is a request and its answer as they were on the wire, bodies cut at 64 KiB, credentials removed.
type Exchange struct {
	ID       string    `json:"id" redact:"-"`
	Started  time.Time `json:"started"`
	Request  Request   `json:"request"`
	Response *Response `json:"response"`        // null: no answer
	Error    string    `json:"error,omitempty"` // why there is none, or no whole one
	// DurationMS is from before dialling to the answer's last byte.
	DurationMS float64 `json:"duration_ms"`
	Curl       string  `json:"curl"` // one command that repeats it
}

// Request is the request half of an Exchange.
type Request struct {
	Method  string  `json:"method"`
	URL     string  `json:"url"`
	Headers []Field `json:"headers"`
	Body    Body    `json:"body"`
}

// Response is the answer half of an Exchange.
type Response struct {
	Status  int     `json:"status"`
	Headers []Field `json:"headers"`
	Body    Body    `json:"body"`
}

// Field is one header line.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Body is up to 64 KiB of a body: Text where it is UTF-8, else Base64. Bytes is its whole length.
type Body struct {
	Text   string `json:"text,omitempty"`
	Base64 string `json:"base64,omitempty"`
	Bytes  int    `json:"bytes"`
	Cut    bool   `json:"cut,omitempty"`
}

// Load is one load scenario. No scenario was run: the list is empty.
//
// Planned = Sent + NeverSent, and Sent = correct + Errors + Violating, always.
type Load struct {
	Scenario  string `json:"scenario"`
	API       string `json:"api,omitempty" redact:"-"`
	RNG       int64  `json:"rng"`
	Planned   int64  `json:"planned"`
	Sent      int64  `json:"sent"`
	Late      int64  `json:"late"` // of those sent: begun more than 10 ms after their intended start
	NeverSent int64  `json:"never_sent"`
	Correct   int64  `json:"correct"`
	Errors    int64  `json:"errors"`    // no whole answer, or a status that is no success
	Violating int64  `json:"violating"` // answers that break a MUST
	// Violations are wrong answers by requirement id; one answer may break several. Warnings are the same of SHOULD:
	// such answers count as correct.
	Violations map[string]int64 `json:"violations" redact:"-"`
	Warnings   map[string]int64 `json:"warnings,omitempty" redact:"-"`
	// Expected are answers that break a requirement which the known deviations excuse: such answers count as correct.
	Expected   map[string]int64 `json:"expected,omitempty" redact:"-"`
	ErrorClass map[string]int64 `json:"error_classes,omitempty"`
	Samples    []LoadSample     `json:"violation_samples,omitempty"`
	Checked    int64            `json:"checked"` // answers that were looked at; the others were judged by their status alone
	DurationS  float64          `json:"duration_s"`
	Throughput float64          `json:"throughput"` // correct answers a second
	BytesIn    int64            `json:"bytes_in"`
	Response   Percentiles      `json:"response_ms"`  // from the intended start
	Service    Percentiles      `json:"service_ms"`   // from the actual start
	Freshness  *Percentiles     `json:"freshness_ms"` // from a send to the first sync that shows it; null: nothing was followed
	Operations []LoadOperation  `json:"operations"`
	Series     []LoadRow        `json:"series"`
	Latencies  []LoadBar        `json:"latencies"` // distribution of the response time
	TargetCPU  *float64         `json:"target_cpu_us_per_request,omitempty"`
	// TargetMemory is the most that the target had in use, in bytes, where it can be read.
	TargetMemory int64 `json:"target_memory_bytes,omitempty"`
	// Watched are the target's own metrics that were read beside: Series has a value of each in every row.
	Watched    []LoadMetric    `json:"watched,omitempty"`
	Generator  LoadGenerator   `json:"generator"`
	Thresholds []LoadThreshold `json:"thresholds"`
	Capacity   *LoadCapacity   `json:"capacity,omitempty"`
	Verdict    string          `json:"verdict" redact:"-"` // LoadMet | LoadMissed | Incomplete
	Reasons    []string        `json:"reasons,omitempty"`
}

// The verdicts of a load scenario, beside Incomplete.
const (
	LoadMet    = "met"    // every threshold holds
	LoadMissed = "missed" // one does not
)

// Percentiles are durations in milliseconds.
type Percentiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// LoadSample is the first answer that broke a requirement.
type LoadSample struct {
	ID       string `json:"id" redact:"-"`
	Detail   string `json:"detail"`
	Exchange string `json:"exchange" redact:"-"` // id of an Exchange
}

// LoadOperation is one kind of request of a scenario.
type LoadOperation struct {
	Name      string      `json:"name" redact:"-"`
	Sent      int64       `json:"sent"`
	Errors    int64       `json:"errors"`
	Violating int64       `json:"violating"`
	BytesIn   int64       `json:"bytes_in"`
	Response  Percentiles `json:"response_ms"`
	Service   Percentiles `json:"service_ms"`
}

// LoadRow is one second of a scenario, or several where a long run's rows were put together; its percentiles are
// then the worst of them. Requests count where they ended.
type LoadRow struct {
	AtS       float64 `json:"t_s"`
	ForS      float64 `json:"for_s"`
	Planned   float64 `json:"planned"`
	Sent      int64   `json:"sent"`
	Correct   int64   `json:"correct"`
	Errors    int64   `json:"errors"`
	Violating int64   `json:"violating"`
	P50MS     float64 `json:"response_p50_ms"`
	P99MS     float64 `json:"response_p99_ms"`
	Service50 float64 `json:"service_p50_ms"`
	Service99 float64 `json:"service_p99_ms"`
	LagMS     float64 `json:"lag_p99_ms"`
	CPU       float64 `json:"generator_cpu"` // cores
	TargetCPU float64 `json:"target_cpu"`    // cores; 0: not known
	// Fresh50 and Fresh99 are left out where nothing that was followed showed in this time.
	Fresh50      float64   `json:"freshness_p50_ms,omitempty"`
	Fresh99      float64   `json:"freshness_p99_ms,omitempty"`
	TargetMemory int64     `json:"target_memory_bytes,omitempty"`
	Watched      []float64 `json:"watched,omitempty"`
}

// LoadMetric is one of the target's own metrics. Rate: it only grows, and the values are its growth a second.
type LoadMetric struct {
	Name string `json:"name"`
	Rate bool   `json:"rate"`
}

// LoadBar is one bar of a distribution: how many lie above the bar before it, up to here. Each reaches further than the one
// before by the same factor.
type LoadBar struct {
	ToMS  float64 `json:"to_ms"`
	Count int64   `json:"count"`
}

// LoadGenerator is what the generator saw of itself.
type LoadGenerator struct {
	LagP99MS     float64  `json:"lag_p99_ms"`
	CPU          float64  `json:"cpu"` // cores, on average
	Cores        int      `json:"cores"`
	GCPauseP99MS float64  `json:"gc_pause_p99_ms"`
	CeilingRPS   float64  `json:"ceiling_rps"` // against a null target; 0: not measured
	Healthy      bool     `json:"healthy"`
	Reasons      []string `json:"reasons,omitempty"` // why not
}

// LoadThreshold is one condition of a scenario and what came of it.
type LoadThreshold struct {
	Condition string  `json:"condition"` // p99<50ms
	Value     float64 `json:"value"`     // in the unit of the condition
	Met       bool    `json:"met"`
}

// LoadCapacity is the highest rate within the conditions.
type LoadCapacity struct {
	SLO    string     `json:"slo"`
	Answer string     `json:"answer" redact:"-"` // found | at-least | not-found
	RPS    float64    `json:"rps"`
	Low    float64    `json:"low_rps"`
	High   float64    `json:"high_rps"`
	Reason string     `json:"reason"`
	Rungs  []LoadRung `json:"rungs"`
}

// LoadRung is one attempt at a rate.
type LoadRung struct {
	RPS     float64 `json:"rps"`
	Met     bool    `json:"met"`
	Healthy bool    `json:"healthy"`
	P99MS   float64 `json:"response_p99_ms"`
	Reason  string  `json:"reason,omitempty"`
}
