package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// token is what a user's requests carry: the user's id and a seal on it, so that the server need not keep any.
func (s *Server) token(uid string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(uid)) + "." + base64.RawURLEncoding.EncodeToString(s.seal(uid))
}

func (s *Server) seal(uid string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(uid))
	return mac.Sum(nil)[:16]
}

// userOf is the user whose token it is, as long as there is such a user.
func (s *Server) userOf(token string) (string, bool) {
	name, seal, _ := strings.Cut(token, ".")
	uid, err := base64.RawURLEncoding.Strict().DecodeString(name)
	if err != nil {
		return "", false
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(seal)
	if err != nil || subtle.ConstantTimeCompare(given, s.seal(string(uid))) != 1 {
		return "", false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return string(uid), s.model.Knows(string(uid))
}
