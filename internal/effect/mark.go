package effect

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Mark names a text of ours: an HTML comment that people don't see. It is
// believed only in text whose author is our App, by numeric id.
type Mark struct {
	Kind string // "freeze"
	ID   string // "release-1.30"
}

// String is the mark as it stands in a text.
func (m Mark) String() string { return "<!-- slipway:" + m.Kind + " " + m.escapedID() + " -->" }

// escapedID keeps an id from ending the HTML comment it stands in.
func (m Mark) escapedID() string {
	return strings.NewReplacer("%", "%25", ">", "%3E", "<", "%3C", " ", "%20", "\n", "%0A", "--", "-%2D").Replace(m.ID)
}

// In reports whether a text carries the mark, sealed or not.
func (m Mark) In(text string) bool {
	head := "<!-- slipway:" + m.Kind + " " + m.escapedID() + " "
	return strings.Contains(text, head)
}

// Place is where a sealed record stands. A record copied to another place does
// not verify there. Repo is the numeric id, which survives a rename.
type Place struct {
	Repo   int64
	Number int
}

// Sealer signs records, with a secret of the deployment. Anyone with write
// access to a repository can edit our text; a record they changed, or moved
// from elsewhere, no longer verifies.
type Sealer struct{ key []byte }

// NewSealer makes a Sealer from a deployment's secret, which must not be empty.
func NewSealer(secret []byte) (Sealer, error) {
	if len(secret) == 0 {
		return Sealer{}, fmt.Errorf("the secret for sealing is empty")
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("slipway seal v1"))
	return Sealer{key: h.Sum(nil)}, nil
}

// Seal returns the mark with its record and signature, as one HTML comment.
// JSON keeps "<" and ">" escaped, so a record can't end the comment.
func (s Sealer) Seal(at Place, m Mark, record json.RawMessage) (string, error) {
	compact, err := compactJSON(record)
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", m.Kind, err)
	}
	return fmt.Sprintf("<!-- slipway:%s %s %s seal:%s -->", m.Kind, m.escapedID(), compact, s.sum(at, m, compact)), nil
}

func (s Sealer) sum(at Place, m Mark, record string) string {
	h := hmac.New(sha256.New, s.key)
	fmt.Fprintf(h, "%d\x00%d\x00%s\x00%s\x00%s", at.Repo, at.Number, m.Kind, m.escapedID(), record)
	return hex.EncodeToString(h.Sum(nil))
}

func compactJSON(raw json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", err
	}
	out, err := json.Marshal(v) // escapes <, > and &
	return string(out), err
}

var sealed = regexp.MustCompile(`<!-- slipway:([a-z-]+) (\S+) (?:(\{.*\}) seal:([0-9a-f]{64}) )?-->`)

// Record is a marked record as found in a text of ours.
type Record struct {
	ID    string // of the mark
	JSON  json.RawMessage
	Valid bool // the seal fits: content and place are as Slipway wrote them
}

// Unseal finds the first record of a kind. found is false when the text carries
// no such mark at all; a mark without a fitting seal is found and not Valid.
func (s Sealer) Unseal(at Place, kind, text string) (r Record, found bool) {
	for _, m := range sealed.FindAllStringSubmatch(text, -1) {
		if m[1] != kind {
			continue
		}
		r = Record{ID: unescapeID(m[2]), JSON: json.RawMessage(m[3])}
		want := s.sum(at, Mark{Kind: kind, ID: r.ID}, m[3])
		r.Valid = m[3] != "" && hmac.Equal([]byte(want), []byte(m[4]))
		return r, true
	}
	return Record{}, false
}

func unescapeID(id string) string {
	return strings.NewReplacer("-%2D", "--", "%0A", "\n", "%20", " ", "%3C", "<", "%3E", ">", "%25", "%").Replace(id)
}
