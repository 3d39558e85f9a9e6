package releasenotes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// edition is the notes of one release, and what their pull request rests on.
type edition struct {
	Repo     github.Repo // of the notes
	Target   github.Repo // of the pull request
	TargetID int64
	Settings Settings
	Version  string
	v        release.Version
	From, To string // revisions, as people name them
	// The pull request: against Base, from the branch of the version, at Head if
	// that is there; Generated is where its sister is that holds what Slipway
	// generated last.
	Base                      release.Branch
	BaseHead, Head, Generated string
	Pull                      *github.PullDetail // the open one of ours
	Files                     []editionFile
	paths                     []string // of the note files of the range
	Report                    notes.Report
}

// editionFile is one file of notes.
type editionFile struct {
	Path   string
	New    string // as generated now
	Merged string // that, with what people have changed
	Kept   int    // places where theirs stayed, because both changed them
	Edited bool   // people have changed it since it was generated last
	OnBase string // as it is on the base; only where no pull request is open
}

// editionRecord is what the pull request's text remembers, sealed.
type editionRecord struct {
	From string `json:"from"`
}

func editionMark(version string) effect.Mark { return effect.Mark{Kind: "notes", ID: version} }

// The most that is read for a release.
const (
	maxRange     = 400 // note files
	maxTemplates = 20
	maxPulls     = 100 // merged pull requests that the report looks at
)

// observeEdition reads all that the notes of a release are made of. from is the
// revision of the release before, "" for the one that was used last, or else
// the tag before. A *command.Misuse says what people have to mend.
func (h *Handler) observeEdition(ctx context.Context, s Snapshot, name, from string) (e edition, err error) {
	if e, err = h.begin(ctx, s, name); err != nil {
		return e, err
	}
	if e.TargetID, err = h.GitHub.RepoID(ctx, e.Target); err != nil {
		return e, err
	}
	for branch, head := range map[release.Branch]*string{e.Base: &e.BaseHead, headFor(e.Version): &e.Head, generatedFor(e.Version): &e.Generated} {
		if *head, err = h.GitHub.BranchHead(ctx, e.Target, branch); err != nil {
			return e, err
		}
	}
	if e.BaseHead == "" {
		return e, command.Misused("there is no branch %s, which the notes are to be merged into", effect.Code(string(e.Base)))
	}
	if err := h.observeEditionPull(ctx, &e); err != nil {
		return e, err
	}
	if e.From = from; from == "" && e.Pull != nil {
		e.From = e.recorded(h.Sealer)
	}
	to, before, err := h.observeRange(ctx, &e)
	if err != nil {
		return e, err
	}
	if err := h.observeRendered(ctx, &e, before, to); err != nil {
		return e, err
	}
	return e, h.observePulls(ctx, s, &e, before)
}

// begin settles where the notes of a release go.
func (h *Handler) begin(ctx context.Context, s Snapshot, name string) (e edition, err error) {
	e = edition{Repo: s.Key.Repo, Settings: s.Settings, Version: strings.TrimPrefix(name, "v"), Base: release.Branch(s.Settings.Release.Base)}
	e.v, _ = parseVersion(name)
	if e.Target, err = s.target(); err == nil && e.Base == "" {
		e.Base, err = h.GitHub.DefaultBranch(ctx, e.Target)
	}
	if errors.Is(err, reconcile.ErrGone) {
		err = command.Misused("there is no repository %s that Slipway is installed in", effect.Code(e.Target.String()))
	}
	return e, err
}

// target is the repository of the pull request: only one of the same owner,
// whoever writes the policy.
func (s Snapshot) target() (github.Repo, error) {
	if s.Settings.Release.Repository == "" {
		return s.Key.Repo, nil
	}
	to, err := github.ParseRepo(s.Settings.Release.Repository)
	if err != nil || !strings.EqualFold(to.Owner, s.Key.Repo.Owner) {
		return to, command.Misused("%s is not a repository of %s, so the notes can't go there", effect.Code(s.Settings.Release.Repository), effect.Code(s.Key.Repo.Owner))
	}
	return to, nil
}

// observeEditionPull finds the open pull request of ours.
func (h *Handler) observeEditionPull(ctx context.Context, e *edition) error {
	bot, err := h.GitHub.BotID(ctx, e.Target)
	if err != nil {
		return err
	}
	pulls, err := h.GitHub.PullsFrom(ctx, e.Target, headFor(e.Version))
	for _, p := range pulls {
		if p.State == github.Open && p.Base == e.Base && p.Author.ID == bot {
			e.Pull = &p
		}
	}
	if err == nil && e.Pull == nil && e.Head != "" {
		err = e.usable(pulls, bot)
	}
	return err
}

