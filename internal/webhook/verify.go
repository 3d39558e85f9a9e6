package webhook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// maxBody is the largest payload that GitHub delivers.
const maxBody = 25 << 20

const (
	headerSignature = "X-Hub-Signature-256"
	headerEvent     = "X-GitHub-Event"
	headerDelivery  = "X-GitHub-Delivery"
)

// gate lets only signed, well-formed deliveries through to next.
type gate struct {
	current  []byte
	previous []byte // nil but while the secret is being changed
	next     http.Handler
	observe  func(kind, outcome string)
	memory   memory
}

// newGate refuses to be built without a secret, with which anybody could sign.
func newGate(current, previous string, next http.Handler, observe func(kind, outcome string)) (*gate, error) {
	if strings.TrimSpace(current) == "" {
		return nil, errors.New("webhook: the secret is empty")
	}
	g := &gate{current: []byte(current), next: next, observe: observe, memory: newMemory()}
	if strings.TrimSpace(previous) != "" {
		g.previous = []byte(previous)
	}
	return g, nil
}

// turnedAway is a request that goes no further: a status and a line that says
// nothing of the request's own content.
type turnedAway struct {
	status int
	line   string
}

func (t *turnedAway) Error() string { return t.line }

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := g.pass(w, r)
	if err == nil {
		return
	}
	var away *turnedAway
	if !errors.As(err, &away) {
		away = &turnedAway{http.StatusBadRequest, "the body can't be read"}
	}
	switch away.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	g.observe("", fmt.Sprintf("refused %d", away.status))
	answer(w, away.status, away.line)
}

// pass hands a delivery on; an error means that nothing was answered yet.
// Costly things come last: nothing is read without room for it, and nothing is parsed
// before its signature fits.
func (g *gate) pass(w http.ResponseWriter, r *http.Request) error {
	sum, form, err := g.head(r)
	if err != nil {
		return err
	}
	body, free, err := g.memory.read(r.Context(), w, r.Body, r.ContentLength)
	defer free()
	if err != nil {
		return err
	}
	payload, err := g.payload(r, body, sum, form)
	if err != nil {
		return err
	}
	g.next.ServeHTTP(w, g.forward(r, payload))
	return nil
}

// head looks at what costs nothing.
func (g *gate) head(r *http.Request) (sum []byte, form bool, err error) {
	if r.Method != http.MethodPost {
		return nil, false, &turnedAway{http.StatusMethodNotAllowed, "webhooks are posted here"}
	}
	if r.ContentLength > maxBody {
		return nil, false, tooLarge()
	}
	sum, ok := signature(r.Header)
	if !ok {
		return nil, false, &turnedAway{http.StatusForbidden, "a valid " + headerSignature + " is needed"}
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form = kind == "application/x-www-form-urlencoded"
	if err != nil || (kind != "application/json" && !form) {
		return nil, false, &turnedAway{http.StatusBadRequest, "the content type is to be application/json or application/x-www-form-urlencoded"}
	}
	return sum, form, nil
}

// payload returns the JSON of a delivery that may pass.
func (g *gate) payload(r *http.Request, body, sum []byte, form bool) ([]byte, error) {
	if !g.signed(body, sum) {
		return nil, &turnedAway{http.StatusForbidden, "a valid " + headerSignature + " is needed"}
	}
	if !eventName().MatchString(only(r.Header, headerEvent)) {
		return nil, &turnedAway{http.StatusBadRequest, "a valid " + headerEvent + " is needed"}
	}
	if !deliveryID().MatchString(only(r.Header, headerDelivery)) {
		return nil, &turnedAway{http.StatusBadRequest, "a valid " + headerDelivery + " is needed"}
	}
	return jsonOf(body, form)
}

// jsonOf takes the payload out of a body.
func jsonOf(body []byte, form bool) ([]byte, error) {
	if form {
		values, err := url.ParseQuery(string(body))
		if err != nil || len(values["payload"]) != 1 {
			return nil, &turnedAway{http.StatusBadRequest, "the form is to have one payload"}
		}
		body = []byte(values.Get("payload"))
	}
	if !json.Valid(body) || !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return nil, &turnedAway{http.StatusBadRequest, "the payload is not a JSON object"}
	}
	return body, nil
}

var (
	// GitHub's names of events; longer and other ones are nobody's.
	eventName = lazy.Regexp(`^[a-z][a-z0-9_]{0,63}$`)
	// A GUID from GitHub; a little looser, since servers have used other forms.
	deliveryID = lazy.Regexp(`^[A-Za-z0-9][A-Za-z0-9-]{7,63}$`)
	sha256Sum  = lazy.Regexp(`^sha256=([0-9a-f]{64})$`)
)

// only returns a header that is given once; a second one could be what another
// program on the way looked at.
func only(h http.Header, name string) string {
	if values := h.Values(name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// signature reads the SHA-256 signature. The older X-Hub-Signature, SHA-1, is
// not looked at, here or behind the gate.
func signature(h http.Header) (sum []byte, ok bool) {
	m := sha256Sum().FindStringSubmatch(only(h, headerSignature))
	if m == nil {
		return nil, false
	}
	sum, err := hex.DecodeString(m[1])
	return sum, err == nil
}

func (g *gate) signed(body, sum []byte) bool {
	fits := hmac.Equal(sum, sign(g.current, body))
	if g.previous != nil {
		fits = hmac.Equal(sum, sign(g.previous, body)) || fits
	}
	return fits
}

func sign(secret, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(body)
	return h.Sum(nil)
}

// forward is the request as the dispatcher gets it. go-githubapp has no way to
// leave out its own check of the signature, which knows one secret, reads the
// body without a cap and takes SHA-1. What passed the gate is therefore handed
// on as plain JSON, signed again with the current secret, without any other
// signature: its check always passes and never decides.
func (g *gate) forward(r *http.Request, payload []byte) *http.Request {
	out := r.Clone(r.Context())
	out.Header = http.Header{
		"Content-Type":  {"application/json"},
		headerSignature: {"sha256=" + hex.EncodeToString(sign(g.current, payload))},
	}
	out.Header.Set(headerEvent, r.Header.Get(headerEvent))
	out.Header.Set(headerDelivery, r.Header.Get(headerDelivery))
	out.Body = io.NopCloser(bytes.NewReader(payload))
	out.ContentLength = int64(len(payload))
	return out
}

// answer writes one plain line.
func answer(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintln(w, line)
}
