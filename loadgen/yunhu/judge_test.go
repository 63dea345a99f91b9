package yunhu

import (
	"bytes"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
	"github.com/parley-im/parley/specs/catalog"
)

// judged leaves out what is no more than observed in a profile: it is no finding.
func judged(t testing.TB, profile string, ids []string) []string {
	t.Helper()
	statements, err := loadgen.StatementsOf("yunhu", profile)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return statements[id] == catalog.Probe })
}

// known is the user of a population who has just seen the list, a group and two direct chats, all of them unread.
func known(t testing.TB, profile string) *user {
	t.Helper()
	plan := &fixtures.Plan{Population: fixtures.Population{Run: "p1a2b3c4d", Users: 4}, Chats: []fixtures.Chat{
		{Type: 2, Members: []int32{0, 1, 2}, Messages: 2}, {Type: 1, Members: []int32{1, 0}, Messages: 3}, {Type: 1, Members: []int32{2, 0}, Messages: 1},
	}}
	w, err := New(loadgen.Setup{Plan: plan, Profile: profile, Weights: map[string]float64{"list": 1}, Known: true})
	if err != nil {
		t.Fatal(err)
	}
	u := &w.users[0]
	u.Next()
	if j := u.Judge(ok(wire.AppendList(nil, wire.List{Data: right(), Tag: "t1"})), true); len(j.Findings) > 0 {
		t.Fatalf("the first list is right, and broke %v", j.Findings)
	}
	return u
}

// right is what the list of known's user must show.
func right() []*pb.Conversation {
	const ms = 1_766_000_000_000
	return []*pb.Conversation{
		{ChatId: "p1a2b3c4d-c0", ChatType: 2, TimestampMs: ms, Timestamp: ms / 1000, Unread: 1},
		{ChatId: "p1a2b3c4d-u1", ChatType: 1, TimestampMs: ms, Timestamp: ms / 1000, Unread: 1},
		{ChatId: "p1a2b3c4d-u2", ChatType: 1, TimestampMs: ms, Timestamp: ms / 1000, Unread: 1},
	}
}

func ok(body []byte) loadgen.Answer {
	return loadgen.Answer{Status: http.StatusOK, Body: body, Started: time.Now(), Ended: time.Now()}
}

// does lets the user make a request and gives what its answer breaks.
func (u *user) does(what kind, on int, answer loadgen.Answer) []loadgen.Finding {
	u.doing, u.on, u.asked = what, on, noTag
	switch what {
	case list, refresh, catchUp:
		u.renderList()
	default:
		u.renderChange()
	}
	return u.Judge(answer, true).Findings
}

