package webhook_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/webhook"
)

// endless is a body whose length nobody was told.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("a"), len(p))), nil }

func TestGate(t *testing.T) {
	body := []byte(`{"zen":"canary"}`)
	sha1Sum := func(b []byte) string {
		h := hmac.New(sha1.New, []byte(secret))
		h.Write(b)
		return "sha1=" + hex.EncodeToString(h.Sum(nil))
	}
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	unset := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	with := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			r.Header.Set("X-Hub-Signature-256", signed(secret, []byte(text)))
		}
	}
	form := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			with(text)(r)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	tests := []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"as GitHub does", func(*http.Request) {}, 200},
		{"charset", set("Content-Type", "application/json; charset=utf-8"), 200},
		{"form", form("payload=" + url.QueryEscape(string(body))), 200},
		{"previous secret", set("X-Hub-Signature-256", signed(previous, body)), 200},
		{"SHA-1 beside SHA-256", set("X-Hub-Signature", sha1Sum(body)), 200},
		{"wrong SHA-1 beside SHA-256", set("X-Hub-Signature", "sha1=00"), 200},

		{"GET", func(r *http.Request) { r.Method = http.MethodGet }, 405},
		{"PUT", func(r *http.Request) { r.Method = http.MethodPut }, 405},

		{"no signature", unset("X-Hub-Signature-256"), 403},
		{"empty signature", set("X-Hub-Signature-256", ""), 403},
		{"another secret", set("X-Hub-Signature-256", signed("another", body)), 403},
		{"empty secret", set("X-Hub-Signature-256", signed("", body)), 403},
		{"another body", set("X-Hub-Signature-256", signed(secret, []byte("{}"))), 403},
		{"SHA-1 alone", func(r *http.Request) {
			r.Header.Del("X-Hub-Signature-256")
			r.Header.Set("X-Hub-Signature", sha1Sum(body))
		}, 403},
		{"SHA-1 in its place", set("X-Hub-Signature-256", sha1Sum(body)), 403},
		{"no prefix", set("X-Hub-Signature-256", strings.TrimPrefix(signed(secret, body), "sha256=")), 403},
		{"too short", set("X-Hub-Signature-256", signed(secret, body)[:70]), 403},
		{"too long", set("X-Hub-Signature-256", signed(secret, body)+"00"), 403},
		{"no hex", set("X-Hub-Signature-256", "sha256="+strings.Repeat("z", 64)), 403},
		{"two signatures", func(r *http.Request) { r.Header.Add("X-Hub-Signature-256", signed(secret, body)) }, 403},

		{"over 25 MB, told", func(r *http.Request) { r.ContentLength = 25<<20 + 1 }, 413},
		{"over 25 MB, not told", func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(endless{}), -1 }, 413},
		{"over 25 MB, unsigned", func(r *http.Request) {
			r.ContentLength = 25<<20 + 1
			r.Header.Del("X-Hub-Signature-256")
		}, 413},

		{"no content type", unset("Content-Type"), 400},
		{"text", set("Content-Type", "text/plain"), 400},
		{"broken content type", set("Content-Type", "application/json; x=\"canary"), 400},
		{"no event", unset("X-GitHub-Event"), 400},
		{"odd event", set("X-GitHub-Event", "pull request<canary>"), 400},
		{"long event", set("X-GitHub-Event", strings.Repeat("a", 65)), 400},
		{"two events", func(r *http.Request) { r.Header.Add("X-GitHub-Event", "push") }, 400},
		{"no delivery", unset("X-GitHub-Delivery"), 400},
		{"odd delivery", set("X-GitHub-Delivery", "canary'; drop"), 400},
		{"long delivery", set("X-GitHub-Delivery", strings.Repeat("a", 65)), 400},
		{"malformed JSON", with(`{"zen":"canary"`), 400},
		{"two values", with(`{}{}`), 400},
		{"empty body", with(""), 400},
		{"a list", with(`[]`), 400},
		{"null", with(`null`), 400},
		{"JSON beyond depth", with(`{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}"), 400},
		{"form without payload", form("x=1"), 400},
		{"form with two payloads", form("payload={}&payload={}"), 400},
		{"form that is none", form("payload=%zz"), 400},
		{"body breaks off", func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{})) }, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := open(t)
			r := delivery("ping", body)
			tt.change(r)
			w := d.post(r)
			if w.Code != tt.want {
				t.Errorf("status is %d, want %d: %s", w.Code, tt.want, w.Body)
			}
			if allow := w.Header().Get("Allow"); (allow == "POST") != (tt.want == 405) {
				t.Errorf("Allow is %q", allow)
			}
			if text := w.Body.String(); strings.Count(text, "\n") != 1 || strings.Contains(text+d.log.String(), "canary") {
				t.Errorf("answer %q or log %q echo the request", text, d.log.String())
			}
			outcome := fmt.Sprintf(" refused %d", tt.want)
			if tt.want == 200 {
				outcome = "ping nothing"
			}
			if diff := cmp.Diff([]string{outcome}, d.observed); diff != "" {
				t.Error(diff)
			}
			if len(d.taker.taken) != 0 {
				t.Errorf("taken: %+v", d.taker.taken)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestNewRefuses(t *testing.T) {
	good := webhook.Options{Registry: registry(t), Taker: &taker{}, Secret: secret, Now: time.Now}
	if _, err := webhook.New(good); err != nil {
		t.Errorf("without a previous secret: %v", err)
	}
	for name, change := range map[string]func(*webhook.Options){
		"empty secret": func(o *webhook.Options) { o.Secret = "" },
		"blank secret": func(o *webhook.Options) { o.Secret = " \n" },
		"registry":     func(o *webhook.Options) { o.Registry = nil },
		"taker":        func(o *webhook.Options) { o.Taker = nil },
		"clock":        func(o *webhook.Options) { o.Now = nil },
	} {
		o := good
		change(&o)
		if _, err := webhook.New(o); err == nil {
			t.Errorf("%s: it was built", name)
		}
	}
}

func TestEmptyPreviousSecretIsNone(t *testing.T) {
	h, err := webhook.New(webhook.Options{Registry: registry(t), Taker: &taker{}, Secret: secret, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	r := delivery("ping", []byte("{}"))
	r.Header.Set("X-Hub-Signature-256", signed("", []byte("{}")))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 403 {
		t.Errorf("status is %d", w.Code)
	}
}
