package effect

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// Begins reports whether a text begins with the mark, sealed or not. Slipway
// writes its marks at the very beginning; one further down may be a quotation
// of what somebody else wrote.
func (m Mark) Begins(text string) bool {
	return strings.HasPrefix(text, "<!-- slipway:"+m.Kind+" "+m.escapedID()+" ")
}

// Place is where a sealed record stands. A record copied to another place does
// not verify there. Repo is the numeric id, which survives a rename. Number 0
// is a thing that has no number yet.
type Place struct {
	Repo   int64
	Number int
}

// Sealer signs records, with a secret of the deployment. Anyone with write
// access to a repository can edit our text; a record they changed, or moved
// from elsewhere, no longer verifies.
type Sealer struct{ keys [][]byte }

// NewSealer makes a Sealer from a deployment's secrets, none of them empty. The
// first signs; the others, used before, still verify.
func NewSealer(secret []byte, previous ...[]byte) (Sealer, error) {
	var s Sealer
	for _, one := range append([][]byte{secret}, previous...) {
		if len(one) == 0 {
			return Sealer{}, fmt.Errorf("a secret for sealing is empty")
		}
		h := hmac.New(sha256.New, one)
		h.Write([]byte("slipway seal v1"))
		s.keys = append(s.keys, h.Sum(nil))
	}
	return s, nil
}

// Seal returns the mark with its record and signature, as one HTML comment.
// JSON keeps "<" and ">" escaped, so a record can't end the comment.
func (s Sealer) Seal(at Place, m Mark, record json.RawMessage) (string, error) {
	compact, err := compactJSON(record)
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", m.Kind, err)
	}
	return fmt.Sprintf("<!-- slipway:%s %s %s seal:%s -->", m.Kind, m.escapedID(), compact, sum(s.keys[0], at, m, compact)), nil
}

func sum(key []byte, at Place, m Mark, record string) string {
	h := hmac.New(sha256.New, key)
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

// Authenticity is how far a record can be believed.
type Authenticity int

// The standings. Unbound is a record as it was written into a thing that had no
// number yet: whoever believes it must know that the thing is as new as the
// record, or it may have been copied there.
const (
	Tampered Authenticity = iota
	Unbound
	Bound
)

// Record is a marked record as found in a text of ours.
type Record struct {
	Mark         Mark
	JSON         json.RawMessage
	Authenticity Authenticity
}

// Rev is the version of a record that counts its versions, in a field "rev"; 0
// of any other.
func (r Record) Rev() int {
	var v struct {
		Rev int `json:"rev"`
	}
	if json.Unmarshal(r.JSON, &v) != nil {
		return 0
	}
	return v.Rev
}

// Unseal reads the record that a text begins with. A text without a mark, or
// with a mark and no fitting seal, gives a record that is Tampered.
func (s Sealer) Unseal(at Place, text string) Record {
	m, ok := readRecordLine(text)
	if !ok {
		return Record{}
	}
	r := Record{Mark: Mark{Kind: m.kind, ID: unescapeID(m.id)}, JSON: json.RawMessage(m.json)}
	for _, key := range s.keys {
		for place, standing := range map[Place]Authenticity{at: Bound, {Repo: at.Repo}: Unbound} {
			if m.json != "" && hmac.Equal([]byte(sum(key, place, r.Mark, m.json)), []byte(m.seal)) {
				r.Authenticity = standing
			}
		}
	}
	return r
}

// FromElsewhere reports a record that is intact where it says that it stands, by
// its fields "repo" and "number", which is another repository than that of the
// text: whoever may write to both can move an issue.
func (s Sealer) FromElsewhere(repo int64, text string) bool {
	var at struct {
		Repo   int64 `json:"repo"`
		Number int   `json:"number"`
	}
	r := s.Unseal(Place{Repo: repo}, text)
	return json.Unmarshal(r.JSON, &at) == nil && at.Repo != 0 && at.Repo != repo &&
		s.Unseal(Place{Repo: at.Repo, Number: at.Number}, text).Authenticity == Bound
}

// Find reads the record of a text that people write in, too, wherever they have
// moved it, but for code: the newest of those that are bound to the place, else the
// first that verifies. The author of the text has to be our App.
func (s Sealer) Find(at Place, text string) Record {
	best := s.Unseal(at, text)
	d := readDocument(text)
	var in []bool
	for i, line := range d.lines {
		if !strings.Contains(line, recordBegin) {
			continue
		}
		if in == nil {
			in = d.fenced()
		}
		if in[i] {
			continue
		}
		for _, one := range recordsIn(line, maxSealed) {
			r := s.Unseal(at, one)
			if r.Authenticity > best.Authenticity || r.Authenticity == Bound && r.Rev() > best.Rev() {
				best = r
			}
		}
	}
	return best
}

// maxSealed is how many records of one line are looked at.
const maxSealed = 20

// WithoutRecord is a text without its records, whatever somebody made of them, and
// with what stands beside them; quotations in code stay.
func WithoutRecord(text string) string {
	if !strings.Contains(text, recordBegin) {
		return text
	}
	d := readDocument(text)
	in := d.fenced()
	var lines []string
	for i, line := range d.lines {
		if in[i] || !strings.Contains(line, recordBegin) {
			lines = append(lines, line)
			continue
		}
		for {
			before, rest, found := strings.Cut(line, recordBegin)
			if !found {
				break
			}
			// Without its end it would hide all that follows.
			_, rest, _ = strings.Cut(rest, "-->")
			line = before + rest
		}
		if strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, " \t"))
		}
	}
	d.lines = lines
	return d.String()
}

func unescapeID(id string) string {
	return strings.NewReplacer("-%2D", "--", "%0A", "\n", "%20", " ", "%3C", "<", "%3E", ">", "%25", "%").Replace(id)
}