func ids(findings []loadgen.Finding) (ids []string) {
	for _, f := range findings {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

// edited is a right list after a change to its conversations.
func edited(change func([]*pb.Conversation) []*pb.Conversation) []byte {
	return wire.AppendList(nil, wire.List{Data: change(right()), Tag: "t2"})
}

// each changes one conversation of a right list, the group.
func each(change func(*pb.Conversation)) []byte {
	return edited(func(all []*pb.Conversation) []*pb.Conversation { change(all[0]); return all })
}

func TestWhatAListSaysIsJudged(t *testing.T) {
	huge := []byte{0x12, 0xff, 0xff, 0xff, 0xff, 0x7f}
	status := func(code uint64) []byte {
		inner := protowire.AppendString(append([]byte{0x10}, protowire.AppendVarint(nil, code)...), "")
		return protowire.AppendBytes([]byte{0x0a}, inner[:len(inner)-1])
	}
	for _, c := range []struct {
		name string
		body []byte
		ids  string
	}{
		{"it is right", edited(func(all []*pb.Conversation) []*pb.Conversation { return all }), ""},
		{"nothing", nil, "YH-LIST-2"},
		{"spaces", []byte(" \n"), "YH-LIST-1"},
		{"JSON", []byte(` {"code":1}`), "YH-LIST-1"},
		{"JSON that breaks off", []byte(`{`), "YH-LIST-1"},
		{"a web page", []byte("<html>no</html>"), "YH-LIST-1 YH-LIST-17"},
		{"a length past the end", []byte{0x0a, 0x7f}, "YH-LIST-1 YH-LIST-17"},
		{"a huge length", huge, "YH-LIST-1 YH-LIST-17"},
		{"a varint without an end", bytes.Repeat([]byte{0xff}, 1<<16), "YH-LIST-1 YH-LIST-17"},
		{"field 0", []byte{0x00, 0x01}, "YH-LIST-1 YH-LIST-17"},
		{"a group that ends without a beginning", []byte{0x0c}, "YH-LIST-1 YH-LIST-17"},
		{"a group for a status", []byte{0x0b, 0x0c}, "YH-LIST-1"},
		{"groups without an end", bytes.Repeat([]byte{0xa3, 0x06}, 1<<16), "YH-LIST-1 YH-LIST-17"},
		{"a status that is a number", []byte{0x08, 0x01}, "YH-LIST-1"},
		{"an id that is a number", []byte{0x12, 0x02, 0x08, 0x01}, "YH-LIST-1"},
		{"inside at_data", []byte{0x12, 0x04, 0x72, 0x02, 0x12, 0x7f}, "YH-LIST-1 YH-LIST-17"},
		{"a hundred thousand empty conversations", append(wire.AppendList(nil, wire.List{}), bytes.Repeat([]byte{0x12, 0x00}, 100_000)...), "YH-LIST-3 YH-LIST-4 YH-LIST-5"},
		{"a refusal", status(1<<64 - 101), "YH-LIST-2"},
		{"a refusal written unsigned", status(1<<32 - 101), "YH-COM-8 YH-LIST-2"},
		{"a text that is no UTF-8", append(wire.AppendList(nil, wire.List{Data: right(), Tag: "t2"}), 0x22, 0x01, 0xff), "YH-LIST-17"},
		{"one is missing", edited(func(all []*pb.Conversation) []*pb.Conversation { return all[1:] }), "YH-LIST-3"},
		{"a stranger's", each(func(p *pb.Conversation) { p.ChatId = "p1a2b3c4d-u3"; p.ChatType = 1 }), "YH-ISO-1 YH-LIST-3"},
		{"nobody's", each(func(p *pb.Conversation) { p.ChatId = "7356666" }), "YH-LIST-3"},
		{"a welcome beside them", edited(func(all []*pb.Conversation) []*pb.Conversation {
			return append(all, &pb.Conversation{ChatId: "100000001", ChatType: 3, TimestampMs: 1_700_000_000_000, Timestamp: 1_700_000_000, Unread: 1})
		}), ""},
		{"of another kind", each(func(p *pb.Conversation) { p.ChatType = 1 }), "YH-LIST-4"},
		{"of no kind", each(func(p *pb.Conversation) { p.ChatType = 1<<64 - 1 }), "YH-LIST-4"},
		{"certified as nothing known", each(func(p *pb.Conversation) { p.CertificationLevel = 3 }), "YH-LIST-8"},
		{"silent", each(func(p *pb.Conversation) { p.DoNotDisturb = 1 }), "YH-LIST-6"},
		{"very silent", each(func(p *pb.Conversation) { p.DoNotDisturb = 2 }), "YH-LIST-6"},
		{"mentioned", each(func(p *pb.Conversation) { p.At, p.AtData = 1, &pb.Mention{MsgSeq: 1} }), "YH-LIST-6"},
		{"mentioned by nobody", each(func(p *pb.Conversation) { p.At, p.AtData = 1, &pb.Mention{} }), "YH-LIST-6 YH-LIST-9"},
		{"read by itself", each(func(p *pb.Conversation) { p.Unread = 0 }), "YH-STATE-1"},
		{"unread below zero", each(func(p *pb.Conversation) { p.Unread = 1<<64 - 1 }), "YH-LIST-7"},
		{"older before newer", each(func(p *pb.Conversation) { p.TimestampMs-- }), ""},
		{"without times", each(func(p *pb.Conversation) { p.TimestampMs, p.Timestamp = 0, 0 }), "YH-LIST-5"},
	} {
		for _, profile := range []string{"2025", "2026"} {
			got := strings.Join(ids(known(t, profile).does(list, -1, ok(c.body))), " ")
			if want := strings.Join(judged(t, profile, strings.Fields(c.ids)), " "); got != want {
				t.Errorf("%s in %s: %q, want %q", c.name, profile, got, want)
			}
		}
	}
}

func TestWhatAnEnvelopeSaysIsJudged(t *testing.T) {
	for _, c := range []struct{ name, body, ids string }{
		{"it is right", `{"code":1,"msg":"success"}`, ""},
		{"more members", "{ \"data\": null,\n\"msg\" : \"success\", \"code\": 1 }\n", ""},
		{"nothing", "", "YH-COM-4"},
		{"an array", "[]", "YH-COM-4"},
		{"it breaks off", `{"code":1,"msg":"succ`, "YH-COM-4"},
		{"a key twice", `{"code":0,"code":1,"msg":"success"}`, "YH-COM-4"},
		{"code as text", `{"code":"1","msg":"success"}`, "YH-COM-4"},
		{"msg null", `{"code":1,"msg":null}`, "YH-COM-4"},
		{"no UTF-8", "{\"code\":1,\"msg\":\"\xff\"}", "YH-COM-4"},
		{"deep", strings.Repeat("[", 1<<16), "YH-COM-4"},
		{"long", `{"code":1,"msg":"success"}` + strings.Repeat(" ", mostEnvelope), "YH-COM-4"},
		{"a code beyond 64 bits", `{"code":18446744073709551515,"msg":"no"}`, "YH-COM-4"},
		{"a refusal", `{"code":-1,"msg":"no"}`, "RULE"},
		{"a refusal that says success", `{"code":0,"msg":"success"}`, "RULE YH-COM-3"},
		{"a refusal written unsigned", `{"code":4294967195,"msg":"no"}`, "RULE YH-COM-8"},
		{"another text", `{"code":1,"msg":"ok"}`, "RULE"},
	} {
		for what, rule := range map[kind]string{dismiss: "YH-DISMISS-1", sortUp: "YH-SORT-1", remove: "YH-REMOVE-1"} {
			want := strings.Fields(strings.ReplaceAll(c.ids, "RULE", rule))
			want = judged(t, "2026", want)
			slices.Sort(want)
			if got := ids(known(t, "2026").does(what, 1, ok([]byte(c.body)))); !slices.Equal(got, want) {
				t.Errorf("%s to %s: %v, want %v", c.name, operations[what].Name, got, want)
			}
		}
	}
}

// TestAHostileListIsBounded: two bytes on the wire can be a conversation.
func TestAHostileListIsBounded(t *testing.T) {
	u := known(t, "2026")
	hostile := ok(append(wire.AppendList(nil, wire.List{}), bytes.Repeat([]byte{0x12, 0x00}, 4<<20)...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if found := ids(u.does(list, -1, hostile)); !slices.Contains(found, "YH-LIST-3") {
		t.Errorf("four million conversations broke %v", found)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d KiB were used", used>>10)
	}
}

// TestAnErrorIsNoAnswer: what came with a status that is no success says nothing, and nothing is remembered of it.
func TestAnErrorIsNoAnswer(t *testing.T) {
	for what := range kinds {
		u := known(t, "2026")
		broken := ok(wire.AppendList(nil, wire.List{}))
		broken.Status = http.StatusInternalServerError
		if found := u.does(what, 0, broken); len(found) > 0 {
			t.Errorf("%s: %v", operations[what].Name, found)
		}
		if found := u.does(list, -1, ok(wire.AppendList(nil, wire.List{Data: right(), Tag: "t1"}))); len(found) > 0 {
			t.Errorf("after %s: %v", operations[what].Name, found)
		}
	}
}

// FuzzJudge gives every call any answer. Nothing may panic, and the reader of lists must agree with protobuf's own.
func FuzzJudge(f *testing.F) {
	f.Add(wire.AppendList(nil, wire.List{Data: right(), Tag: "t1"}))
	f.Add(wire.AppendUnchanged(nil, "t1"))
	f.Add([]byte(`{"code":1,"msg":"success","more":[{}]}`))
	for _, seed := range []string{"\x0a\x7f", "\x12\x00\x12\x00", "\x0b\x0c", "\xa3\x06\xa4\x06", "\x12\x04\x72\x02\x12\x00", "\x18\x80\x80\x00", "\x12\x03\x0a\x01\xff", "{", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		u := known(t, "2026")
		for what := range kinds {
			u.does(what, int(what)%len(u.talks), ok(body))
		}
		var a answered
		a.read(body, len(body))
		var l pb.ListResponse
		err := proto.Unmarshal(body, &l)
		if a.malformed && err == nil {
			t.Errorf("%x: %s, and the library reads it", body, a.trouble)
		}
		if a.trouble == "" && a.foul == "" && err == nil {
			if len(a.items) != len(l.Data) || a.total != l.Total || string(a.tag) != l.Tag || int64(a.code) != l.Status.GetCode() {
				t.Errorf("%x: read as %+v, and the library has %v", body, a, &l)
			}
		}
	})
}

// BenchmarkJudge is what looking at a list of twenty conversations costs.
func BenchmarkJudge(b *testing.B) {
	const chats = 20
	plan := &fixtures.Plan{Population: fixtures.Population{Run: "p1a2b3c4d", Users: chats + 1}}
	var data []*pb.Conversation
	for i := range chats {
		plan.Chats = append(plan.Chats, fixtures.Chat{Type: fixtures.GroupType, Members: []int32{1, 0, 2}, Messages: 1})
		data = append(data, &pb.Conversation{ChatId: plan.ChatID(i), ChatType: fixtures.GroupType, Name: plan.ChatID(i),
			ChatContent: strings.Repeat("云湖 ", 20), TimestampMs: 1_766_000_000_000, Timestamp: 1_766_000_000, Unread: 1})
	}
	w, err := New(loadgen.Setup{Plan: plan, Profile: "2026", Weights: map[string]float64{"list": 1}, Known: true})
	if err != nil {
		b.Fatal(err)
	}
	u, answer := &w.users[0], ok(wire.AppendList(nil, wire.List{Data: data, Tag: "t"}))
	b.SetBytes(int64(len(answer.Body)))
	b.ReportAllocs()
	for b.Loop() {
		u.Next()
		if j := u.Judge(answer, true); len(j.Findings) > 0 {
			b.Fatal(j.Findings)
		}
	}
}
