package ghclient

import (
	"cmp"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v4"
	gh "github.com/google/go-github/v62/github"
	"github.com/gregjones/httpcache"
)

// asApp is the transport that speaks as the App itself.
type asApp struct {
	id   int64
	key  *rsa.PrivateKey
	now  func() time.Time
	next http.RoundTripper

	mu    sync.Mutex
	word  string
	began time.Time // of the word
}

// GitHub takes an App's word for ten minutes at most. It begins a minute ago,
// for the sake of clocks that differ.
const (
	wordBegan = time.Minute
	wordLasts = 5 * time.Minute
	wordAgain = time.Minute
)

// RoundTrip implements http.RoundTripper.
func (a *asApp) RoundTrip(req *http.Request) (*http.Response, error) {
	word, err := a.signed()
	if err != nil {
		return nil, fmt.Errorf("sign as the App: %w", err)
	}
	return a.next.RoundTrip(authorized(req, "Bearer "+word))
}

// signed is the App's word. It is given again for a minute: to sign takes longer than all
// else that a request costs here.
func (a *asApp) signed() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	began := a.now().Add(-wordBegan).Truncate(time.Second) // GitHub refuses fractions
	if age := began.Sub(a.began); a.word != "" && age >= 0 && age < wordAgain {
		return a.word, nil
	}
	word, err := jwt.NewWithClaims(jwt.SigningMethodRS256, &jwt.RegisteredClaims{
		Issuer:   strconv.FormatInt(a.id, 10),
		IssuedAt: jwt.NewNumericDate(began), ExpiresAt: jwt.NewNumericDate(began.Add(wordBegan + wordLasts)),
	}).SignedString(a.key)
	if err == nil {
		a.word, a.began = word, began
	}
	return word, err
}

func authorized(req *http.Request, by string) *http.Request {
	req = req.Clone(req.Context()) // a RoundTripper may not change it
	req.Header.Set("Authorization", by)
	return req
}

// asInstallation is the transport that speaks as one installation, by a token
// that the App asks for.
type asInstallation struct {
	id   int64
	api  string // ends in a slash
	app  http.RoundTripper
	now  func() time.Time
	next http.RoundTripper

	mu      sync.Mutex
	token   string
	expires time.Time
}

// RoundTrip implements http.RoundTripper. Without a token it returns a *noToken.
func (i *asInstallation) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := i.current(req)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	return i.next.RoundTrip(authorized(req, "token "+token))
}

// current returns a token that is good for a minute more at least.
func (i *asInstallation) current(req *http.Request) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.now().Add(time.Minute).Before(i.expires) {
		return i.token, nil
	}
	ask, err := http.NewRequestWithContext(req.Context(), http.MethodPost, fmt.Sprintf("%sapp/installations/%d/access_tokens", i.api, i.id), nil)
	if err != nil {
		return "", err
	}
	ask.Header.Set("Accept", "application/vnd.github+json")
	resp, err := i.app.RoundTrip(ask)
	if err != nil {
		return "", fmt.Errorf("a token of installation %d: %w", i.id, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("a token of installation %d: %w", i.id, err)
	}
	if resp.StatusCode != http.StatusCreated {
		resp.Request = ask
		return "", &noToken{installation: i.id, response: resp, text: string(raw)}
	}
	var made gh.InstallationToken
	if err := json.Unmarshal(raw, &made); err != nil {
		return "", fmt.Errorf("a token of installation %d: %w", i.id, err)
	}
	i.token, i.expires = made.GetToken(), made.GetExpiresAt().Time
	return i.token, nil
}

// noToken is GitHub's answer when it gives an installation no token.
type noToken struct {
	installation int64
	response     *http.Response // its body is read
	text         string
}

// Error implements error.
func (e *noToken) Error() string {
	return fmt.Sprintf("GitHub gives installation %d no token: %s: %.300s", e.installation, e.response.Status, e.text)
}

// answer is the same as go-github has it of other requests.
func (e *noToken) answer() *gh.ErrorResponse {
	r := *e.response
	r.Body = io.NopCloser(strings.NewReader(e.text))
	a := &gh.ErrorResponse{Response: &r}
	if json.Unmarshal([]byte(e.text), a) != nil { // some of it may be read all the same
		a.Message = cmp.Or(a.Message, e.text)
	}
	return a
}

// alwaysValidated makes what is cached count as stale at once: by its age the
// cache would judge, and take GitHub's clock for this machine's.
type alwaysValidated struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (a alwaysValidated) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.next.RoundTrip(req)
	if err == nil && resp.Header.Get("Cache-Control") != "no-store" {
		resp.Header.Set("Cache-Control", "no-cache")
	}
	return resp, err
}

// cached is a transport with an HTTP cache, of which every answer is revalidated.
func cached(next http.RoundTripper, cache *lru) http.RoundTripper {
	return &httpcache.Transport{Transport: alwaysValidated{next}, Cache: cache, MarkCachedResponses: true}
}
