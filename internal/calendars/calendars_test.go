package calendars

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
)

const good = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261224\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

type memory map[string][]byte

func (m memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	v, ok := m[key]
	return v, ok, nil
}

func (m memory) Put(_ context.Context, key string, v []byte, _ time.Duration) error {
	m[key] = v
	return nil
}

// host is a server with a certificate for 127.0.0.1, and a fetcher that trusts it.
type host struct {
	t      *testing.T
	server *httptest.Server
	answer http.HandlerFunc
	asked  []string // the paths
	clock  time.Time
	*Fetcher
}

func newHost(t *testing.T, list ...string) *host {
	t.Helper()
	h := &host{t: t, clock: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	h.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.asked = append(h.asked, r.URL.Path)
		h.answer(w, r)
	}))
	t.Cleanup(h.server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(h.server.Certificate())
	h.Fetcher = &Fetcher{Memory: memory{}, Now: func() time.Time { return h.clock }, Roots: roots}
	for _, one := range list {
		h.List = append(h.List, h.at(one))
	}
	h.says(good)
	return h
}

func (h *host) at(path string) string {
	if strings.HasPrefix(path, "https:") {
		return path
	}
	return h.server.URL + path
}

func (h *host) says(text string) {
	h.answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func (h *host) want(path, text, fault string) {
	h.t.Helper()
	c, err := h.Calendar(h.t.Context(), h.at(path))
	if err != nil || c.Text != text || !strings.Contains(c.Fault, fault) || (fault == "") != (c.Fault == "") {
		h.t.Errorf("%s: %+v, %v", path, c, err)
	}
	if strings.Contains(c.Fault, "127.0.0.1") {
		h.t.Errorf("a fault that tells of the network: %s", c.Fault)
	}
}

// TestBounds: what isn't listed is never asked, and of what is no more is taken than a calendar.
func TestBounds(t *testing.T) {
	h := newHost(t, "/a.ics", "/below/")
	for _, path := range []string{"/b.ics", "/a.ics?x=1", "/below/a.ics?x=1", "/below/../b.ics", "/below/%2e%2e/b.ics", "/a.icsx", "https://elsewhere.example.org/a.ics"} {
		if c, err := h.Calendar(t.Context(), h.at(path)); err != nil || !c.Unlisted {
			t.Errorf("%s: %+v, %v", path, c, err)
		}
	}
	if len(h.asked) > 0 {
		t.Errorf("asked for %q", h.asked)
	}
	to := func(where string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, where, http.StatusFound) }
	}
	for i, tt := range []struct {
		answer http.HandlerFunc
		fault  string
	}{
		{to("/b.ics"), "isn't on this deployment's list"},
		{to("/below/round"), "leads on more than 3 times"},
		{to("http://127.0.0.1:1/a.ics"), "isn't on this deployment's list"},
		{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, "the status 418"},
		{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, "the status 304"},
		{func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 600<<10)) }, "more than 524288 bytes"},
		{func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "it is no iCalendar file"},
		{func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "it can't be reached"},
	} {
		h.answer, h.asked = tt.answer, nil
		h.want(fmt.Sprintf("/below/%d.ics", i), "", tt.fault)
		if len(h.asked) > 1+maxRedirects {
			t.Errorf("asked for %q", h.asked)
		}
	}
	h.answer = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.ics" {
			http.Redirect(w, r, "/a.ics", http.StatusFound)
			return
		}
		fmt.Fprint(w, good)
	}
	h.want("/below/leads.ics", good, "")
	h.Roots = x509.NewCertPool()
	h.want("/below/untrusted.ics", "", "its certificate isn't good")
}

// TestNamesThatLeadInside: a listed name isn't followed into a private network, and a listed number is.
func TestNamesThatLeadInside(t *testing.T) {
	h := newHost(t, "/a.ics")
	h.want("/a.ics", good, "")
	_, port, _ := strings.Cut(strings.TrimPrefix(h.server.URL, "https://"), ":")
	inside := "https://localhost:" + port + "/a.ics"
	h.List, h.asked = append(h.List, inside), nil
	h.want(inside, "", "leads to an address that isn't public")
	if len(h.asked) > 0 {
		t.Error("it was asked")
	}
	for text, want := range map[string]bool{
		"140.82.121.4": true, "2606:50c0:8000::153": true,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.0.1": false, "127.0.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false,
		"::1": false, "fe80::1": false, "fd00::1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "224.0.0.1": false, "255.255.255.255": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %t", text, got)
		}
	}
}

// TestLastGoodStands: what was good stands while the address has something else, and is asked for anew
// no more often than it has to be.
func TestLastGoodStands(t *testing.T) {
	h := newHost(t, "/a.ics")
	other := strings.Replace(good, "20261224", "20261231", 1)
	h.answer = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", `"1"`); fmt.Fprint(w, good) }
	unchanged := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != `"1"` {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNotModified)
	}
	broken := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
	}
	for i, tt := range []struct {
		after       time.Duration
		answer      http.HandlerFunc
		asks        bool
		text, fault string
	}{
		{0, nil, true, good, ""},
		{49 * time.Minute, broken, false, good, ""},
		{time.Minute, unchanged, true, good, ""},
		{50 * time.Minute, broken, true, good, "it is no iCalendar file"},
		{4 * time.Minute, unchanged, false, good, "it is no iCalendar file"},
		{time.Minute, broken, true, good, "it is no iCalendar file"},
		{5 * time.Minute, unchanged, true, good, ""},
		{50 * time.Minute, says(other), true, other, ""},
	} {
		h.clock, h.asked = h.clock.Add(tt.after), nil
		if tt.answer != nil {
			h.answer = tt.answer
		}
		h.want("/a.ics", tt.text, tt.fault)
		if (len(h.asked) > 0) != tt.asks {
			t.Errorf("%d: asked for %q", i, h.asked)
		}
		if c, _ := h.Calendar(t.Context(), h.at("/a.ics")); i == 5 && !c.Since.Equal(h.clock.Add(-5*time.Minute)) {
			t.Errorf("broken since %s", c.Since)
		}
	}
}

// TestFewNewAddresses: below a beginning anybody may name many.
func TestFewNewAddresses(t *testing.T) {
	h := newHost(t, "/below/")
	for i := range newPerHour {
		h.want(fmt.Sprintf("/below/%d.ics", i), good, "")
	}
	h.want("/below/more.ics", "", "waits its turn")
	h.want("/below/1.ics", good, "")
	h.clock = h.clock.Add(time.Hour)
	h.want("/below/more.ics", good, "")
	if !(config.Addresses{"https://a.example.org/"}).Has("https://a.example.org/x") {
		t.Error("the list")
	}
}
