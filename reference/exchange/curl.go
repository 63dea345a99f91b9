package exchange

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Curl is one command line for a POSIX shell (bash for bodies that are no text) that repeats the request.
// secret maps a header's value to what stands for it, such as "$PARLEY_AUTH_VALUE"; nil hides nothing.
func (r Request) Curl(secret func(name, value string) (shell string, hidden bool)) string {
	var b strings.Builder
	b.WriteString("curl -sS -i -X " + r.Method + " " + shellQuote(r.URL))
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			if secret != nil {
				if shell, hidden := secret(name, value); hidden {
					fmt.Fprintf(&b, ` -H "%s: %s"`, name, shell)
					continue
				}
			}
			b.WriteString(" -H " + shellQuote(name+": "+value))
		}
	}
	if len(r.Body) > 0 {
		b.WriteString(" --data-binary " + shellQuote(string(r.Body)))
	}
	return b.String()
}

// shellQuote quotes s for a shell: in single quotes where it is plain text, in $'…' with every other byte escaped
// where it is not, so that no terminal is steered by it.
func shellQuote(s string) string {
	if plainText(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}

func plainText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || bidi(r) {
			return false
		}
	}
	return true
}

// bidi tells the characters that turn the direction of text, and with it what a reader believes to read.
func bidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
}
