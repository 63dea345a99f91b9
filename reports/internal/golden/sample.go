package golden

import (
	"strings"
	"time"

	"github.com/parley-im/parley/reports"
)

// Hostile strings: each must reach a reader as text, and none may steer what shows it.
const (
	HostileHTML  = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`
	HostileCDATA = `]]><failure/>`
	HostileFence = "`````\n# not a heading @everyone closes #1 <details>"
	HostileANSI  = "\x1b[31mred\x1b[0m"
	HostileBidi  = "user\u202etxt.exe\u202c"
	HostileNUL   = "a\x00b"
	HostileBytes = "caf\xe9" // Latin-1, no UTF-8
)

// Hostile are all of them.
var Hostile = []string{HostileHTML, HostileCDATA, HostileFence, HostileANSI, HostileBidi, HostileNUL, HostileBytes}

var started = time.Date(2026, 3, 14, 9, 26, 53, 589_000_000, time.UTC)

// Sample is a finished, non-conformant run: small, but with every verdict word, every kind of evidence and body, and
// answers of a target that means harm.
func Sample() *reports.Run {
	requirements := append(syncRequirements(), otherRequirements()...)
	return &reports.Run{
		Schema: reports.Schema, Verdict: reports.NonConformant,
		Run: reports.Header{
			ID: "p1a2b3c4d", RNG: 31415926535, Started: started, Ended: started.Add(12_340 * time.Millisecond),
			Parley: "0.1.0", Catalog: "sha256:5f1d3c2b7a908e44",
			Argv: []string{"parley", "run", "--target", "http://127.0.0.1:5001", "--api", "wukongim", "--auth-value", "$PARLEY_AUTH_VALUE"},
		},
		Target: reports.Target{
			URL: "http://127.0.0.1:5001", API: "wukongim", Profile: "v2", Server: "chatd/2.1 " + HostileANSI,
			SeedDriver: "native", Consistency: "eventual", Capabilities: []string{"auth"},
			Notes: []string{"Destructive inputs were not sent: --destructive was not given."},
		},
		Counts: reports.Count(requirements), Requirements: requirements, Exchanges: exchanges(), Load: loads(), End: true,
	}
}

func requirement(id, level, basis string, verdict reports.Verdict, statement string) reports.Requirement {
	return reports.Requirement{
		ID: id, Level: level, Basis: basis, Endpoint: "POST /conversation/sync", Statement: statement,
		Document: "同步用户会话 · docs.example/zh/api/conversation/sync", Verdict: verdict,
		Specs: []reports.Spec{{Title: statement, Verdict: verdict, DurationMS: 3.25}}, Evidence: []reports.Evidence{},
	}
}

func syncRequirements() []reports.Requirement {
	empty := requirement("WK-SYNC-01", "MUST", "D", reports.Pass, "`{\"uid\": U}` alone is a valid request; the answer is 200 and a JSON array (empty: `[]`, never `null`)")
	empty.Quote, empty.Gloss = "响应是一个会话数组，每个会话包含以下字段", "the answer is an array of conversations"
	empty.Evidence = []reports.Evidence{{Spec: empty.Statement, Expected: "a JSON array", Got: "[]", Exchange: "x1"}}

	limit := requirement("WK-SYNC-08", "MUST", "D", reports.Fail, "`msg_count` above 50 is limited to 50, on the full and on the incremental path; it is no error")
	limit.Quote, limit.Gloss = "最多返回 50 条", "at most 50 are returned"
	limit.Reason = "expected at most 50 messages, got 60"
	limit.Specs = []reports.Spec{
		{Title: "msg_count 51 on a full sync", Verdict: reports.Fail, Reason: limit.Reason, DurationMS: 41.5},
		{Title: "msg_count 1000 on an incremental sync", Verdict: reports.Pass, DurationMS: 1841},
	}
	limit.Evidence = []reports.Evidence{
		{Spec: limit.Specs[0].Title, Expected: "at most 50 messages in recents of p1a2b3c4d-g1", Got: "60 messages", Before: []string{"x3"}, Exchange: "x2"},
		{Spec: limit.Specs[1].Title, Expected: "50 messages", Got: "50 messages", Exchange: "x2"},
	}

	unread := requirement("WK-SYNC-14", "MUST", "D", reports.Expected, "`unread` is the number of messages that this user has not read")
	unread.Deviation = "Counts the user's own messages as unread until the next restart."
	unread.Reason = "expected unread 2, got 3"
	unread.Evidence = []reports.Evidence{{Spec: unread.Statement, Expected: "unread 2", Got: "unread 3",
		Seen: []string{"after 0 ms: unread 0", "after 120 ms: unread 3", "after 3000 ms: unread 3"}, Exchange: "x3"}}

	own := requirement("WK-SYNC-15", "SHOULD", "I", reports.Warn, "a user's own messages are not unread to that user")
	own.Reason = "expected unread 0, got 1"
	own.Evidence = []reports.Evidence{{Spec: own.Statement, Expected: "unread 0", Got: "unread 1", Exchange: "x3"}}

	names := requirement("WK-SYNC-40", "MUST", "D", reports.Fail, "`client_msg_no` and `from_uid` come back as they were sent")
	names.Reason = "the answer carries other names: " + strings.Join(Hostile, " · ")
	names.Specs[0].Reason = names.Reason
	names.Evidence = []reports.Evidence{{Spec: names.Statement, Expected: "from_uid \"张伟 👩‍👩‍👧 ann\"", Got: names.Reason, Exchange: "x4"}}

	unknown := requirement("WK-SYNC-34", "PROBE", "I", reports.Info, "an unknown uid")
	unknown.Reason = "200 with an empty array"
	unknown.Evidence = []reports.Evidence{{Spec: unknown.Statement, Observed: unknown.Reason, Exchange: "x1"}}

	stale := requirement("WK-SYNC-33", "SHOULD", "E", reports.Stale, "the answer's Content-Type is application/json")
	stale.Deviation = "Answers text/plain."
	stale.Reason = "deviations.yaml:7: the entry excuses what does not fail any more: delete it"
	stale.Specs[0].Verdict = reports.Pass
	return []reports.Requirement{empty, limit, unread, own, stale, unknown, names}
}

