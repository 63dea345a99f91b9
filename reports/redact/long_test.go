package redact_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// TestABodyMadeOfCredentialsIsLeftOutSoon: the first of them are taken out one by one, and what follows as a whole, however it
// is spelled.
func TestABodyMadeOfCredentialsIsLeftOutSoon(t *testing.T) {
	spelled := map[string]string{
		"raw": canary, "escaped": each(canary, func(r rune) string { return fmt.Sprintf(`\u%04x`, r) }),
		"in base64": base64.StdEncoding.EncodeToString([]byte(canary + "x")),
		"twice":     each(canary, func(r rune) string { return fmt.Sprintf(`\\u%04x`, r) }),
	}
	for name, spelling := range spelled {
		text := `{"a":"` + strings.Repeat(spelling+", ", 1500) + `","b":"` + strings.Repeat(canary+" ", 1500)
		got := secrets(canary).Body([]byte(text), len(text))
		if !strings.HasPrefix(got.Text, `{"a":"`) || len(got.Text) > 1500 || !got.Cut && got.Bytes != len(text) {
			t.Errorf("%s: %d bytes are left: %.100q", name, len(got.Text), got.Text)
		}
		for at := 0; at+8 <= len(spelling); at++ {
			if strings.Contains(got.Text, spelling[at:at+8]) {
				t.Errorf("%s: %q is left", name, spelling[at:at+8])
			}
		}
		if strings.Contains(got.Text, canary[:8]) {
			t.Errorf("%s: the plain one is left", name)
		}
	}
}

// BenchmarkBody has a body that is made of credentials, and an honest one.
func BenchmarkBody(b *testing.B) {
	s := secrets(canary)
	for name, text := range map[string]string{
		"echo": strings.Repeat(canary, 4000), "honest": strings.Repeat(`{"channel_id":"abcdefg","payload":"what is there & is + not"},`, 1200),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Body([]byte(text), len(text))
			}
		})
	}
}
