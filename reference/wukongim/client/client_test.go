package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/wukongim/client"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func TestEveryCallAgainstTheReference(t *testing.T) {
	target := httptest.NewServer(server.New(server.Options{Token: "secret"}))
	defer target.Close()
	c := &client.Client{BaseURL: target.URL + "/", Header: http.Header{"Token": {"secret"}}}
	ctx := context.Background()
	did := func(what string, x *exchange.Exchange, err error) {
		t.Helper()
		if err != nil || x.Status() != http.StatusOK {
			t.Fatalf("%s: %v, %s", what, err, x.Summary())
		}
	}
	_, x, err := c.UserToken(ctx, wire.UserTokenRequest{UID: "ann", Token: "t"})
	did("user token", x, err)
	_, x, err = c.CreateChannel(ctx, wire.ChannelRequest{ChannelID: "g", ChannelType: 2, Subscribers: []string{"ann"}})
	did("create channel", x, err)
	_, x, err = c.AddSubscribers(ctx, wire.SubscribersRequest{ChannelID: "g", ChannelType: 2, Subscribers: []string{"bob"}})
	did("add subscribers", x, err)
	sent, x, err := c.Send(ctx, wire.SendRequest{FromUID: "bob", ChannelID: "g", ChannelType: 2, Payload: []byte{0, 255}, ClientMsgNo: "c1"})
	did("send", x, err)

	all, x, err := c.Sync(ctx, wire.SyncRequest{UID: "ann", MsgCount: 5})
	did("sync", x, err)
	if len(all) != 1 || all[0].Unread != 1 || len(all[0].Recents) != 1 {
		t.Fatalf("sync gave %+v, want the group with 1 unread message", all)
	}
	want := wire.Message{
		MessageID: sent.MessageID, MessageSeq: 1, ClientMsgNo: "c1", FromUID: "bob", Timestamp: all[0].Timestamp, Payload: []byte{0, 255},
	}
	if d := cmp.Diff(want, all[0].Recents[0]); d != "" {
		t.Errorf("the message (-want +got):\n%s", d)
	}
	status, x, err := c.ClearUnread(ctx, wire.ClearUnreadRequest{UID: "ann", ChannelID: "g", ChannelType: 2})
	did("clear unread", x, err)
	if status.Status != "ok" {
		t.Errorf("clear unread gave the status %q, want ok", status.Status)
	}
	_, x, err = c.SetUnread(ctx, wire.SetUnreadRequest{UID: "ann", ChannelID: "g", ChannelType: 2, Unread: 1})
	did("set unread", x, err)
	_, x, err = c.Delete(ctx, wire.DeleteRequest{UID: "ann", ChannelID: "g", ChannelType: 2})
	did("delete", x, err)

	var refused *exchange.StatusError
	_, x, err = c.Delete(ctx, wire.DeleteRequest{UID: "ann", ChannelID: "g", ChannelType: 2})
	if !errors.As(err, &refused) || x.Status() != 404 || !strings.Contains(err.Error(), "answered 404, want 200") {
		t.Errorf("a second delete gave %v, %s, want a StatusError with 404", err, x.Summary())
	}
	c.Header = nil
	if _, x, err := c.Sync(ctx, wire.SyncRequest{UID: "ann"}); !errors.As(err, &refused) || x.Status() != 403 {
		t.Errorf("a sync without the token gave %v, want a StatusError with 403", err)
	}
}

func TestServersThatAnswerOddly(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		says   string
	}{
		"null":     {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "null") }, "the answer is null"},
		"no array": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "\x1b[31m{}") }, `begins "\x1b[31m{}"`},
		"redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", 307) }, "answered 307"},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "longer than parley reads"},
		"silent": {func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // only then is it seen that the client has gone
			<-r.Context().Done()
		}, "no answer"},
	} {
		target := httptest.NewServer(http.HandlerFunc(c.answer))
		calls := &client.Client{BaseURL: target.URL, Timeout: 500 * time.Millisecond, BodyLimit: 1 << 20}
		_, x, err := calls.Sync(ctx, wire.SyncRequest{UID: "ann"})
		if err == nil || !strings.Contains(err.Error(), c.says) || x == nil {
			t.Errorf("%s: got the error %v, want one that says %q", name, err, c.says)
		}
		target.CloseClientConnections()
		target.Close()
	}
}

// TestAnswersOfTheRealServers: success without the documented body.
func TestAnswersOfTheRealServers(t *testing.T) {
	body := ""
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) }))
	defer target.Close()
	c := &client.Client{BaseURL: target.URL}
	for answer, want := range map[string]string{`{"status":200}`: "200", ``: "", `fine`: ""} {
		body = answer
		if got, _, err := c.SetUnread(context.Background(), wire.SetUnreadRequest{}); err != nil || got.Status != want {
			t.Errorf("setUnread answered with %q gave %+v, %v, want the status %q", answer, got, err, want)
		}
	}
	body = `{"status":200,"data":{"message_id":2123988206281035777,"client_msg_no":"c"}}`
	sent, _, err := c.Send(context.Background(), wire.SendRequest{})
	if err != nil || sent.MessageID != 2123988206281035777 || sent.MessageSeq != 0 {
		t.Errorf("send gave %+v, %v, want every digit of the id and no seq", sent, err)
	}
}