func otherRequirements() []reports.Requirement {
	of := func(endpoint string, r reports.Requirement, reason string) reports.Requirement {
		r.Endpoint, r.Reason = endpoint, reason
		r.Specs[0].Reason = reason
		return r
	}
	const clear, set, del, time = "POST /conversations/clearUnread", "POST /conversations/setUnread", "POST /conversations/delete", "over time"
	unjudged := of(time, requirement("WK-STATE-05", "SHOULD", "I", reports.NotTestable, "all of this holds at load, not only one request at a time"), "not yet judged: needs the load half")
	unjudged.Specs = []reports.Spec{}
	binary := of(set, requirement("WK-SET-01", "MUST", "D", reports.Pass, "success is HTTP 200"), "")
	binary.Flaky, binary.Deviation = true, "Answers 500 in the second of a restart. Now and then only: the restart is not parley's."
	binary.Evidence = []reports.Evidence{{Spec: "success is HTTP 200", Expected: "200", Got: "200", Exchange: "x5"}}
	return []reports.Requirement{
		of(clear, requirement("WK-CLEAR-01", "MUST", "D", reports.Pass, "200 with `{\"status\": \"ok\"}`"), ""),
		of(clear, requirement("WK-CLEAR-02", "MUST", "D", reports.Blocked, "unread is 0 afterwards"), "it builds on WK-SYNC-14, which does not hold"),
		of(clear, requirement("WK-CLEAR-10", "MUST", "D", reports.NotDeclared, "without permission: 403, and nothing changes (capability `auth`)"), "the target declares no credential that must be refused"),
		binary,
		of(set, requirement("WK-SET-04", "SHOULD", "I", reports.Error, "a later message adds one"), "panic in the spec: index out of range [3] with length 3"),
		of(del, requirement("WK-DEL-02", "MUST", "D", reports.NotRun, "the conversation is gone from a full sync"), "interrupted before its turn"),
		of(time, requirement("WK-STATE-02", "MUST", "I", reports.Indeterminate, "concurrent requests: the history of each conversation is linearizable against the same model"), "the checker gave up after 10 s"),
		unjudged,
	}
}

func exchanges() []reports.Exchange {
	const sync = "http://127.0.0.1:5001/conversation/sync"
	x := func(id, body string, status int, contentType string, answer []byte) reports.Exchange {
		return reports.Exchange{
			ID: id, Started: started.Add(time.Second), DurationMS: 3.2,
			Request: reports.Request{Method: "POST", URL: sync, Body: reports.NewBody([]byte(body)), Headers: []reports.Field{
				{Name: "Content-Type", Value: "application/json"}, {Name: "Token", Value: "$PARLEY_AUTH_VALUE"}}},
			Response: &reports.Response{Status: status, Body: reports.NewBody(answer), Headers: []reports.Field{{Name: "Content-Type", Value: contentType}}},
			Curl:     "curl -sS -i -X POST '" + sync + "' -H 'Content-Type: application/json' -H \"Token: $PARLEY_AUTH_VALUE\" --data-binary '" + body + "'",
		}
	}
	messages := strings.Repeat(`{"message_id":9007199254740993,"message_seq":1e2,"payload":"aGk="},`, 1200)
	hostile := x("x4", `{"uid":"p1a2b3c4d-ann","msg_count":1}`, 200, HostileHTML, []byte(strings.Join(Hostile[:6], "\n")))
	hostile.Response.Headers = append(hostile.Response.Headers, reports.Field{Name: "X-Name", Value: reports.Visible(HostileBytes)})
	binary := x("x5", `{"uid":"p1a2b3c4d-ann","unread":1}`, 200, "application/octet-stream", []byte("\x00\xff\x08\x96\x01 binary"))
	lost := x("x3", `{"uid":"p1a2b3c4d-ann","msg_count":0}`, 0, "", nil)
	lost.Response, lost.Error = nil, "POST "+sync+": no answer: read: connection reset by peer"
	return []reports.Exchange{
		x("x1", `{"uid":"p1a2b3c4d-nobody"}`, 200, "application/json", []byte("[]")),
		x("x2", `{"uid":"p1a2b3c4d-ann","msg_count":51}`, 200, "application/json; charset=utf-8",
			[]byte(`[{"channel_id":"p1a2b3c4d-g1","channel_type":2,"unread":60,"version":1773480414000000001,"recents":[`+messages[:len(messages)-1]+`]}]`)),
		lost, hostile, binary,
	}
}
