package faults

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// servedBy makes a call take another method than POST, in its place or beside it.
func servedBy(path, method string, beside bool) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		switch {
		case c.Method == method:
			c.Method = http.MethodPost
		case c.Method == http.MethodPost && !beside:
			c.Method = http.MethodGet
		}
		next()
	})
}

var calls = []Fault{
	{Fault: named("dismiss-by-get", "dismiss-notification is served by GET, and POST is not found", "YH-COM-1", "YH-COM-6"),
		Handler: servedBy(dismissPath, http.MethodGet, false)},
	{Fault: named("list-redirects", "list sends POST on to the same path with a slash at its end", "YH-COM-1"),
		Handler: around(listPath, func(c *call, next func()) {
			if next(); c.Method == http.MethodPost && c.Status == http.StatusOK {
				c.Status, c.Answer = http.StatusTemporaryRedirect, nil
				c.AnswerHeader.Set("Location", listPath+"/")
			}
		})},
	{Fault: named("get-served", "every call takes GET as well", "YH-COM-6"), Handler: servedBy("", http.MethodGet, true)},
	{Fault: named("put-served-on-list", "list takes PUT as well", "YH-COM-6"), Handler: servedBy(listPath, http.MethodPut, true)},
	{Fault: named("wrong-method-200", "a wrong method is answered with 200 and an error in the body", "YH-COM-6"),
		Handler: answering("", func(c *call) {
			if c.Method != http.MethodPost && strings.HasPrefix(c.Path, "/v1/conversation/") {
				c.Status = http.StatusOK
			}
		})},
}

var tokens = []Fault{
	{Fault: named("anonymous-success", "the JSON calls say success without a token", "YH-COM-2", "YH-COM-3", "YH-COM-5", "YH-DISMISS-7", "YH-SORT-5"),
		Handler: refusing("", func(c *call) {
			if c.Path != listPath {
				c.says(http.StatusOK, wire.CodeSuccess, wire.MsgSuccess)
			}
		})},
	{Fault: named("half-token-accepted", "a token is accepted by its first half", "YH-COM-2", "YH-COM-5", "YH-LIST-16", "YH-DISMISS-7", "YH-SORT-5"),
		Handler: learning(func(l *learned, c *call, next func()) {
			given := c.Header.Get("token")
			whole, ok := l.find(func(_, token string) bool {
				return len(given) > 3 && len(given) == len(token)/2 && strings.HasPrefix(token, given)
			})
			if ok {
				c.Header.Set("token", whole)
			}
			next()
		})},
	{Fault: named("similar-token-accepted", "a token with one wrong letter is accepted", "YH-COM-2", "YH-LIST-16"),
		Handler: learning(func(l *learned, c *call, next func()) {
			if whole, ok := l.find(func(_, token string) bool { return similar(token, c.Header.Get("token")) }); ok {
				c.Header.Set("token", whole)
			}
			next()
		})},
	{Fault: named("user-id-as-token", "a user's id does as a token", "YH-COM-2", "YH-COM-5", "YH-LIST-16"),
		Handler: learning(func(l *learned, c *call, next func()) {
			if whole, ok := l.find(func(uid, _ string) bool { return uid == c.Header.Get("token") }); ok {
				c.Header.Set("token", whole)
			}
			next()
		})},
	{Fault: named("refused-but-done", "dismiss-notification with half a token says -101, and dismisses", "YH-COM-2", "YH-DISMISS-7"),
		Handler: learning(func(l *learned, c *call, next func()) {
			given := c.Header.Get("token")
			whole, ok := l.find(func(_, token string) bool {
				return len(given) > 3 && len(given) == len(token)/2 && strings.HasPrefix(token, given)
			})
			if ok && c.Path == dismissPath {
				c.Header.Set("token", whole)
			}
			if next(); ok && c.Path == dismissPath {
				c.says(http.StatusOK, wire.CodeNotLoggedIn, wire.MsgNotLoggedIn)
			}
		})},
	{Fault: named("code-401", "the code without a token is 401", "YH-COM-5", "YH-DISMISS-7", "YH-LIST-16", "YH-SORT-5"),
		Handler: refusing("", func(c *call) { c.says(http.StatusOK, 401, wire.MsgNotLoggedIn) })},
	{Fault: named("bare-401", "the answer without a token is HTTP 401 without a body", "YH-COM-5", "YH-LIST-16"),
		Handler: refusing("", func(c *call) { c.Status, c.Answer = http.StatusUnauthorized, nil })},
	{Fault: named("dismiss-code-minus-1", "dismiss-notification says -1 without a token", "YH-COM-5", "YH-DISMISS-7"),
		Handler: refusing(dismissPath, func(c *call) { c.says(http.StatusOK, wire.CodeFailed, wire.MsgNotLoggedIn) })},
	{Fault: named("sort-code-minus-1", "sort-change says -1 where the token is empty", "YH-COM-5", "YH-SORT-5"),
		Handler: refusing(sortPath, func(c *call) {
			if c.Header.Get("token") == "" {
				c.says(http.StatusOK, wire.CodeFailed, wire.MsgNotLoggedIn)
			}
		})},
	{Fault: named("anonymous-empty-list", "list without a token is an empty list that says success", "YH-COM-2", "YH-COM-3", "YH-LIST-16"),
		Handler: refusing(listPath, func(c *call) { c.Status, c.Answer = http.StatusOK, wire.AppendList(nil, wire.List{}) })},
	{Fault: named("refused-list-with-data", "list without a token says -101 in a protobuf status, beside a conversation", "YH-COM-2", "YH-LIST-16"),
		Handler: refusing(listPath, func(c *call) {
			c.Answer = written(&pb.ListResponse{Status: &pb.Status{Code: -101}, Data: []*pb.Conversation{{ChatId: "7356666", ChatType: 1}}, Total: 1})
		})},
	{Fault: named("status-code-32-bit", "the code of a refused list is -101 cut to 32 bits", "YH-COM-8", "YH-LIST-16"),
		Handler: refusing(listPath, func(c *call) { c.Answer = refusedStatus(1<<32 - 101) })},
	{Fault: named("code-unsigned", "the code without a token is 4294967195", "YH-COM-8", "YH-COM-5"),
		Handler: refusing("", func(c *call) { c.says(http.StatusOK, 1<<32-101, wire.MsgNotLoggedIn) })},
	{Fault: named("code-unsigned-64", "sort-change says 18446744073709551515 without a token", "YH-COM-8", "YH-COM-4"),
		Handler: refusing(sortPath, func(c *call) { c.Answer = []byte(`{"code":18446744073709551515,"msg":"no"}`) })},
}

