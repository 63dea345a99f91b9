package ozeki

import (
	"hash/maphash"

	"github.com/parley-im/parley/loadgen/scan"
)

// view is a conversation in an answer, as it was read.
type view struct {
	id, last, report, instance []byte
	group                      bool
	access                     int64
	ids, people                tally // participantids and participants
	mutedBy, favoriteBy        bool  // the caller stands there
	own                        own
	has, wrong                 uint16 // members that are there, and those of another type than documented
	badIDs                     bool   // a user id of another form
}

// own is the caller's entry in properties.
type own struct {
	has             bool
	muted, favorite bool
	hide, color     []byte
	bits            uint8
}

const (
	ownUser = 1 << iota
	ownMuted
	ownFavorite
	ownHide
	ownColor
	ownAll = ownColor<<1 - 1
)

const (
	hasID = 1 << iota
	hasGroup
	hasIDs
	hasPeople
	hasName
	hasLast
	hasReport
	hasAccess
	hasSecret
	hasInstance
	hasMutedBy
	hasFavoriteBy
	hasHiddenBy
	hasProperties
	fraction // lastaccess is a number, and no integer
	hasAll   = hasProperties<<1 - 1
)

// tally is a set of users without a list of them: their number, and the sum of their hashes.
type tally struct {
	n   int
	sum uint64
}

func (t *tally) add(hash uint64) {
	t.n++
	t.sum += hash
}

// readView reads a conversation. What is JSON but not as documented is noted and passed over.
func (u *user) readView(s *scan.Scanner, v *view) {
	if s.Peek() != '{' {
		s.Skip(0)
		return
	}
	s.At++
	for first := true; s.More('}', first); first = false {
		bit, ok := u.readMember(s, v)
		if v.has&bit != 0 {
			s.Bad = true // a key twice
		}
		v.has |= bit
		if !ok {
			v.wrong |= bit
		}
	}
}

// readMember reads one member, and says which it was, and whether it has the documented type.
func (u *user) readMember(s *scan.Scanner, v *view) (bit uint16, ok bool) {
	switch string(s.Key()) {
	case "id":
		bit, v.id, ok = text(s, hasID)
	case "displayname":
		bit, _, ok = text(s, hasName)
	case "lastmessageid":
		bit, v.last, ok = text(s, hasLast)
	case "lastreportid":
		bit, v.report, ok = text(s, hasReport)
	case "secret":
		bit, _, ok = text(s, hasSecret)
	case "instance":
		bit, v.instance, ok = text(s, hasInstance)
	case "isgroup":
		bit = hasGroup
		v.group, ok = s.TryBool()
	case "lastaccess":
		bit = hasAccess
		number := s.Peek() == '-' || s.Peek() >= '0' && s.Peek() <= '9'
		if v.access, ok = s.TryInteger(); !ok && number {
			bit, ok = hasAccess|fraction, true
		}
	case "participantids":
		bit, ok = hasIDs, texts(s, func(id []byte) { v.participant(u, &v.ids, id) })
	case "participants":
		bit, ok = hasPeople, objects(s, func() bool { return u.readParticipant(s, v) })
	case "mutedby":
		bit, ok = hasMutedBy, texts(s, func(id []byte) { v.mutedBy = v.mutedBy || string(id) == u.id })
	case "favoriteby":
		bit, ok = hasFavoriteBy, texts(s, func(id []byte) { v.favoriteBy = v.favoriteBy || string(id) == u.id })
	case "hiddenby":
		bit, ok = hasHiddenBy, texts(s, func([]byte) {})
	case "properties":
		bit, ok = hasProperties, objects(s, func() bool { return u.readProperties(s, v) })
	default:
		s.Skip(0)
		return 0, true
	}
	return bit, ok
}

func text(s *scan.Scanner, bit uint16) (uint16, []byte, bool) {
	t, ok := s.TryText()
	return bit, t, ok
}

// participant counts a user. Its form is only looked at until one is wrong.
func (v *view) participant(u *user, to *tally, id []byte) {
	to.add(maphash.Bytes(u.w.hash, id))
	v.badIDs = v.badIDs || !hexID(id)
}

