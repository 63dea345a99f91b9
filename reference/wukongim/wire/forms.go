package wire

// Form is what both profiles say of a message, and to everybody who sees it, as it stands in an answer. A server whose
// messages never change can keep it, and write it out again for less than a tenth of the cost.
func Form(m *Message) string {
	var most [1 << 10]byte // most messages need no more, and so no memory but the result's
	return string(appendForm(most[:0], m))
}

// Formed is a conversation with the forms of its recents, in their order. An empty form is made from Recents. Where no form
// is empty, V2 reads nothing of Recents, and V1 only what is in no form.
type Formed struct {
	Conversation
	Forms []string
}

// AppendFormed writes the answer of a sync: the same bytes as AppendConversations.
func AppendFormed(dst []byte, profile Profile, all []Formed) []byte {
	dst = append(dst, '[')
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFormed(dst, profile, &all[i])
	}
	return append(dst, ']')
}

func appendFormed(dst []byte, profile Profile, c *Formed) []byte {
	dst = appendSummary(dst, &c.Conversation)
	for i, form := range c.Forms {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		if profile == V1 {
			dst = appendPlace(dst, profile, &c.Recents[i])
		}
		if form == "" {
			dst = appendForm(dst, &c.Recents[i])
		}
		dst = append(append(dst, form...), '}')
	}
	return append(dst, `]}`...)
}
