package releasenotes

import (
	"context"
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// part is what the notes of a release have of one repository.
type part struct {
	Repo     github.Repo
	Settings Settings // by its own policy: where its notes are, and what may stand in them
	from, to github.Revision
	look     *facts.Look // at the repository
	ends     []string    // what is to be said of the two ends
	files    []notes.File
	changed  []notes.ChangedNote // that an earlier release had
	moved    int                 // note files that only have another name
}

// repositories are those that a release's notes come from: the policy's own
// first, and the others that it names, which are of the same owner.
func repositories(own github.Repo, s Settings) []github.Repo {
	all := []github.Repo{own}
	for _, name := range s.Release.Repositories {
		one := github.Repo{Owner: own.Owner, Name: string(name)}
		if !slices.ContainsFunc(all, func(have github.Repo) bool { return same(have, one) }) {
			all = append(all, one)
		}
	}
	return all
}

// observeParts settles the two ends of the range in each repository. Without its
// own there are no notes; what keeps another out is said, and holds up nothing.
func (h *Handler) observeParts(ctx context.Context, e *edition) error {
	if e.From == "" {
		tags, err := h.GitHub.Tags(ctx, e.Repo, e.Settings.Scheme.AllTags())
		if err != nil {
			return err
		}
		if e.From = beginning(tags, e.v, e.Settings.Release.Since); e.From == "" {
			return command.Misused("there is no tag of a release before %s; name a revision by %s", effect.Code(e.Version), effect.Code("from="))
		}
	}
	for i, repo := range repositories(e.Repo, e.Settings) {
		p, to, lacks, err := h.observePart(ctx, *e, repo)
		switch {
		case err != nil:
			return err
		case lacks == "":
			e.Parts = append(e.Parts, p)
		case i == 0:
			return command.Misused("%s", lacks)
		default:
			e.Missing = append(e.Missing, lacks)
		}
		if i == 0 {
			e.To = to
		}
	}
	return nil
}

// observePart finds the two ends in one repository; lacks says what isn't there.
func (h *Handler) observePart(ctx context.Context, e edition, repo github.Repo) (p part, to, lacks string, err error) {
	p = part{Repo: repo, Settings: e.Settings, look: e.look}
	if repo != e.Repo {
		if lacks, err = h.observeOthersSettings(e, &p); err != nil || lacks != "" {
			return p, "", lacks, err
		}
	}
	from := notes.End{Repo: repo.String()}
	if err = h.observeEnd(ctx, e, &p, &from, &p.from, e.From, "", e.Settings.Scheme.Spellings(e.From)...); err != nil {
		return p, "", "", err
	}
	if from.Commit == "" {
		return p, "", fmt.Sprintf("there is no revision %s in %s", effect.Code(e.From), effect.Code(repo.String())), nil
	}
	last := notes.End{Repo: repo.String()}
	if err = h.observeEnd(ctx, e, &p, &last, &p.to, e.Version, "tags/", e.v.Tags()...); err != nil || last.Commit != "" {
		return p, last.Name, "", err
	}
	branch, found := string(e.branch()), false
	if p.to, found, err = h.GitHub.Revision(ctx, repo, "heads/"+branch); err != nil || found {
		return p, branch, "", err
	}
	return p, "", fmt.Sprintf("there is neither a tag %s nor a branch %s in %s", effect.Code(e.v.Tags()[0]), effect.Code(branch), effect.Code(repo.String())), nil
}

// observeEnd finds an end of the range by the first of its names, and what people should know
// of it: that another name leads elsewhere, or that it isn't on the branch that it belongs on.
func (h *Handler) observeEnd(ctx context.Context, e edition, p *part, end *notes.End, at *github.Revision, rev, below string, names ...string) error {
	for _, name := range names {
		one, found, err := h.GitHub.Revision(ctx, p.Repo, below+name)
		switch {
		case err != nil:
			return err
		case !found:
		case end.Commit == "":
			end.Name, end.Commit, *at = name, one.ID, one
		case end.Commit != one.ID:
			end.Other, end.OtherCommit = name, one.ID
		}
	}
	if branch := e.Settings.BranchOf(rev); end.Commit != "" && branch != "" {
		meets, err := h.GitHub.MergeBase(ctx, p.Repo, branch, end.Commit)
		if err != nil {
			return err
		}
		if meets != "" && meets != end.Commit {
			end.Branch, end.Meets = string(branch), meets
		}
	}
	p.ends = append(p.ends, end.Said()...)
	return nil
}

// observeOthersSettings reads the section of another repository's policy. It says
// where its notes are, so that nothing is read of one that hasn't said so itself.
func (h *Handler) observeOthersSettings(e edition, p *part) (lacks string, err error) {
	there, g, err := e.look.Elsewhere(p.Repo)
	if g.Refused != "" {
		return fmt.Sprintf("of %s: %s", effect.Code(p.Repo.String()), g.Told()), nil
	}
	if err == nil {
		if lacks, err = h.keptIn(e, p.Repo, g); lacks != "" {
			return lacks, err
		}
	}
	if err == nil {
		p.look = there
		p.Settings, err = facts.Section[Settings](there, Name)
	}
	if err == nil && p.Settings.Path == "" {
		lacks = fmt.Sprintf("the policy of %s names no folder of notes (%s)", effect.Code(p.Repo.String()), effect.Code("releasenotes.path"))
	}
	return lacks, err
}

// branch is the one that the release is made from.
func (e edition) branch() release.Branch {
	return e.Settings.branchOf(e.v)
}
