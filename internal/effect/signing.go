package effect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Signing is how the commits of a pick come to be verified.
type Signing string

// The ways.
const (
	Unsigned Signing = ""       // they aren't
	ByGitHub Signing = "github" // GitHub makes them for our App, and signs them
	ByKey    Signing = "key"    // by a key of this deployment
)

// Step is a commit of a pick, but for who makes it and when.
type Step struct{ Tree, Message string }

// PickedOnto begins the line by which a commit that GitHub makes says which branch it is a
// pick for: two branches may be at one commit, and a check run belongs to a commit.
const PickedOnto = "Cherry-picked-onto: "

// Throwaway is the ref under which the files of a pick come to GitHub for a branch, until
// GitHub has made its commits. It is no branch and no tag.
func Throwaway(branch release.Branch) string { return ThrowawayPrefix + string(branch) }

// ThrowawayPrefix begins the names of these refs.
const ThrowawayPrefix = "refs/slipway/"

// SameText reports whether two messages say the same, whatever became of their white space.
func SameText(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// DropThrowaway deletes the throwaway ref of a pick, which a killed process left.
type DropThrowaway struct {
	Repo   github.Repo
	Branch release.Branch // of the pick
}

// Key implements Effect.
func (e DropThrowaway) Key() string { return fmt.Sprintf("throwaway %s %s", e.Repo, e.Branch) }

// String implements Effect.
func (e DropThrowaway) String() string {
	return fmt.Sprintf("delete %s of %s", Throwaway(e.Branch), e.Repo)
}

func (DropThrowaway) sealed() {}