// hexID tells whether a user id is an md5.
func hexID(id []byte) bool {
	for _, c := range id {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return len(id) == 32
}

// texts reads an array of strings. false: it is something else, or holds something else.
func texts(s *scan.Scanner, each func([]byte)) bool {
	return elements(s, func() bool {
		t, ok := s.TryText()
		if ok {
			each(t)
		}
		return ok
	})
}

// objects reads an array of objects, each of which read consumes.
func objects(s *scan.Scanner, read func() bool) bool {
	return elements(s, func() bool {
		if s.Peek() != '{' {
			s.Skip(0)
			return false
		}
		s.At++
		return read()
	})
}

func elements(s *scan.Scanner, each func() bool) bool {
	if s.Peek() != '[' {
		s.Skip(0)
		return false
	}
	s.At++
	ok := true
	for first := true; s.More(']', first); first = false {
		ok = each() && ok
	}
	return ok
}

func (u *user) readParticipant(s *scan.Scanner, v *view) bool {
	id, name := false, false
	for first := true; s.More('}', first); first = false {
		switch string(s.Key()) {
		case "userid":
			var user []byte
			if user, id = s.TryText(); id {
				v.participant(u, &v.people, user)
			}
		case "username":
			_, name = s.TryText()
		default:
			s.Skip(0)
		}
	}
	return id && name
}

// readProperties reads an entry of properties, and keeps it where it is the caller's.
func (u *user) readProperties(s *scan.Scanner, v *view) bool {
	var o own
	var user []byte
	for first := true; s.More('}', first); first = false {
		var bit uint8
		ok := false
		switch string(s.Key()) {
		case "userid":
			bit = ownUser
			user, ok = s.TryText()
		case "ismuted":
			bit = ownMuted
			o.muted, ok = s.TryBool()
		case "isfavorite":
			bit = ownFavorite
			o.favorite, ok = s.TryBool()
		case "hideid":
			bit = ownHide
			o.hide, ok = s.TryText()
		case "listitembackgroundcolor":
			bit = ownColor
			o.color, ok = s.TryText()
		default:
			s.Skip(0)
		}
		if ok {
			o.bits |= bit
		}
	}
	if string(user) == u.id {
		o.has = true
		v.own = o
	}
	return o.bits == ownAll
}

// judgeForm judges what a conversation must look like, whichever answer shows it.
func (u *user) judgeForm(v *view) {
	j := &u.judge
	missing := hasAll &^ (v.has &^ v.wrong)
	if missing != 0 {
		j.Find("OZ-CONV-1", "%q lacks a documented member, or has one of another type (%014b)", v.id, missing)
	}
	if u.doing == list && missing != 0 {
		j.Find("OZ-LIST-3", "%q has another form in the list", v.id)
		if missing&(hasID|hasAccess) != 0 || missing&hasIDs != 0 && missing&hasPeople != 0 {
			j.Find("OZ-LIST-2", "%q lacks its id, its participants or its time", v.id)
		}
	}
	if missing&hasAccess == 0 && (v.has&fraction != 0 || v.access < 1e9 || v.access > 1e11) {
		j.Find("OZ-CONV-5", "%q: lastaccess is %d, and no integer of unix seconds", v.id, v.access)
	}
	if missing&hasInstance == 0 && !plainInstance(v.instance) {
		j.Find("OZ-CONV-6", "%q: instance is %q", v.id, v.instance)
	}
	switch {
	case missing&hasProperties != 0:
	case !v.own.has:
		j.Find("OZ-CONV-3", "%q: properties has no entry of the caller", v.id)
	case missing&(hasMutedBy|hasFavoriteBy) == 0 && (v.own.muted != v.mutedBy || v.own.favorite != v.favoriteBy):
		j.Find("OZ-CONV-4", "%q: mutedby %v, ismuted %v; favoriteby %v, isfavorite %v", v.id, v.mutedBy, v.own.muted, v.favoriteBy, v.own.favorite)
	}
}

func plainInstance(b []byte) bool {
	for _, c := range b {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return len(b) == 10
}

// judgePeople compares the participants with those who were seeded.
func (u *user) judgePeople(t *talk, v *view) {
	j, want := &u.judge, u.w.members[t.chat]
	if v.badIDs {
		j.Find("OZ-COM-10", "%q: a participant's id is not 32 hexadecimal digits", v.id)
		return
	}
	usual := v.has &^ v.wrong
	if usual&hasIDs == 0 || usual&hasPeople == 0 {
		return
	}
	if v.ids != v.people || v.ids.n == 0 {
		j.Find("OZ-CONV-2", "%q: %d participantids and %d participants are not the same users", v.id, v.ids.n, v.people.n)
	}
	if v.ids == want || v.people == want || v.ids.n > want.n || v.people.n > want.n {
		return // that nobody else may be shown beside them, no document says
	}
	switch {
	case u.doing == list:
		j.Find("OZ-LIST-2", "%q: the participants are not the %d who take part", v.id, want.n)
	case u.doing == clearAll:
		j.Lesser("OZ-CLEAR-2", "%q: the participants are not the %d who take part", v.id, want.n)
	default:
		j.Find("OZ-FLAG-1", "%q: the participants are not the %d who take part", v.id, want.n)
	}
}
