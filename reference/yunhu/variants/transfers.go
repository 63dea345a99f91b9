package variants

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// otherDigest writes digests with a prefix, and takes it off again from what is asked with.
func otherDigest(_ *fault.Chance, honest http.Handler) http.Handler {
	const prefix = "v2/摘要:"
	return around(honest, func(a *answer, ask func()) {
		if md5, err := wire.DecodeListRequest(a.Body); err == nil && a.Path == listPath && strings.HasPrefix(md5, prefix) {
			a.Body = wire.AppendListRequest(nil, strings.TrimPrefix(md5, prefix))
		}
		ask()
		if l, ok := a.list(); ok && l.Tag != "" {
			l.Tag = prefix + l.Tag
			a.Answer = written(l)
		}
	})
}

// rewritten writes a list field by field in another way.
func rewritten(write func(chance *fault.Chance, l *pb.ListResponse) []byte) func(*fault.Chance, http.Handler) http.Handler {
	return answers(func(chance *fault.Chance, a *answer) {
		if l, ok := a.list(); ok {
			a.Answer = write(chance, l)
		}
	})
}

// assembled is a list of its parts: status, conversations, and the rest.
func assembled(l *pb.ListResponse, conversation func(*pb.Conversation) []byte) (status []byte, data [][]byte, rest []byte) {
	status = written(&pb.ListResponse{Status: l.Status})
	for _, p := range l.Data {
		data = append(data, protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), conversation(p)))
	}
	return status, data, written(&pb.ListResponse{Total: l.Total, Tag: l.Tag})
}

func plainly(p *pb.Conversation) []byte { return written(p) }

// withZeros is a conversation in which every number that is zero is written, in more bytes than it needs.
func withZeros(p *pb.Conversation) []byte {
	out := written(p)
	for number, n := range map[protowire.Number]uint64{6: p.Unread, 7: p.At, 8: p.AvatarId, 11: p.DoNotDisturb, 16: p.CertificationLevel} {
		if n == 0 {
			out = append(protowire.AppendTag(out, number, protowire.VarintType), 0x80, 0x80, 0)
		}
	}
	return out
}

// withStrangers is a conversation with fields that no document names, of every wire type.
func withStrangers(p *pb.Conversation) []byte {
	out := protowire.AppendVarint(protowire.AppendTag(nil, 13, protowire.VarintType), 1)
	out = protowire.AppendString(protowire.AppendTag(out, 10, protowire.BytesType), "\xff\xfe")
	out = append(out, written(p)...)
	out = protowire.AppendFixed64(protowire.AppendTag(out, 99, protowire.Fixed64Type), 7)
	out = protowire.AppendTag(protowire.AppendTag(out, 77, protowire.StartGroupType), 77, protowire.EndGroupType)
	return protowire.AppendFixed32(protowire.AppendTag(out, 1<<29-1, protowire.Fixed32Type), 7)
}

var encodings = []Variant{
	{Name: "zeros-written", Summary: "zeros are written, in long varints", Freedom: "proto3 lets a zero stand or be left out", Choice: "encoding",
		handler: rewritten(func(_ *fault.Chance, l *pb.ListResponse) []byte {
			status, data, rest := assembled(l, withZeros)
			return bytes.Join([][]byte{status, bytes.Join(data, nil), rest}, nil)
		})},
	{Name: "unknown-fields", Summary: "there are fields that no document names", Freedom: "unknown fields must be tolerated", Choice: "encoding",
		handler: rewritten(func(_ *fault.Chance, l *pb.ListResponse) []byte {
			status, data, rest := assembled(l, withStrangers)
			return bytes.Join([][]byte{status, bytes.Join(data, nil), rest}, nil)
		})},
	{Name: "fields-backwards", Summary: "total and digest stand first, the status last", Freedom: "protobuf fields have no order", Choice: "encoding",
		handler: rewritten(func(_ *fault.Chance, l *pb.ListResponse) []byte {
			status, data, rest := assembled(l, plainly)
			return bytes.Join([][]byte{rest, bytes.Join(data, nil), status}, nil)
		})},
	{Name: "last-one-wins", Summary: "total and unread stand twice, the last one right", Freedom: "of a field that stands twice the last one counts", Choice: "encoding",
		handler: rewritten(func(_ *fault.Chance, l *pb.ListResponse) []byte {
			status, data, rest := assembled(l, func(p *pb.Conversation) []byte {
				wrong := &pb.Conversation{Unread: p.Unread + 7, TimestampMs: 1}
				right := proto.Clone(p).(*pb.Conversation)
				out := append(written(wrong), written(right)...)
				if p.Unread == 0 {
					out = protowire.AppendVarint(protowire.AppendTag(out, 6, protowire.VarintType), 0)
				}
				return out
			})
			wrong := written(&pb.ListResponse{Total: l.Total + 5})
			if l.Total == 0 {
				rest = protowire.AppendVarint(protowire.AppendTag(rest, 3, protowire.VarintType), 0)
			}
			return bytes.Join([][]byte{wrong, status, bytes.Join(data, nil), rest}, nil)
		})},
}

// replicas are eventual: each user's list is behind, and catches up as it is asked for.
var replicas = []Variant{
	{Name: "late-lists", Summary: "a changed list shows at the third request", Freedom: "a target may declare itself eventual", Eventual: true, handler: late},
}