// usable says why the branch of the version, which is there without an open pull
// request of ours, can't be gone on with: it is somebody's, or left from one that
// is over, and what people have changed on the base since would be undone.
func (e edition) usable(pulls []github.PullDetail, bot int64) error {
	branch := effect.Code(string(headFor(e.Version)))
	for _, p := range pulls {
		switch {
		case p.State == github.Open && p.Author.ID != bot:
			return command.Misused("#%d, which somebody else opened, is from the branch %s, where the notes are to be written; **next step:** close it and delete the branch, or rename it", p.Number, branch)
		case p.State != github.Open && p.Author.ID == bot && p.Head == e.Head:
			return command.Misused("the branch %s is left from #%d, which is over; **next step:** delete it, and comment again, so that the notes begin on what %s has now",
				branch, p.Number, effect.Code(string(e.Base)))
		}
	}
	if e.Generated == "" { // ours has this sister from the beginning
		return command.Misused("there is a branch %s that isn't Slipway's; **next step:** delete or rename it, and comment again", branch)
	}
	return nil
}

// recorded is the revision that the pull request was made from, "" if its text
// was changed.
func (e edition) recorded(s effect.Sealer) string {
	r := s.Unseal(effect.Place{Repo: e.TargetID}, e.Pull.Body)
	var record editionRecord
	if r.Standing == effect.Altered || r.Mark != editionMark(e.Version) || json.Unmarshal(r.JSON, &record) != nil {
		return ""
	}
	return record.From
}

// observeRange settles the two ends of the range: the release is at its tag, or
// else at the head of its branch.
func (h *Handler) observeRange(ctx context.Context, e *edition) (to, from github.Revision, err error) {
	if e.From == "" {
		tags, err := h.GitHub.Tags(ctx, e.Repo, "")
		if err != nil {
			return to, from, err
		}
		if e.From = previous(tags, e.v); e.From == "" {
			return to, from, command.Misused("there is no tag of a release before %s; name a revision by %s", effect.Code(e.Version), effect.Code("from="))
		}
	}
	from, found, err := h.GitHub.Revision(ctx, e.Repo, e.From)
	if err != nil || !found {
		if err == nil {
			err = command.Misused("there is no revision %s here", effect.Code(e.From))
		}
		return to, from, err
	}
	branch := fillVersion(e.Settings.Release.Branch, e.Version, e.v)
	for _, ref := range []string{"refs/tags/" + e.Version, "refs/tags/v" + e.Version, "refs/heads/" + branch} {
		if to, found, err = h.GitHub.Revision(ctx, e.Repo, strings.TrimPrefix(ref, "refs/")); err != nil || found {
			e.To = ref[strings.LastIndex(ref, "/")+1:]
			if strings.HasPrefix(ref, "refs/heads/") {
				e.To = branch
			}
			return to, from, err
		}
	}
	return to, from, command.Misused("there is neither a tag %s nor a branch %s", effect.Code(e.Version), effect.Code(branch))
}

// observeRendered reads the notes and the templates, renders them, and lays them
// onto what people have changed.
func (h *Handler) observeRendered(ctx context.Context, e *edition, from, to github.Revision) error {
	source, err := h.observeSourceFiles(ctx, *e, from, to)
	if err != nil {
		return err
	}
	templates, err := h.observeTemplates(ctx, *e)
	if err != nil {
		return err
	}
	schema := e.Settings.NoteSchema(e.Repo)
	files, report := notes.Render([]notes.Source{source}, templates, schema.Home, notes.Releases{Old: e.From, New: e.Version})
	report.Repos = append(report.Repos, notes.RepoReport{Name: e.Repo.String(), From: from.ID, To: to.ID, Files: len(source.Files)})
	e.Report = report
	for _, f := range source.Files {
		e.paths = append(e.paths, f.Path)
	}
	for _, f := range files {
		one, err := h.observeEditionFile(ctx, *e, path.Join(fillVersion(e.Settings.Release.Path, e.Version, e.v), f.Name), f.Text)
		if err != nil {
			return err
		}
		e.Files = append(e.Files, one)
	}
	return nil
}

