package releasenotes

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// effects bring the branches and the pull request to where they are to be. What
// was generated is kept last: a crash before that finds the same base again. But
// it comes first when there is no branch yet: one without it isn't ours.
func (e edition) effects() []effect.Effect {
	merged, generated := map[string]string{}, map[string]string{}
	for _, f := range e.Files {
		if generated[f.Path] = f.New; !f.Gone {
			merged[f.Path] = f.Merged
		}
	}
	onto := func(head string) string {
		if head == "" {
			return e.BaseHead
		}
		return head
	}
	title := "Release notes of " + e.Version
	work := effect.Files{Repo: e.Target, RepoID: e.TargetID, Branch: e.head(), Base: e.Base, From: onto(e.Head), Files: merged, Message: title}
	kept := effect.Files{Repo: e.Target, RepoID: e.TargetID, Branch: e.generated(), Base: e.Base, From: onto(e.Generated), Files: generated,
		Message: title + ", as generated"}
	of := editionRecord{From: e.From}
	if e.By.ByID != 0 && !e.edited() {
		of.Proposal = e.By.Holding(e.shown(work))
	}
	record, err := json.Marshal(of)
	if err != nil {
		panic(err) // a text can always be written
	}
	pull := effect.PullRequest{Repo: e.Target, Head: e.head(), Base: e.Base, Title: title, Mark: e.mark(),
		At: effect.Place{Repo: e.TargetID}, Numbered: true, Record: record, Text: editionText(e)}
	switch {
	case e.Head == "":
		return []effect.Effect{kept, work, pull}
	case len(merged) == 0: // all were deleted
		return []effect.Effect{kept, pull}
	}
	return []effect.Effect{work, kept, pull}
}

// shown is what of the files GitHub lists in the pull request: what is as it was where the branch
// left the base isn't there.
func (e edition) shown(work effect.Files) effect.Files {
	work.Files = maps.Clone(work.Files)
	for _, f := range e.Files {
		if f.Merged == f.Before {
			delete(work.Files, f.Path)
		}
	}
	return work
}

// edited reports whether people have changed something of what Slipway wrote.
func (e edition) edited() bool {
	return slices.ContainsFunc(e.Files, func(f editionFile) bool { return f.Edited || f.Gone || f.Kept > 0 })
}

// news reports whether a new pull request would change anything.
func (e edition) news() bool {
	for _, f := range e.Files {
		if f.Merged != f.OnBase {
			return true
		}
	}
	return false
}
