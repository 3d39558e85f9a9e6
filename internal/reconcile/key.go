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
