package yunhu

import (
	"net/http"

	"github.com/parley-im/parley/specs"
)

// tokenIDs are the statements about -101 beside YH-COM-5, by the call's name.
var tokenIDs = map[string]string{"list": "YH-LIST-16", "dismiss-notification": "YH-DISMISS-7", "sort-change": "YH-SORT-5"}

func registerTokens(s *specs.Suite) {
	for _, c := range callsIn(s.Profile()) {
		for _, bad := range badTokens {
			title := c.name + " " + bad.title
			s.Requirement("YH-COM-2", title+" is no success and changes nothing", func(t *specs.Trial) {
				w, g, d, b := everyKind(t)
				w.givenUnread("ann", g, d, b)
				t.Expect(c.do(w, bad.header(w, "ann"), c.body(g, "ann")), noSuccess())
				w.untouched(g, d, b)
			}, c.needs())
			s.Requirement("YH-COM-5", title+" is answered with code -101", func(t *specs.Trial) {
				w, g, _, _ := everyKind(t)
				t.Expect(c.do(w, bad.header(w, "ann"), c.body(g, "ann")), refusedWith(notLoggedIn))
			}, c.needs())
		}
		if id := tokenIDs[c.name]; id != "" {
			registerNotLoggedIn(s, c, id)
		}
	}
	s.Requirement("YH-COM-2", "a header Token in other letters is the same header", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		header := http.Header{"tOKEN": {w.token("ann")}, "Content-Type": {protobufType}}
		t.Expect(t.Do(specs.Request{Path: listPath, Header: header, Anonymous: ownToken(t.Env)}), lists(g.key("ann")))
	}, onList)
}

func registerNotLoggedIn(s *specs.Suite, c call, id string) {
	for _, bad := range badTokens {
		s.Requirement(id, bad.title+": code -101, and nothing is shown or changed", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			w.givenUnread("ann", g, d, b)
			for _, about := range []*chat{g, d, b} {
				x := c.do(w, bad.header(w, "ann"), c.body(about, "ann"))
				t.Expect(x, refusedWith(notLoggedIn))
				t.Expect(x, noSuccess())
			}
			w.untouched(g, d, b)
		}, c.needs())
	}
}

// untouched judges that ann's conversations are as everyKind left them, where the target has a list to see it in.
func (w *world) untouched(g, d, b *chat) {
	if !w.t.Env.Has("endpoint:list") {
		return
	}
	w.sees("ann", w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")), unread(g.key("ann"), true), unread(d.key("ann"), true), unread(b.key("ann"), true))
}
