package notes

import (
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// End is one end of a range in one repository.
type End struct {
	Repo, Name, Commit string // Name is the tag, the branch or the id by which it was found
	// Other is another tag of the same version, at another commit; "" for none.
	Other, OtherCommit string
	// Branch is the one that it should be on, and Meets where it parts from that; "" if it is
	// on it, or nobody can tell.
	Branch, Meets string
}

// Said is what people should know of an end, in Markdown. Nothing of it keeps the notes from
// being made.
func (e End) Said() (all []string) {
	if e.Other != "" {
		all = append(all, fmt.Sprintf("%s has two tags of one version at different commits: %s at %s and %s at %s. The notes take %s.",
			effect.Code(e.Repo), effect.Code(e.Name), effect.Short(e.Commit), effect.Code(e.Other), effect.Short(e.OtherCommit), effect.Code(e.Name)))
	}
	if e.Branch != "" && e.Meets != "" {
		all = append(all, fmt.Sprintf("%s of %s, %s, isn't on %s: it parts from it at %s. The notes are those between the files of the two ends, and the changes are counted from where they part.",
			effect.Code(e.Name), effect.Code(e.Repo), effect.Short(e.Commit), effect.Code(e.Branch), effect.Short(e.Meets)))
	}
	return all
}
