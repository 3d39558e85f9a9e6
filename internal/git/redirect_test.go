package git

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/git/gittest"
)

// TestRedirectGetsNoToken: git hands the token on to wherever a server leads it, whatever
// curl thinks of that; so it is led nowhere.
func TestRedirectGetsNoToken(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	other, err := gittest.Serve(filepath.Dir(filepath.Dir(h.bare)), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	var mu sync.Mutex
	var told []string
	other.OnRequest(func(r *http.Request) int {
		mu.Lock()
		defer mu.Unlock()
		if a := r.Header.Get("Authorization"); a != "" {
			told = append(told, r.Method+" "+r.URL.Path)
		}
		return 0
	})
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for _, status := range []int{301, 302, 307, 308} {
			leads := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", host, 1)+r.URL.String(), status)
			}))
			n := h.need("", h.sources[0])
			n.Access.URL = leads.URL + "/o/r.git"
			err := h.cache(plenty).Use(context.Background(), n, func(context.Context, *Repository, string) error { return nil })
			leads.Close()
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%d to %s: %v", status, host, err)
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) > 0 {
		t.Errorf("another host was told the token: %s", told)
	}
}
