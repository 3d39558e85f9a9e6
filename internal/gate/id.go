package gate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Name is the handler of the keys that are judged for all gates.
const Name = "gate"

// The kinds of id. The first three are about one pull request and come to the same
// verdict: rerun reports it even if it has been reported, because GitHub waits for
// an answer, and moved takes back what was reported and no longer holds.
const (
	Pull   = "pr"     // N
	Moved  = "moved"  // N
	Rerun  = "rerun"  // N
	Commit = "commit" // ID: the pull requests with that head
	Named  = "named"  // ID: the same, since another App reports on it under a name of ours
	Branch = "branch" // NAME: those against it
	Group  = "group"  // HEAD/REF: what a merge queue has built
	All    = "all"    // every open one

	// allBefore is what All was called before there was the kit: a queue may hold it.
	allBefore = "branches"
)

// subject is what a key is about, by its kind.
type subject struct {
	kind   string
	number int
	commit string
	branch release.Branch
	group  github.MergeGroup
}

// parse reads a key's id; ok is false for one that isn't the kit's. Its kind is ""
// where not even that is.
func parse(id string) (s subject, ok bool) {
	kind, rest, _ := strings.Cut(id, "/")
	s.kind = kind
	switch kind {
	case Pull, Moved, Rerun:
		n, err := strconv.Atoi(rest)
		s.number = n
		return s, err == nil && n > 0
	case Commit, Named:
		s.commit = rest
		return s, rest != ""
	case Branch:
		s.branch = release.Branch(rest)
		return s, rest != ""
	case Group:
		s.group, ok = github.ParseMergeGroup(rest)
		return s, ok
	case All, allBefore:
		s.kind = All
		return s, rest == ""
	}
	return subject{}, false
}

// ErrID is that a key's id is none of the kit's.
func errID(id string) error {
	return fmt.Errorf("%q is not one of pr/N, moved/N, rerun/N, commit/ID, named/ID, branch/NAME, group/HEAD/REF and all: %w", id, reconcile.ErrGone)
}

// PullID is the id of a key about one pull request.
func PullID(kind string, number int) string { return fmt.Sprintf("%s/%d", kind, number) }

// PullKey is the key under which a pull request is judged for all gates.
func PullKey(repo github.Repo, number int) reconcile.Key {
	return reconcile.Key{Handler: Name, Repo: repo, ID: PullID(Pull, number)}
}

// ids names what an event may have changed for those who need some facts.
func ids(e github.Event, needs []facts.Need) []string {
	if e.Repo == (github.Repo{}) {
		return nil
	}
	var ids []string
	for _, t := range facts.Touched(e, needs...) {
		switch {
		case t.Number != 0 && t.Moved:
			ids = append(ids, PullID(Moved, t.Number))
		case t.Number != 0:
			ids = append(ids, PullID(Pull, t.Number))
		case t.All:
			ids = append(ids, All)
		}
	}
	switch {
	case e.Kind == "check_suite" && e.Action == "rerequested" && e.Commit != "":
		ids = append(ids, Commit+"/"+e.Commit)
	case e.Kind == "check_run" && e.Namesake && e.Commit != "":
		ids = append(ids, Named+"/"+e.Commit)
	case e.Kind == "merge_group" && e.Action == "checks_requested" && e.Group != nil:
		ids = append(ids, Group+"/"+e.Group.ID())
	}
	slices.Sort(ids)
	return slices.DeleteFunc(ids, func(id string) bool {
		if number, is := strings.CutPrefix(id, Pull+"/"); is && slices.Contains(ids, Moved+"/"+number) {
			return true // the same look, and more
		}
		_, ok := parse(id)
		return !ok
	})
}

// rerunID is the id of a run of a gate's that somebody asks for again, by the id
// that the run carries: for a fork's commit the payload's own list of pull requests
// is empty. A merge group's is asked for anew by its queue.
func rerunID(e github.Event, check string) (id string, ok bool) {
	if e.Kind != "check_run" || e.Action != "rerequested" || e.CheckName != check || e.Repo == (github.Repo{}) {
		return "", false
	}
	number, is := strings.CutPrefix(e.ExternalID, Pull+"/")
	id = Rerun + "/" + number
	_, ok = parse(id)
	return id, ok && is
}
