package releasenotes

import (
	"encoding/json"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// effects bring the branches and the pull request to where they are to be. What
// was generated is kept last: a crash before that finds the same base again. But
// it comes first when there is no branch yet: one without it isn't ours.
func (e edition) effects() []effect.Effect {
	record, err := json.Marshal(editionRecord{From: e.From})
	if err != nil {
		panic(err) // a text can always be written
	}
	merged, generated := map[string]string{}, map[string]string{}
	for _, f := range e.Files {
		merged[f.Path], generated[f.Path] = f.Merged, f.New
	}
	onto := func(head string) string {
		if head == "" {
			return e.BaseHead
		}
		return head
	}
	title := "Release notes of " + e.Version
	work := effect.Files{Repo: e.Target, RepoID: e.TargetID, Branch: headFor(e.Version), Base: e.Base, From: onto(e.Head), Files: merged, Message: title}
	kept := effect.Files{Repo: e.Target, RepoID: e.TargetID, Branch: generatedFor(e.Version), Base: e.Base, From: onto(e.Generated), Files: generated,
		Message: title + ", as generated"}
	first, second := work, kept
	if e.Head == "" {
		first, second = kept, work
	}
	return []effect.Effect{
		first, second,
		effect.PullRequest{Repo: e.Target, Head: headFor(e.Version), Base: e.Base, Title: title, Mark: editionMark(e.Version),
			At: effect.Place{Repo: e.TargetID}, Record: record, Text: editionText(e)},
	}
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
