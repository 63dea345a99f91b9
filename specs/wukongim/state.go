package wukongim

import (
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
)

func registerState(s *specs.Suite) {
	registerOutsider(s)
	registerOutsiderOfChat(s)
}

// outsider is a world with a group and a chat that eve is in neither of. eve has a conversation of her own.
func outsider(t *specs.Trial) (w *world, g, d *channel) {
	w = newWorld(t)
	g = w.group("g", "ann", "bob").says("bob", 4)
	d = w.direct("ann", "bob").says("bob", 4)
	w.group("hers", "eve", "cid").says("cid", 1)
	w.person("nobody")
	w.seed()
	return w, g, d
}

// intrusion is calls in the name of a user who is not in the channel. ch is addressed as a member knows it.
type intrusion struct {
	title string
	call  func(w *world, user string, ch *channel)
}

var intrusions = []intrusion{
	{"only syncs", func(*world, string, *channel) {}},
	{"sets it to 0, 2 and 4", func(w *world, user string, ch *channel) {
		for _, n := range []int64{0, 2, 4} {
			w.post(setPath, user, ch.addressed("ann", with{"unread": n}))
		}
	}},
	{"deletes it", func(w *world, user string, ch *channel) {
		w.post(deletePath, user, ch.addressed("ann", nil))
	}},
}

// clearing are the intrusions by clearUnread, which the older page alone does not have.
var clearing = []intrusion{
	{"clears it as a whole", func(w *world, user string, ch *channel) {
		w.post(clearPath, user, ch.addressed("ann", nil))
	}},
	{"clears it up to messages", func(w *world, user string, ch *channel) {
		for _, m := range []message{ch.sent[0], ch.sent[3]} {
			w.post(clearPath, user, ch.addressed("ann", with{"message_seq": w.seqOf("ann", ch, m)}))
		}
	}},
	{"sets, deletes, clears and sets it", func(w *world, user string, ch *channel) {
		w.post(setPath, user, ch.addressed("ann", with{"unread": 2}))
		w.post(deletePath, user, ch.addressed("ann", nil))
		w.post(clearPath, user, ch.addressed("ann", nil))
		w.post(setPath, user, ch.addressed("ann", with{"unread": 1}))
	}},
}

func intrusionsIn(profile string) []intrusion {
	if profile == "v1" {
		return intrusions
	}
	return slices.Concat(intrusions, clearing)
}

func registerOutsider(s *specs.Suite) {
	const id = "WK-STATE-06"
	for _, intrusion := range intrusionsIn(s.Profile()) {
		for who, user := range []string{"eve", "nobody"} {
			title := []string{"who is not in a group ", "who is in no channel at all "}[who] + intrusion.title
			s.Requirement(id, "a user "+title+": no sync of that user lists the group or its messages", func(t *specs.Trial) {
				w, g, _ := outsider(t)
				intrusion.call(w, user, g)
				w.staysHidden(user, g)
			})
			s.Requirement(id, "a user "+title+", then it gets a message: that one stays hidden too", func(t *specs.Trial) {
				w, g, _ := outsider(t)
				intrusion.call(w, user, g)
				g.says("bob", 1)
				w.sees("ann", showsMessage(g.sent[4]))
				w.staysHidden(user, g)
			})
		}
	}
}

// staysHidden asks for the user's conversations in every documented way, and judges that the group and its messages are
// in none of the answers.
func (w *world) staysHidden(user string, g *channel) {
	k := g.key("ann")
	first, last := w.seqOf("ann", g, g.sent[0]), w.seqOf("ann", g, g.sent[len(g.sent)-1])
	for _, body := range w.anySync(user, g, []int64{1}, []int64{0, first, last - 1}) {
		w.t.Need(w.sync(user, body), hides(k, g.sent))
	}
	w.t.Expect(w.full(user), hides(k, g.sent))
}

func registerOutsiderOfChat(s *specs.Suite) {
	for _, intrusion := range intrusionsIn(s.Profile()) {
		title := "a user who is not in a personal chat " + intrusion.title
		s.Requirement("WK-STATE-06", title+": no sync of that user shows its messages", func(t *specs.Trial) {
			w, _, d := outsider(t)
			intrusion.call(w, "eve", d)
			d.says("ann", 1)
			w.sees("ann", showsMessage(d.sent[4]))
			for _, looks := range [][]with{w.anySync("ann", d, []int64{1}, []int64{0}), w.anySync("bob", d, []int64{1}, []int64{0})} {
				for _, body := range looks {
					w.t.Need(w.sync("eve", body), withholds(d.sent))
				}
			}
			w.eventually(func() *exchange.Exchange { return w.full("eve") }, withholds(d.sent))
		})
	}
}
