package releasenotes

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	paths    []string // of the note files of the range
}

// brings reports whether a note file is one of the range.
func (p part) brings(path string) bool { return slices.Contains(p.paths, path) }

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
		tags, err := h.GitHub.Tags(ctx, e.Repo, "")
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
	p = part{Repo: repo, Settings: e.Settings}
	if repo != e.Repo {
		if lacks, err = h.observeOthersSettings(e, &p); err != nil || lacks != "" {
			return p, "", lacks, err
		}
	}
	found := false
	for _, ref := range spellings(e.From) {
		if p.from, found, err = h.GitHub.Revision(ctx, repo, ref); err != nil || found {
			break
		}
	}
	if err != nil || !found {
		return p, "", fmt.Sprintf("there is no revision %s in %s", effect.Code(e.From), effect.Code(repo.String())), err
	}
	branch := fillVersion(e.Settings.Release.Branch, e.Version, e.v)
	for _, ref := range []string{"tags/" + e.Version, "tags/v" + e.Version, "heads/" + branch} {
		if p.to, found, err = h.GitHub.Revision(ctx, repo, ref); err != nil || found {
			_, to, _ = strings.Cut(ref, "/")
			return p, to, "", err
		}
	}
	return p, "", fmt.Sprintf("there is neither a tag %s nor a branch %s in %s", effect.Code(e.Version), effect.Code(branch), effect.Code(repo.String())), nil
}

// spellings are the ways in which repositories may name one revision: a tag with a
// v before it and without.
func spellings(ref string) []string {
	bare := strings.TrimPrefix(ref, "v")
	if _, ok := parseVersion(ref); !ok {
		return []string{ref}
	}
	if bare != ref {
		return []string{ref, bare}
	}
	return []string{ref, "v" + bare}
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
		p.Settings, err = facts.Section[Settings](there, Name)
	}
	if err == nil && p.Settings.Path == "" {
		lacks = fmt.Sprintf("the policy of %s names no folder of notes (%s)", effect.Code(p.Repo.String()), effect.Code("releasenotes.path"))
	}
	return lacks, err
}

// observeNotes reads the note files that are new or changed in the range, of each
// repository.
func (h *Handler) observeNotes(ctx context.Context, e *edition) (sources []notes.Source, err error) {
	var changed [][]github.Blob
	n := 0
	for _, p := range e.Parts {
		files, err := h.observeChanged(ctx, p)
		if err != nil {
			return nil, err
		}
		changed, n = append(changed, files), n+len(files)
	}
	if n > maxRange {
		return nil, command.Misused("%d note files changed from %s to %s, and %d are the most that are read here; %s has no such limit",
			n, effect.Code(e.From), effect.Code(e.To), maxRange, effect.Code("slipway notes generate"))
	}
	for i, p := range e.Parts {
		source := notes.Source{Name: p.Repo.String()}
		schema, severities := p.Settings.NoteSchema(p.Repo), p.Settings.Severities()
		for _, b := range changed[i] {
			note, err := h.note(ctx, p.Repo, schema, severities, b)
			if err != nil {
				return nil, err
			}
			source.Files = append(source.Files, note)
			e.Parts[i].paths = append(e.Parts[i].paths, b.Path)
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// observeChanged lists the notes that are new or changed, in the order of their paths.
func (h *Handler) observeChanged(ctx context.Context, p part) ([]github.Blob, error) {
	before, err := h.GitHub.FilesBelow(ctx, p.Repo, p.from.Tree, p.Settings.Path)
	if err != nil {
		return nil, err
	}
	after, err := h.GitHub.FilesBelow(ctx, p.Repo, p.to.Tree, p.Settings.Path)
	if err != nil {
		return nil, err
	}
	old := map[string]github.Blob{}
	for _, f := range before {
		old[f.Path] = f
	}
	after = slices.DeleteFunc(after, func(f github.Blob) bool { return old[f.Path] == f || !p.Settings.holds(f.Path) })
	slices.SortFunc(after, func(a, b github.Blob) int { return strings.Compare(a.Path, b.Path) })
	return after, nil
}

// crosses reports whether the range goes from one minor release to another: its
// changes then came by the branch that releases are cut from.
func (e edition) crosses() bool {
	from, ok := parseVersion(e.From)
	return !ok || from.Major != e.v.Major || from.Minor != e.v.Minor
}

// branch is the one that the release is made from.
func (e edition) branch() release.Branch {
	return release.Branch(fillVersion(e.Settings.Release.Branch, e.Version, e.v))
}
