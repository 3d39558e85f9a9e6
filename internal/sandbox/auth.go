package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// credential is what a request proved about its sender.
type credential struct {
	kind string // "", jwt, installation, user
	tok  *token
	user *user
	auth string
}

// id names whose rate limit a request counts against.
func (k credential) id() string {
	switch k.kind {
	case "installation":
		return "installation/" + strconv.FormatInt(k.tok.inst.id, 10)
	case "user":
		return "user/" + k.user.login
	case "jwt":
		return "app"
	}
	return "anonymous"
}

// authenticate reads the Authorization header. The caller holds the lock.
func (s *Server) authenticate(r *http.Request) (credential, error) {
	h := r.Header.Get("Authorization")
	if h == "" {
		return credential{}, nil
	}
	scheme, rest, _ := strings.Cut(h, " ")
	secret := strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer", "token":
	case "basic":
		_, pass, basic := r.BasicAuth()
		if !basic {
			return credential{}, errBadCred
		}
		secret = pass
	default:
		return credential{}, errBadCred
	}
	k, err := s.credential(secret)
	k.auth = h
	return k, err
}

func (s *Server) credential(secret string) (credential, error) {
	if login, isUser := strings.CutPrefix(secret, "user:"); isUser {
		if u := s.users[strings.ToLower(login)]; u != nil && u.kind == "User" && !u.deleted {
			return credential{kind: "user", user: u}, nil
		}
		return credential{}, errBadCred
	}
	if strings.Count(secret, ".") == 2 {
		return credential{kind: "jwt"}, s.verifyJWT(secret)
	}
	t := s.tokens[secret]
	if t == nil || !s.now().Before(t.expires) || s.insts[t.inst.id] == nil {
		return credential{}, errBadCred
	}
	if t.inst.suspendedAt != nil {
		return credential{kind: "installation", tok: t}, errSuspended
	}
	return credential{kind: "installation", tok: t}, nil
}

// verifyJWT checks signature, issuer and times as GitHub does, with its own messages. A clock that is ahead of GitHub's by a
// second is refused: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
func (s *Server) verifyJWT(text string) error {
	bad := func(m string) error { return &Error{Status: 401, Message: m} }
	undecodable := bad("A JSON web token could not be decoded")
	parts := strings.Split(text, ".")
	var head struct{ Alg string }
	var claims struct {
		Iss any         `json:"iss"`
		Exp json.Number `json:"exp"`
		Iat json.Number `json:"iat"`
	}
	if !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) || head.Alg != "RS256" {
		return undecodable
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return undecodable
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return undecodable
	}
	now := s.now()
	exp, noExp := claims.Exp.Int64()
	iat, noIat := claims.Iat.Int64()
	switch expires := time.Unix(exp, 0); {
	case fmt.Sprint(claims.Iss) != strconv.FormatInt(s.app.ID, 10):
		return bad("Integration not found")
	case noExp != nil || !now.Before(expires):
		return bad("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case expires.Sub(now) > 10*time.Minute:
		return bad("'Expiration time' claim ('exp') is too far in the future")
	case noIat != nil || time.Unix(iat, 0).After(now):
		return bad("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return nil
}

// decodePart reads a part of a token; numbers stay as they are written.
func decodePart(part string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(into) == nil
}

// RotateTokens makes every installation token invalid at once: each answers 401 Bad credentials from now on.
func (s *Server) RotateTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = map[string]*token{}
}
