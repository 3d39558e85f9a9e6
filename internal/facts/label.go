package facts

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Labellings is what is read of who set labels.
type Labellings interface {
	// LabelledBy returns who set a label that is there, and when; found is false as long
	// as GitHub doesn't say.
	LabelledBy(ctx context.Context, repo github.Repo, number int, label string) (l github.Labelling, found bool, err error)
}

// Label is one that a pull request carries.
type Label struct {
	Number int
	Name   string
}

// String implements fmt.Stringer.
func (l Label) String() string { return fmt.Sprintf("%d/%s", l.Number, l.Name) }

// Labelled is how a pull request got a label that it carries; nil while GitHub doesn't
// say. It costs a request, once after each event of the label.
var Labelled = Fact[Label, *github.Labelling]{
	Name: "labelled", Fresh: EachLook, Unknown: Wait, From: []Need{Labels},
	Read: func(l *Look, k Label) (*github.Labelling, error) {
		by, found, err := l.from.GitHub.LabelledBy(l.ctx, l.Repo, k.Number, k.Name)
		if err != nil || !found {
			return nil, err
		}
		return &by, nil
	},
}
