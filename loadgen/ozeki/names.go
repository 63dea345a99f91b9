package ozeki

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/parley-im/parley/fixtures"
)

// origin is which message an ID names: whoever reads it knows what the message must hold.
type origin struct{ chat, number, sender int }

const hexDigits = "0123456789abcdef"

// idLayout is a UUID of version 4: t are the digits of the attack, c, n and s those of an origin, and the others stand
// as they are.
const idLayout = "tttttttt-cccc-4ccn-8nnn-nnnnssssss00"

// digitsAt are where the digits of each stand in idLayout, the highest first.
var digitsAt = func() (all ['t' + 1][]int) {
	for i := range len(idLayout) {
		if c := idLayout[i]; c == 't' || c == 'c' || c == 'n' || c == 's' {
			all[c] = append(all[c], i)
		}
	}
	return all
}()

// appendID writes the ID of a message of an attack.
func appendID(dst []byte, tag uint32, o origin) []byte {
	begin := len(dst)
	dst = append(dst, idLayout...)
	id := dst[begin:]
	putDigits(id, 't', int(tag))
	putDigits(id, 'c', o.chat)
	putDigits(id, 'n', o.number)
	putDigits(id, 's', o.sender)
	return dst
}

func putDigits(id []byte, of byte, value int) {
	at := digitsAt[of]
	for i := len(at) - 1; i >= 0; i-- {
		id[at[i]] = hexDigits[value&15]
		value >>= 4
	}
}

// readID reads what appendID wrote; false: the ID is of no message of this attack.
func readID(id []byte, tag uint32) (origin, bool) {
	if len(id) != len(idLayout) {
		return origin{}, false
	}
	t, ok := digitsOf(id, 't')
	if !ok || uint32(t) != tag {
		return origin{}, false
	}
	var o origin
	var chats, numbers, senders bool
	o.chat, chats = digitsOf(id, 'c')
	o.number, numbers = digitsOf(id, 'n')
	o.sender, senders = digitsOf(id, 's')
	return o, chats && numbers && senders && id[14] == '4' && id[19] == '8' && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-'
}

func digitsOf(id []byte, of byte) (value int, ok bool) {
	for _, at := range digitsAt[of] {
		c := id[at]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		value = value<<4 | int(c)
	}
	return value, true
}

// timeLayout is the documented form of a date and time.
const timeLayout = "2006-01-02 15:04:05"

// validFor is how long a message of ours may be read: as long as that of the documented example.
const validFor = 7 * 24 * 60 * 60

func appendTime(dst []byte, seconds int64) []byte {
	return time.Unix(seconds, 0).UTC().AppendFormat(dst, timeLayout)
}

// readTime reads a documented date and time as unix seconds.
func readTime(b []byte) (int64, bool) {
	if len(b) != len(timeLayout) || b[4] != '-' || b[7] != '-' || b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	var n [6]int
	for i, at := range [6]int{0, 5, 8, 11, 14, 17} {
		end := at + 2
		if i == 0 {
			end = 4
		}
		for ; at < end; at++ {
			if b[at] < '0' || b[at] > '9' {
				return 0, false
			}
			n[i] = n[i]*10 + int(b[at]-'0')
		}
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	return t.Unix(), n[3] < 24 && n[4] < 60 && n[5] < 60 && t.Day() == n[2] && int(t.Month()) == n[1]
}

// appendText writes a string of JSON. What a target calls things seldom needs to be escaped.
func appendText(dst []byte, s string) []byte {
	if fixtures.PlainName(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	quoted, _ := json.Marshal(s) // a text: this cannot fail
	return append(dst, quoted...)
}

// appendNumber names a message inside its own content, as the seeded ones are named.
func (w *Workload) appendNumber(dst []byte, o origin) []byte {
	return w.plan.AppendNumber(dst, o.chat, w.tagged, o.number, o.sender)
}

// appendData writes the Data of the message with a number: base64 of its content. scratch is memory for the content.
func (w *Workload) appendData(dst, scratch, number []byte) (data, used []byte) {
	scratch = w.plan.AppendPayload(scratch[:0], number)
	return base64.StdEncoding.AppendEncode(dst, scratch), scratch
}
