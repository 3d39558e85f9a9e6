package effect

import (
	"encoding/json"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// newborn is how soon after its opening an issue gets its number sealed in. A record
// without a number that stands in an older issue was copied there.
const newborn = 10 * time.Minute

// InIssue is what an issue of ours says by its record.
type InIssue[R any] struct {
	Record R
	JSON   json.RawMessage // the record; nil where none can be believed
	Edited bool            // the issue's text isn't as we wrote it last
	// Other says that what its text shows is sealed and something else: of another
	// kind, or moved here from another repository.
	Other bool
}

// ReadIssue reads the record of an issue of ours: the one that its text shows, or the
// one that we wrote last, if that is newer or the text's can't be believed. R is the
// record of a kind of mark, with the fields "rev", "asked", which is the mark's id,
// and "opened". anywhere is for an issue in which people write, too, and may have
// moved it.
func ReadIssue[R any](s Sealer, kind string, repo int64, i github.Issue, anywhere bool) InIssue[R] {
	shown, kept := readIn[R](s, kind, repo, i, i.Body, anywhere), readIn[R](s, kind, repo, i, i.Intact, anywhere)
	rev, was := Record{JSON: shown.JSON}.Rev(), Record{JSON: kept.JSON}.Rev()
	switch {
	case shown.JSON != nil && (kept.JSON == nil || rev > was):
		return shown
	case shown.JSON != nil && rev == was:
		shown.Edited = i.Intact != i.Body
		return shown
	case kept.JSON == nil:
		kept.Other = shown.Other || kept.Other
	default:
		kept.Other = shown.Other
	}
	kept.Edited = true
	return kept
}

func readIn[R any](s Sealer, kind string, repo int64, i github.Issue, body string, anywhere bool) (is InIssue[R]) {
	find := s.Unseal
	if anywhere {
		find = s.Find
	}
	sealed := find(Place{Repo: repo, Number: i.Number}, body)
	switch {
	case sealed.Authenticity == Tampered:
		return InIssue[R]{Other: s.FromElsewhere(repo, body)}
	case sealed.Mark.Kind != kind:
		return InIssue[R]{Other: true}
	}
	var of struct {
		Asked  string    `json:"asked"`
		Opened time.Time `json:"opened"`
	}
	if json.Unmarshal(sealed.JSON, &is.Record) != nil || json.Unmarshal(sealed.JSON, &of) != nil || sealed.Mark.ID != of.Asked {
		return InIssue[R]{}
	}
	if age := i.CreatedAt.Sub(of.Opened); sealed.Authenticity == Unbound && (age <= -newborn || age >= newborn) {
		return InIssue[R]{}
	}
	is.JSON = sealed.JSON
	return is
}
