package git

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Access is how git reaches a repository on GitHub.
type Access struct {
	URL string // https://github.com/OWNER/NAME.git, without a credential
	// Token is an installation token, or empty for what everybody may read. It
	// reaches git by the environment alone, never by an argument or the URL.
	Token string `json:"-"`

	whole bool // take what is here for all there is: git fetches nothing by itself
}

// String is the address alone, so that no log shows the token by mistake.
func (a Access) String() string { return a.URL }

// GoString is String, for %#v.
func (a Access) GoString() string { return a.URL }

// basic is the token as HTTP wants it.
func (a *Access) basic() string {
	return base64.StdEncoding.EncodeToString([]byte("x-access-token:" + a.Token))
}

// settings make the repository the remote "origin", of a partial clone unless
// it is taken for whole, so that git itself fetches a missing object when it
// needs one, and give git the token, for the repository's own host and no other: git
// itself would hand it on to wherever the server leads, so it follows nowhere.
func (a *Access) settings() [][2]string {
	kv := [][2]string{{"remote.origin.url", a.URL}, {"http.followRedirects", "false"}}
	if !a.whole {
		kv = append(kv, [2]string{"remote.origin.promisor", "true"}, [2]string{"remote.origin.partialclonefilter", "blob:none"})
	}
	if u, err := url.Parse(a.URL); err == nil && a.Token != "" {
		kv = append(kv, [2]string{"http." + u.Scheme + "://" + u.Host + "/.extraHeader", "Authorization: Basic " + a.basic()})
	}
	return kv
}

// protocol is the only one that git may speak for this URL: "https", or "http"
// for a server in the same house. Empty for any other.
func (a *Access) protocol() string {
	u, err := url.Parse(a.URL)
	if err != nil || u.User != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Scheme
}

// maxSaid bounds what is kept of git's standard error, in bytes: enough for a
// server's whole refusal, too little to fill a log.
const maxSaid = 4 << 10

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.b = append(t.b, b...)
	if over := len(t.b) - 2*maxSaid; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return string(t.b) }

var (
	// userinfo is a credential in a URL: a proxy's, since ours never has one.
	userinfo      = lazy.Regexp(`://[^/\s@]*@`)
	authorization = lazy.Regexp(`(?i)(authorization:?\s*\w+\s+)\S+`)
)

// redact makes git's words fit to be shown: without credentials, without
// control characters, bounded.
func redact(said string, a *Access) string {
	if a != nil && a.Token != "" {
		for _, secret := range []string{a.Token, a.basic(), url.QueryEscape(a.Token)} {
			said = strings.ReplaceAll(said, secret, "[redacted]")
		}
	}
	said = userinfo().ReplaceAllString(said, "://[redacted]@")
	said = authorization().ReplaceAllString(said, "${1}[redacted]")
	said = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(said, "?"))
	said = strings.TrimSpace(said)
	if len(said) > maxSaid { // after the secrets: a cut one would not be found
		said = strings.ToValidUTF8("…"+said[len(said)-maxSaid:], "?")
	}
	return said
}
