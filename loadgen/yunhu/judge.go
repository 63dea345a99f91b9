package yunhu

import (
	"sync"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// judge is one answer while it is looked at.
type judge struct {
	loadgen.Findings
	freshness time.Duration
}

// succeeded tells an HTTP status of success: no page names one, so that any of 2xx will do.
func succeeded(status int) bool { return status >= 200 && status < 300 }

// successRule is the statement that says what success is.
var successRule = [kinds]string{
	list: "YH-LIST-1", refresh: "YH-LIST-1", catchUp: "YH-LIST-1", dismiss: "YH-DISMISS-1", sortUp: "YH-SORT-1", remove: "YH-REMOVE-1",
}

// Judge implements loadgen.User.
func (u *user) Judge(answer loadgen.Answer, checked bool) loadgen.Judgement {
	u.judge.Begin(checked)
	u.judge.freshness = 0
	worked := answer.Err == nil && succeeded(answer.Status)
	switch {
	case u.doing >= dismiss:
		t := &u.talks[u.on]
		worked = worked && u.judgeEnvelope(t, answer.Body)
		u.changed(t, answer, worked)
	case worked:
		u.judgeList(answer)
	}
	return loadgen.Judgement{Findings: u.judge.All(), Freshness: u.judge.freshness}
}

// mostEnvelope is how long an answer of a small call may be: an envelope has some thirty bytes.
const mostEnvelope = 1 << 20

// judgeEnvelope judges the answer of a small call. It tells whether the call succeeded.
func (u *user) judgeEnvelope(t *talk, body []byte) bool {
	if string(body) == `{"code":1,"msg":"success"}` {
		return true // what nearly every answer is
	}
	if len(body) > mostEnvelope {
		u.judge.Find("YH-COM-4", "an answer of %d bytes, which is no envelope", len(body))
		return false
	}
	v, err := strictjson.Parse(body)
	if err != nil {
		u.judge.Find("YH-COM-4", "no JSON: %s: %v", shown(body), err)
		return false
	}
	code, ok := v.Get("code").Int64()
	if v.Kind != strictjson.Object || !ok || v.Get("msg").Kind != strictjson.String {
		u.judge.Find("YH-COM-4", "%s with %s as code and %s as msg, where an integer and a string belong",
			v.Describe(), v.Get("code").Describe(), v.Get("msg").Describe())
		return false
	}
	u.judgeCode(t, code, v.Get("msg").Text)
	return code == wire.CodeSuccess
}

// judgeCode judges what an envelope says.
func (u *user) judgeCode(t *talk, code int64, msg string) {
	rule := successRule[u.doing]
	if u.doing == dismiss && u.mayHaveBeenRead(t) {
		rule = "YH-DISMISS-4" // whether what is read can be set to read again is asked for there
	}
	switch {
	case code == wire.CodeSuccess && msg == wire.MsgSuccess:
		return
	case code == wire.CodeSuccess:
		u.judge.Lesser(rule, "msg %s, where the examples say success", shown([]byte(msg)))
		return
	}
	u.judge.Find(rule, "code %d and msg %s", code, shown([]byte(msg)))
	if code != wire.CodeSuccess && msg == wire.MsgSuccess {
		u.judge.Find("YH-COM-3", "msg says success, and code is %d", code)
	}
	if code >= 1<<31 {
		u.judge.Find("YH-COM-8", "code %d, which is the unsigned twin of %d", code, int32(uint32(code)))
	}
}

// mayHaveBeenRead tells whether somebody has dismissed the conversation before.
func (u *user) mayHaveBeenRead(t *talk) bool {
	return t.done&dismissed != 0 || t.unread == fading || t.unread == zero && !u.w.Certain(int(t.chat))
}

// causeOf is what a change may be the cause of.
var causeOf = [kinds]causes{dismiss: dismissed, sortUp: sorted, remove: removed}

// changed remembers what a change did, or may have done.
func (u *user) changed(t *talk, answer loadgen.Answer, worked bool) {
	t.changed = u.w.moment(answer.Ended)
	u.touched = t.changed
	u.since |= causeOf[u.doing]
	if !worked {
		u.doubt(t)
		return
	}
	u.watch(t, answer.Started)
	t.done |= causeOf[u.doing]
	switch u.doing {
	case dismiss:
		t.unread = zero
	case remove:
		t.presence = gone
	}
}

// doubt is what is known after a change whose answer does not say success: nobody can say when it is done, if ever.
func (u *user) doubt(t *talk) {
	u.lost = true
	switch {
	case u.doing == dismiss && t.unread != zero:
		t.unread = fading
	case u.doing == remove && t.presence != gone:
		t.presence = leaving
	}
}

// watch follows a change until a list shows it: one at a time, and only one that can be seen.
func (u *user) watch(t *talk, began time.Time) {
	if u.follow.kind != list || u.doing == dismiss && t.views[latest] != notRead {
		return
	}
	u.follow = follow{kind: u.doing, on: u.on, began: began, place: t.place, entered: t.entered}
}

// scratch is memory for lists while they are read: few are at a time, however many users there are.
var scratch = sync.Pool{New: func() any { return new(answered) }}