// observeEditionFile lays generated notes onto the file that is there.
func (h *Handler) observeEditionFile(ctx context.Context, e edition, name, text string) (editionFile, error) {
	f := editionFile{Path: name, New: text, Merged: text}
	var have github.File
	var err error
	if e.Pull == nil {
		if have, err = h.GitHub.FileAt(ctx, e.Target, e.BaseHead, name); err != nil {
			return f, err
		}
		f.OnBase = have.Text
	}
	if e.Head != "" {
		have, err = h.GitHub.FileAt(ctx, e.Target, e.Head, name)
	}
	if err != nil || !have.Found {
		return f, err
	}
	base := ""
	if e.Generated != "" {
		before, err := h.GitHub.FileAt(ctx, e.Target, e.Generated, name)
		if err != nil {
			return f, err
		}
		base = before.Text
	}
	f.Edited = have.Text != base
	f.Merged, f.Kept, err = h.Merger.Merge(ctx, base, have.Text, text)
	return f, err
}

// observeSourceFiles reads the note files that are new or changed in the range.
func (h *Handler) observeSourceFiles(ctx context.Context, e edition, from, to github.Revision) (notes.Source, error) {
	source := notes.Source{Name: e.Repo.String()}
	before, err := h.GitHub.FilesBelow(ctx, e.Repo, from.Tree, e.Settings.Path)
	if err != nil {
		return source, err
	}
	after, err := h.GitHub.FilesBelow(ctx, e.Repo, to.Tree, e.Settings.Path)
	if err != nil {
		return source, err
	}
	old := map[string]string{}
	for _, f := range before {
		old[f.Path] = f.ID
	}
	after = slices.DeleteFunc(after, func(f github.Blob) bool { return old[f.Path] == f.ID || !e.Settings.holds(f.Path) })
	if len(after) > maxRange {
		return source, command.Misused("%d note files changed from %s to %s, and %d are the most that are read here; %s has no such limit",
			len(after), effect.Code(e.From), effect.Code(e.To), maxRange, effect.Code("slipway notes generate"))
	}
	slices.SortFunc(after, func(a, b github.Blob) int { return strings.Compare(a.Path, b.Path) })
	schema, severities := e.Settings.NoteSchema(e.Repo), e.Settings.Severities()
	for _, f := range after {
		text, err := h.GitHub.BlobText(ctx, e.Repo, f.ID)
		if err != nil {
			return source, err
		}
		source.Files = append(source.Files, notes.Read(schema, severities, f.Path, []byte(text)))
	}
	return source, nil
}

// observeTemplates reads the project's templates, or takes Slipway's own.
func (h *Handler) observeTemplates(ctx context.Context, e edition) ([]notes.Template, error) {
	dir := e.Settings.Release.Templates
	if dir == "" {
		return notes.Templates(), nil
	}
	at, _, err := h.GitHub.Revision(ctx, e.Target, e.BaseHead)
	if err != nil {
		return nil, err
	}
	files, err := h.GitHub.FilesBelow(ctx, e.Target, at.Tree, dir)
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f github.Blob) bool { return path.Dir(f.Path) != dir || path.Ext(f.Path) != ".md" })
	if len(files) == 0 || len(files) > maxTemplates {
		return nil, command.Misused("%s of %s holds %d templates (%s); from 1 to %d are wanted", effect.Code(dir), effect.Code(string(e.Base)), len(files), effect.Code("*.md"), maxTemplates)
	}
	var list []notes.Template
	for _, f := range files {
		text, err := h.GitHub.BlobText(ctx, e.Target, f.ID)
		if err != nil {
			return nil, err
		}
		t, err := notes.ParseTemplate(path.Base(f.Path), text)
		if err != nil {
			return nil, command.Misused("a template has a fault: %s", effect.Inert(err.Error(), maxQuoted))
		}
		list = append(list, t)
	}
	return list, nil
}

// observePulls adds to the report what the pull requests say that were merged
// into the release's branch.
func (h *Handler) observePulls(ctx context.Context, s Snapshot, e *edition, from github.Revision) error {
	branch := release.Branch(fillVersion(e.Settings.Release.Branch, e.Version, e.v))
	repo := &e.Report.Repos[0]
	pulls, err := h.GitHub.MergedPullRequests(ctx, e.Repo, branch, from.At)
	if err != nil {
		return err
	}
	repo.Changes, repo.Partial = len(pulls), fmt.Sprintf("the pull requests merged into %s since %s", branch, from.At.UTC().Format("2006-01-02"))
	if len(pulls) > maxPulls {
		pulls, repo.Partial = pulls[:maxPulls], repo.Partial+fmt.Sprintf(", of which the newest %d were looked at", maxPulls)
	}
	e.Report.LabelsKnown = true
	undone := takenBack(pulls)
	for _, pr := range pulls {
		if err := h.observePullOfRange(ctx, s, e, pr, undone); err != nil {
			return err
		}
	}
	return nil
}
