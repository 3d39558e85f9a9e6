package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/noterange"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func notesGenerateCommand() *cobra.Command {
	var ask notesGenerate
	cmd := &cobra.Command{
		Use:   "generate --repo [NAME=]DIR... --from REV --to REV --out DIR",
		Short: "Make the notes of a release",
		Long: `Generate renders the notes of the changes between two revisions: those whose
files are new or changed at --to, read from git as they are there. Nothing is
checked out, and the repositories are left as they are.

Several repositories are rendered together, in the order given; a note that two
of them bring appears once. NAME is what the report calls a repository,
owner/name best; else it is its folder's name.

The templates are Markdown in which HTML comments stand for notes, like
<!-- releaseNotes area:security action:!Deprecated -->, <!-- upgradeNotes --> and
<!-- securityNotes -->, and for the versions, <!--oldRelease--> and
<!--newRelease-->. Without --templates Slipway's own are used, which make
releaseNotes.md, minorReleaseNotes.md and upgradeNotes.md.

Beside the notes it writes report.md and report.json: changes without a note,
notes whose change was reverted, notes that no template shows, and what
slipway notes check finds. Labels are not in git: --labels FILE brings them, as
gh pr list --state merged --limit 10000 --json number,labels,author prints them.
The authors in it are those whose changes need no note, by the policy; without
it they are told where a commit has their GitHub address.
What it finds is no failure: the status is 0 if the files could be written, and
else 2.`,
		Example: `  slipway notes generate --repo istio/istio=istio --repo istio/api=api --from 1.30.0 --to 1.30.1 --out notes
  slipway notes generate --repo . --from 1.29.0 --to release-1.30 --version 1.30.0 --templates tmpl --html --out notes`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return wrongUse(fmt.Errorf("generate takes flags alone, not %q", args[0]))
			}
			return nil
		},
		RunE: usable(func(cmd *cobra.Command, _ []string) error { return ask.run(cmd.Context(), cmd.OutOrStdout()) }),
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongUse(err) })
	f := cmd.Flags()
	f.StringArrayVar(&ask.repos, "repo", nil, "a repository's directory, with a name for it if you like; again for more")
	f.StringVar(&ask.from, "from", "", "the revision of the release before: a tag, a branch or an id")
	f.StringVar(&ask.to, "to", "", "the revision of the release")
	f.StringVar(&ask.previous, "previous", "", "what the notes call the release before (default: --from)")
	f.StringVar(&ask.version, "version", "", "what the notes call the release (default: --to)")
	f.StringVar(&ask.path, "path", "", "the folder of the notes in each repository (default: the policy's, or releasenotes/notes)")
	f.StringVar(&ask.templates, "templates", "", "a directory of templates, *.md")
	f.StringVar(&ask.out, "out", "", "the directory to write to; it is made if it isn't there")
	f.StringVar(&ask.policy, "policy", "", "a policy file, whose section releasenotes holds")
	f.StringVar(&ask.labels, "labels", "", "a JSON file with the labels of pull requests of the first repository")
	f.BoolVar(&ask.html, "html", false, "write HTML beside each file of notes, too")
	return cmd
}

// notesGenerate is what a person asked for.
type notesGenerate struct {
	repos                                []string
	from, to, previous, version          string
	path, templates, out, policy, labels string
	html                                 bool
}

// defaultNotesPath is where notes stand when neither a flag nor a policy says.
const defaultNotesPath = "releasenotes/notes"

func (a *notesGenerate) check() error {
	switch {
	case len(a.repos) == 0:
		return errors.New("--repo is needed: the directory of a repository")
	case a.from == "":
		return errors.New("--from is needed: the revision of the release before")
	case a.to == "":
		return errors.New("--to is needed: the revision of the release")
	case a.out == "":
		return errors.New("--out is needed: the directory to write to")
	}
	if a.previous == "" {
		a.previous = a.from
	}
	if a.version == "" {
		a.version = a.to
	}
	return nil
}

// backwards reports two versions of which the first isn't before the second. Of other
// revisions nobody knows.
func backwards(scheme release.Scheme, from, to string) bool {
	older, err := scheme.Named(from)
	newer, err2 := scheme.Named(to)
	return err == nil && err2 == nil && older.Compare(newer) >= 0
}

func (a notesGenerate) run(ctx context.Context, out io.Writer) error {
	if err := a.check(); err != nil {
		return err
	}
	settings, err := notesPolicy(a.policy)
	if err != nil {
		return err
	}
	if backwards(settings.Scheme, a.from, a.to) {
		return fmt.Errorf("--from %s isn't before --to %s, so no note is new between them; swap the two", a.from, a.to)
	}
	templates := notes.Templates()
	if a.templates != "" {
		if templates, err = readTemplates(a.templates); err != nil {
			return err
		}
	}
	waived, err := a.waived(settings)
	if err != nil {
		return err
	}
	ranges, home, err := a.read(ctx, settings, waived)
	if err != nil {
		return err
	}
	var sources []notes.Source
	for _, r := range ranges {
		sources = append(sources, r.Source)
	}
	files, report := notes.Render(sources, templates, home, notes.Releases{Old: a.previous, New: a.version})
	for _, r := range ranges {
		report.Add(r.Repo, r.Lacking, r.Reverted)
		report.Contradicting = append(report.Contradicting, r.Contradicting...)
		report.Changed = append(report.Changed, r.Changed...)
		report.Ends = append(report.Ends, r.Ends...)
	}
	report.LabelsKnown = waived != nil
	written, err := a.write(files, report)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s from %s, in %s\n%s", count(report.Notes, "note"), count(len(ranges), "repository"), printable(strings.Join(written, ", ")), report.Summary())
	if err == nil && report.Notes == 0 {
		_, err = fmt.Fprintf(out, "  no note is new from %s to %s: look whether these are the ends that you mean\n", printable(a.from), printable(a.to))
	}
	for _, one := range report.Ends {
		if err == nil {
			_, err = fmt.Fprintf(out, "  %s\n", printable(one))
		}
	}
	return err
}

