package ghclient

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"testing"
	"time"
)

// TestWordIsGivenAgain: one word of the App's lasts for a minute, or until the clock is set
// back: then it would be one of the future.
func TestWordIsGivenAgain(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	var said string
	app := &asApp{id: 7, key: key, now: func() time.Time { return now }, next: saying(func(r *http.Request) { said = r.Header.Get("Authorization") })}
	word := func() string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://github.example/app", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		return said
	}
	first := word()
	for _, tc := range []struct {
		later time.Duration
		again bool
	}{{59 * time.Second, true}, {time.Second, false}, {-time.Second, false}, {time.Second, true}} {
		now = now.Add(tc.later)
		if next := word(); (next == first) != tc.again {
			t.Errorf("%s later, at %s, it is the same word: %t", tc.later, now, !tc.again)
		} else {
			first = next
		}
	}
}

// saying is a transport that answers nothing.
type saying func(*http.Request)

func (s saying) RoundTrip(r *http.Request) (*http.Response, error) {
	s(r)
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}
