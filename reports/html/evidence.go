package htmlreport

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/parley-im/parley/reports"
)

// How much of one text the page shows, in bytes.
const (
	textLimit = 4 << 10
	hexLimit  = 512
	curlLimit = 16 << 10 // a command that is cut would do something else, so a longer one is not shown at all
)

type evidence struct {
	reports.Evidence
	Title    string      // the spec, where the requirement has several
	Before   []*exchange // what led to it
	Exchange *exchange
	Missing  string // id of an exchange that the record lacks
	Above    string // id of an exchange that is shown above
}

type exchange struct {
	*reports.Exchange
	RequestBody  body
	ResponseBody body
	LongCurl     bool
}

// body is what the page shows of a body: at most one of Pretty and Hex beside Raw.
type body struct {
	Bytes  int
	Pretty block // JSON, indented; no digit differs from what was sent
	Raw    block
	Hex    block
}

// block is a text and how many bytes of it the page leaves off.
type block struct {
	Text string
	Left int
}

// evidenceOf shows an exchange where it is first named in a requirement; seen remembers which were.
func evidenceOf(e reports.Evidence, exchanges map[string]*reports.Exchange, seen map[string]bool) evidence {
	view := evidence{Evidence: e}
	view.Expected, view.Got, view.Observed = shorten(e.Expected, textLimit), shorten(e.Got, textLimit), shorten(e.Observed, textLimit)
	for _, earlier := range e.Earlier(exchanges) {
		view.Before = append(view.Before, exchangeOf(earlier))
	}
	if e.Exchange == "" {
		return view
	}
	x := exchanges[e.Exchange]
	switch {
	case x == nil:
		view.Missing = e.Exchange
	case seen[x.ID]:
		view.Above = x.ID
	default:
		seen[x.ID] = true
		view.Exchange = exchangeOf(x)
	}
	return view
}

func exchangeOf(x *reports.Exchange) *exchange {
	view := &exchange{Exchange: x, RequestBody: bodyOf(x.Request.Body), LongCurl: len(x.Curl) > curlLimit}
	if x.Response != nil {
		view.ResponseBody = bodyOf(x.Response.Body)
	}
	return view
}

func bodyOf(b reports.Body) body {
	view := body{Bytes: b.Bytes}
	data, err := b.Data()
	switch {
	case err != nil:
		view.Raw = block{Text: err.Error()}
	case b.Base64 != "":
		shown := data[:min(len(data), hexLimit)]
		view.Hex = block{Text: strings.TrimSuffix(hex.Dump(shown), "\n"), Left: b.Bytes - len(shown)}
	default:
		view.Raw = cut(b.Text, b.Bytes-len(b.Text))
		view.Pretty = pretty(data, b)
	}
	return view
}

func cut(s string, missing int) block {
	kept, left := reports.Cut(s, textLimit)
	return block{Text: kept, Left: left + max(missing, 0)}
}

func shorten(s string, limit int) string {
	kept, left := reports.Cut(s, limit)
	if left > 0 {
		kept += fmt.Sprintf(" … %d bytes more in report.json", left)
	}
	return kept
}