// read reads the range of each repository, and tells where plain issue numbers
// are at home.
func (a notesGenerate) read(ctx context.Context, s releasenotes.Settings, waived func(int) bool) (list []noterange.Range, home string, err error) {
	program, err := git.Find(ctx)
	if err != nil {
		return nil, "", err
	}
	path := a.path
	if path == "" {
		path = s.Path
	}
	if path == "" {
		path = defaultNotesPath
	}
	for i, arg := range a.repos {
		name, dir, named := strings.Cut(arg, "=")
		if st, err := os.Stat(arg); !named || err == nil && st.IsDir() { // a directory's own name may hold one
			dir = arg
			if name, err = nameOf(dir); err != nil {
				return nil, "", err
			}
		}
		schema := s.NoteSchema(homeOf(name))
		if i == 0 {
			home = schema.Home
		}
		ask := noterange.Request{Name: name, From: a.from, To: a.to, Dir: strings.Trim(filepath.ToSlash(path), "/"), Schema: schema, Severity: s.Severities()}
		ask.ExemptAccount, ask.BranchOf, ask.Scheme = s.ExemptAccount, s.BranchOf, s.Scheme
		if len(s.Exempt.Paths) > 0 {
			ask.Exempt = s.ExemptPath
		}
		if i == 0 {
			ask.Waived = waived
		}
		r, err := readRange(ctx, program, dir, ask)
		if err != nil {
			return nil, "", err
		}
		list = append(list, r)
	}
	return list, home, nil
}

func readRange(ctx context.Context, program *git.Program, dir string, ask noterange.Request) (r noterange.Range, err error) {
	repo, err := program.Open(ctx, dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	return noterange.Read(ctx, repo, ask)
}

// nameOf is what a repository without a name is called: as its folder is.
func nameOf(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	return strings.TrimSuffix(filepath.Base(abs), ".git"), err
}

// reportName is the file that the report is written to, beside the notes.
const reportName = "report.md"

// maxTemplate is more than a template needs, in bytes.
const maxTemplate = 1 << 20

func readTemplates(dir string) ([]notes.Template, error) {
	names, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.md"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("--templates: there is no *.md in %s", dir)
	}
	var list []notes.Template
	for _, name := range names {
		if strings.EqualFold(filepath.Base(name), reportName) {
			return nil, fmt.Errorf("--templates: %s can't be a template's name, because the report is written to %s; call it otherwise", name, reportName)
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
		if err = errors.Join(err, f.Close()); err == nil && len(text) > maxTemplate {
			err = fmt.Errorf("%s is larger than %d KiB", name, maxTemplate>>10)
		}
		if err != nil {
			return nil, err
		}
		t, err := notes.ParseTemplate(filepath.Base(name), string(text))
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// escapeGlob keeps a directory's name from being a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// waived reads the labels of pull requests; nil: nobody knows them.
func (a notesGenerate) waived(s releasenotes.Settings) (func(int) bool, error) {
	if a.labels == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(a.labels)
	if err != nil {
		return nil, fmt.Errorf("--labels: %w", err)
	}
	var list []struct {
		Number int                     `json:"number"`
		Labels []struct{ Name string } `json:"labels"`
		Author struct{ Login string }  `json:"author"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("--labels: %s is not what gh pr list --json number,labels,author prints: %w", a.labels, err)
	}
	waived := map[int]bool{}
	for _, pr := range list {
		waived[pr.Number] = exemptLogin(s, pr.Author.Login) ||
			slices.ContainsFunc(pr.Labels, func(l struct{ Name string }) bool { return strings.EqualFold(l.Name, string(s.Label)) })
	}
	return func(n int) bool { return waived[n] }, nil
}

// exemptLogin reports whether the policy excepts an account of this name; gh
// calls the account x[bot] app/x. The list knows no number of it.
func exemptLogin(s releasenotes.Settings, login string) bool {
	if app, is := strings.CutPrefix(login, "app/"); is {
		login = app + "[bot]"
	}
	return login != "" && slices.ContainsFunc(s.Exempt.Accounts, func(a releasenotes.Account) bool { return strings.EqualFold(a.Login, login) })
}

// write writes the notes and the report, and names the files.
func (a notesGenerate) write(files []notes.Rendered, report notes.Report) (written []string, err error) {
	put := func(name string, text []byte) {
		if err == nil {
			err = os.WriteFile(filepath.Join(a.out, name), text, 0o644)
			written = append(written, filepath.Join(a.out, name))
		}
	}
	if err := os.MkdirAll(a.out, 0o755); err != nil {
		return nil, err
	}
	for _, f := range files {
		put(f.Name, []byte(f.Text))
		if !a.html {
			continue
		}
		html, herr := notes.HTML(f.Text)
		if herr != nil {
			return nil, herr
		}
		put(strings.TrimSuffix(f.Name, ".md")+".html", []byte(html))
	}
	var raw bytes.Buffer
	e := json.NewEncoder(&raw)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(report); err != nil {
		return nil, err
	}
	put(reportName, []byte(report.Markdown()))
	put("report.json", raw.Bytes())
	return written, err
}
