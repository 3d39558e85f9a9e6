package reconcile

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Key names what may have changed, for one handler: "freeze istio/istio pr/123".
// It is the unit of work: a key is never worked twice at once, and all events
// about it that arrive while it waits become one run.
type Key struct {
	Handler string
	Repo    github.Repo
	ID      string
}

// String is the form that people type and logs show.
func (k Key) String() string { return k.Handler + " " + k.Repo.String() + " " + k.ID }

// ParseKey reads what String writes.
func ParseKey(s string) (Key, error) {
	words := strings.Fields(s)
	if len(words) != 3 {
		return Key{}, fmt.Errorf("%q is not a key: want HANDLER OWNER/NAME ID, like \"freeze istio/istio pr/123\"", s)
	}
	repo, err := github.ParseRepo(words[1])
	if err != nil {
		return Key{}, fmt.Errorf("%q is not a key: %w", s, err)
	}
	return Key{Handler: words[0], Repo: repo, ID: words[2]}, nil
}

// The machinery's own keys heal what webhooks lost: a resync looks at all there
// is again, a sweep asks GitHub for deliveries that never arrived. A spread takes an
// event to the keys that rest on a fact, where they are too many for a delivery.
const (
	ResyncHandler = "resync"
	SweepHandler  = "sweep"
	SpreadHandler = "spread"
	// Any stands in them for every repository, or every owner.
	Any = "*"
)

const wholeID = "all"

// ResyncKey looks at all of a repository again; with the name Any, at all
// repositories of the owner, or of every owner for Any too.
func ResyncKey(r github.Repo) Key { return Key{Handler: ResyncHandler, Repo: r, ID: wholeID} }

// ResyncAllKey looks at everything again.
func ResyncAllKey() Key { return ResyncKey(github.Repo{Owner: Any, Name: Any}) }

// SweepKey asks for lost deliveries.
func SweepKey() Key {
	return Key{Handler: SweepHandler, Repo: github.Repo{Owner: Any, Name: Any}, ID: wholeID}
}

// SpreadKey enqueues whatever rests on a fact.
func SpreadKey(fact string) Key {
	return Key{Handler: SpreadHandler, Repo: github.Repo{Owner: Any, Name: Any}, ID: fact}
}