// similar tells two texts that differ in one letter.
func similar(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	return differ == 1
}

// refusedStatus is a list that refuses with a code written as it is given.
func refusedStatus(code uint64) []byte {
	status := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), code)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), status)
}

// rewriting replaces a piece of an envelope.
func rewriting(old, with string) func(*call) {
	return func(c *call) { c.Answer = bytes.Replace(c.Answer, []byte(old), []byte(with), 1) }
}

var envelopes = []Fault{
	{Fault: named("code-0", "the JSON calls say code 0 where they succeed", "YH-COM-3", "YH-DISMISS-1", "YH-SORT-1"),
		Handler: succeeding("", rewriting(`"code":1`, `"code":0`))},
	{Fault: named("code-200", "sort-change says code 200 where it succeeds", "YH-COM-3", "YH-SORT-1"),
		Handler: succeeding(sortPath, rewriting(`"code":1`, `"code":200`))},
	{Fault: named("refusal-says-1", "a refused call says code 1, and in msg that it was refused", "YH-COM-3", "YH-COM-5"),
		Handler: refusing("", rewriting(`"code":-101`, `"code":1`))},
	{Fault: named("code-as-text", "code is a string", "YH-COM-4"), Handler: succeeding("", rewriting(`"code":1`, `"code":"1"`))},
	{Fault: named("code-with-fraction", "code is written 1.0", "YH-COM-4"), Handler: succeeding("", rewriting(`"code":1`, `"code":1.0`))},
	{Fault: named("refusal-without-msg", "a refused JSON call has no msg", "YH-COM-4"),
		Handler: refusing("", func(c *call) {
			if c.Path != listPath {
				c.Answer = []byte(`{"code":` + strconv.Itoa(wire.CodeNotLoggedIn) + `}`)
			}
		})},
	{Fault: named("msg-null", "msg is null where a chat with a user is dismissed", "YH-DISMISS-1"),
		Handler: succeeding(dismissPath, func(c *call) {
			if strings.HasSuffix(c.chatID(), "-bob") {
				c.Answer = []byte(`{"code":1,"msg":null}`)
			}
		})},
}
