package variants

import (
	"slices"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

var lists = []Variant{
	{Name: "other-texts", Summary: "previews say who writes, groups and bots bear names, avatars are the server's own", Freedom: "no document says what stands beside the message, and what a group is called",
		handler: showing(func(chance *fault.Chance, p *pb.Conversation) {
			p.ChatContent = "云湖: " + p.ChatContent + " (1)"
			if p.ChatType != model.User {
				p.Name = "云湖 " + p.Name
			}
			p.AvatarId, p.AvatarUrl = uint64(chance.IntN(1<<30)), "https://example.org/a.png"
		})},
	{Name: "certified", Summary: "conversations are certified, officially or for a region", Freedom: "certification_level may be 0, 1 or 2",
		handler: showing(func(chance *fault.Chance, p *pb.Conversation) { p.CertificationLevel = uint64(chance.IntN(3)) })},
	{Name: "unread-as-count", Summary: "unread is the number of messages", Freedom: "only whether it is above 0 is judged; the later page has a count", Profiles: only2025,
		codec: func(codec *server.Codec) {
			codec.Show = func(profile wire.Profile, c model.Conversation) *pb.Conversation {
				p := server.Show(profile, c)
				p.Unread = uint64(c.Unread)
				return p
			}
		}},
	{Name: "unread-as-flag", Summary: "unread is 1, however many messages there are", Freedom: "only whether it is above 0 is judged", Choice: "count of unread", Profiles: only2026,
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) { p.Unread = min(p.Unread, 1) })},
	{Name: "unread-99", Summary: "unread is never above 99", Freedom: "only whether it is above 0 is judged", Choice: "count of unread", Profiles: only2026,
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) { p.Unread = min(p.Unread, 99) })},
	{Name: "whole-seconds", Summary: "timestamp_ms is a whole number of seconds", Freedom: "its resolution is not documented",
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) { p.TimestampMs = p.TimestampMs / 1000 * 1000 })},
	{Name: "no-send-time", Summary: "timestamp is left out", Freedom: "clients of the later page fall back to field 5", Profiles: only2026,
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) { p.Timestamp = 0 })},
	{Name: "another-moment", Summary: "timestamp is some minutes from timestamp_ms", Freedom: "the two need not be the same event",
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) {
			if p.Timestamp > 0 {
				p.Timestamp -= 300
			}
		})},
	{Name: "oldest-first", Summary: "the oldest conversation stands first", Freedom: "no document says how a list is ordered", Choice: "order",
		handler: listing(func(_ *fault.Chance, l *pb.ListResponse) { slices.Reverse(l.Data) })},
	{Name: "any-order", Summary: "conversations stand in another order at each look", Freedom: "no document says how a list is ordered", Choice: "order",
		handler: listing(func(chance *fault.Chance, l *pb.ListResponse) {
			chance.Shuffle(len(l.Data), func(i, j int) { l.Data[i], l.Data[j] = l.Data[j], l.Data[i] })
		})},
	{Name: "system-conversation", Summary: "everybody has two chats with the server's own account, alike and in a form of their own", Freedom: "what the target itself gives its users is its own",
		handler: answers(func(_ *fault.Chance, a *answer) {
			l, ok := a.list()
			if md5, _ := wire.DecodeListRequest(a.Body); !ok || md5 != "" && len(l.Data) == 0 {
				return // the client has this list
			}
			for range 2 {
				l.Data = append(l.Data, &pb.Conversation{ChatId: "100000002", ChatType: 9, At: 7, CertificationLevel: 5})
				l.Total++
			}
			a.Answer = written(l)
		})},
	{Name: "at-data-always", Summary: "at_data is given although at is 0", Freedom: "it means something only where at is 1", Choice: "at_data",
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) {
			if p.AtData == nil {
				p.AtData = &pb.Mention{MentionedIn: p.ChatId}
			}
		})},
	{Name: "at-data-short", Summary: "at_data says no more than who mentioned", Freedom: "no document says which of its fields are there", Choice: "at_data",
		handler: showing(func(_ *fault.Chance, p *pb.Conversation) {
			if p.AtData != nil {
				p.AtData = &pb.Mention{MentionerId: p.AtData.MentionerId}
			}
		})},
	{Name: "another-status-number", Summary: "status.number is a large number", Freedom: "what it means is not documented", Choice: "status.number",
		handler: listing(func(chance *fault.Chance, l *pb.ListResponse) { l.Status.Number = 1<<62 + int64(chance.IntN(1000)) })},
	{Name: "no-status-number", Summary: "status.number is left out", Freedom: "what it means is not documented", Choice: "status.number",
		handler: listing(func(_ *fault.Chance, l *pb.ListResponse) { l.Status.Number = 0 })},
}

var digests = []Variant{
	{Name: "digest-not-hex", Summary: "the digest is no md5 in hex", Freedom: "32 hexadecimal digits are not asked for", Profiles: only2026, handler: otherDigest},
	{Name: "unchanged-with-total", Summary: "an unchanged list says how many conversations there are", Freedom: "total of an unchanged list is not documented", Profiles: only2026,
		handler: answers(func(_ *fault.Chance, a *answer) {
			l, ok := a.list()
			if md5, _ := wire.DecodeListRequest(a.Body); ok && md5 != "" && len(l.Data) == 0 {
				l.Total = 3
				a.Answer = written(l)
			}
		})},
}