// late keeps of each token the list that it was shown last.
func late(_ *fault.Chance, honest http.Handler) http.Handler {
	type view struct {
		shown  *pb.ListResponse
		behind int
	}
	var mu sync.Mutex
	views := map[string]*view{}
	return around(honest, func(a *answer, ask func()) {
		known, err := wire.DecodeListRequest(a.Body)
		if a.Path != listPath || err != nil {
			ask()
			return
		}
		a.Body = nil
		ask()
		l, ok := a.list()
		if !ok {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		v := views[a.Header.Get("token")]
		if v == nil {
			v = &view{shown: &pb.ListResponse{Status: l.Status, Tag: wire.Digest(nil)}}
			views[a.Header.Get("token")] = v
		}
		if wire.Digest(v.shown.Data) == wire.Digest(l.Data) {
			v.behind = 0
		} else if v.behind++; v.behind > 2 {
			v.shown, v.behind = l, 0
		}
		a.Answer = written(v.shown)
		if known != "" && known == v.shown.Tag {
			a.Answer = wire.AppendUnchanged(nil, known)
		}
	})
}

var envelopes = []Variant{
	{Name: "status-401", Summary: "a refusal for the token has HTTP status 401", Freedom: "the HTTP status that goes with -101 is not documented", Choice: "refusal for the token",
		handler: notLoggedIn(func(a *answer, e wire.Envelope) { a.Status = http.StatusUnauthorized })},
	{Name: "status-403-in-english", Summary: "a refusal for the token has HTTP status 403 and an English text", Freedom: "the HTTP status that goes with -101 is not documented", Choice: "refusal for the token",
		handler: notLoggedIn(func(a *answer, e wire.Envelope) { a.says(http.StatusForbidden, e.Code, "not logged in") })},
	{Name: "refusal-in-protobuf", Summary: "list refuses in a protobuf status", Freedom: "clients take both forms", Choice: "refusal for the token",
		handler: notLoggedIn(func(a *answer, e wire.Envelope) {
			if a.Path == listPath {
				a.Answer = written(&pb.ListResponse{Status: &pb.Status{Code: e.Code, Msg: e.Msg}})
				a.AnswerHeader.Set("Content-Type", "application/x-protobuf")
			}
		})},
	{Name: "bad-request-400", Summary: "a bad body has HTTP status 400 and code -1", Freedom: "the code and HTTP status of a bad body are not documented",
		handler: enveloped(func(_ *fault.Chance, a *answer, e wire.Envelope) {
			if e.Code == wire.CodeBadParameters && a.Status == http.StatusOK {
				a.says(http.StatusBadRequest, wire.CodeFailed, "请求参数错误")
			}
		})},
	{Name: "method-405", Summary: "a wrong method is answered with 405 and HTML", Freedom: "405 is as good as 404", handler: answers(func(_ *fault.Chance, a *answer) {
		if a.Status == http.StatusNotFound && a.Method != http.MethodPost && strings.HasPrefix(a.Path, "/v1/conversation/") {
			a.Status, a.Answer = http.StatusMethodNotAllowed, []byte("<html>no</html>")
			a.AnswerHeader.Set("Content-Type", "text/html")
		}
	})},
	{Name: "more-members", Summary: "envelopes have more members, in another order, with white space", Freedom: "a reader ignores what it does not know",
		handler: enveloped(func(_ *fault.Chance, a *answer, e wire.Envelope) {
			a.Answer = fmt.Appendf(nil, "{ \"data\": null,\n\t\"msg\" : %q, \"request_id\": \"abc\",\r\n \"code\":%d }\n", e.Msg, e.Code)
		})},
}

func notLoggedIn(edit func(*answer, wire.Envelope)) func(*fault.Chance, http.Handler) http.Handler {
	return enveloped(func(_ *fault.Chance, a *answer, e wire.Envelope) {
		if e.Code == wire.CodeNotLoggedIn {
			edit(a, e)
		}
	})
}

// otherSuccess gives a success another HTTP status.
func otherSuccess(_ *fault.Chance, a *answer) {
	e, err := wire.DecodeEnvelope(a.Answer)
	switch _, isList := a.list(); {
	case isList:
		a.Status = http.StatusAccepted
	case err == nil && e.Code == wire.CodeSuccess:
		a.Status = http.StatusCreated
	}
}

var transfers = []Variant{
	{Name: "other-2xx", Summary: "a success has HTTP status 201, or 202 of list", Freedom: "no page names an HTTP status", handler: answers(otherSuccess)},
	{Name: "json-charset", Summary: "JSON is sent with a charset", Freedom: "a Content-Type may have parameters", handler: contentType("application/json", "application/json; charset=utf-8")},
	{Name: "octet-stream", Summary: "the list is sent as application/octet-stream", Freedom: "the list's Content-Type is not documented", Choice: "the list's type",
		handler: contentType("application/x-protobuf", "application/octet-stream")},
	{Name: "list-as-plain-text", Summary: "the list is sent as text/plain", Freedom: "the list's Content-Type is not documented", Choice: "the list's type",
		handler: contentType("application/x-protobuf", "text/plain; charset=utf-8")},
}

func contentType(from, to string) func(*fault.Chance, http.Handler) http.Handler {
	return answers(func(_ *fault.Chance, a *answer) {
		if a.AnswerHeader.Get("Content-Type") == from {
			a.AnswerHeader.Set("Content-Type", to)
		}
	})
}
