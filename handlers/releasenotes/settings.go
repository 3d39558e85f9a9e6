package releasenotes

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Settings is the policy's section `releasenotes`.
type Settings struct {
	config.InScheme
	config.Enforcement `yaml:",inline"`

	// The folder that note files stand in. Without it there is no check.
	Path string `yaml:"path" max:"200" example:"releasenotes/notes"`
	// The label that says that a change needs no note.
	Label config.Label `yaml:"label" example:"release-notes-none"`
	// Who may set that label; set by anybody else it doesn't count.
	LabelBy Setter `yaml:"label_by" example:"writers"`
	// A regular expression that counts as the label where it fits the description
	// of a pull request, such as a ticked box of its template. What stands in HTML
	// comments of the description doesn't count, and with `label_by: writers` only
	// the description of somebody does who may push.
	Description string `yaml:"description" max:"200" example:"'(?m)^- \\[[xX]\\] Does not have any user-facing changes'"`
	// The changes that never need a note.
	Exempt Exempt `yaml:"exempt"`
	// Kinds of change for which neither the label nor the description counts.
	NeverWaived []Kind `yaml:"never_waived" max:"20"`
	// What may stand in a note file. What isn't given is as in Istio's release
	// notes, version 2.
	Schema SchemaSettings `yaml:"schema"`
	// How grave each kind of finding is: an `error` fails the check, a `warning`
	// is shown beside its line, and `off` is not looked at.
	Severity SeveritySettings `yaml:"severity"`
	// A pull request that carries the notes of a release, by `/release notes`.
	Release ReleaseSettings `yaml:"release"`
}

// Setter is who may set the label.
type Setter string

// Who may.
const (
	Anyone   Setter = "anyone"
	Writers  Setter = "writers"
	Managers Setter = "release_managers"
)

// Values implements config.Choice.
func (Setter) Values() []string { return []string{string(Anyone), string(Writers), string(Managers)} }

// Exempt are the changes that never need a note.
type Exempt struct {
	// A pull request needs none if each file that it changes fits one of these
	// patterns. `**` stands for any number of folders.
	Paths []config.PathPattern `yaml:"paths" max:"100" example:"[\"**/*_test.go\", \"tests/**\"]"`
	// Automation accounts whose pull requests need none.
	Accounts []Account `yaml:"accounts" max:"50"`
}

// Account is an account of GitHub's.
type Account struct {
	// Its numeric id, from https://api.github.com/users/LOGIN. A name can be given
	// up and taken over by somebody else.
	ID int64 `yaml:"id" required:"yes" min:"1" example:"49699333"`
	// Its name, for people who read the policy.
	Login string `yaml:"login" max:"100" example:"dependabot[bot]"`
}

// Kind is a kind of change that always needs a note. A pull request is of it if
// any of its keys says so.
type Kind struct {
	// What people call it.
	Name string `yaml:"name" required:"yes" max:"60" example:"deprecation"`
	// Labels that a pull request of this kind has.
	Labels []config.Label `yaml:"labels" max:"20" example:"[\"kind/deprecation\"]"`
	// A regular expression that fits the titles of such pull requests.
	Title string `yaml:"title" max:"200" example:"'(?i)\\bdeprecat'"`
	// Kinds of note: a pull request that takes away or breaks such a note is of
	// this kind.
	Kinds []string `yaml:"kinds" max:"20" example:"[\"security-fix\"]"`
	// The same, by the actions of its notes.
	Actions []string `yaml:"actions" max:"20" example:"[\"Deprecated\"]"`
}

// SchemaSettings is what may stand in a note file.
type SchemaSettings struct {
	// What `apiVersion` may be.
	APIVersions []string `yaml:"api_versions" max:"10" example:"[\"release-notes/v2\"]"`
	// What `kind` may be.
	Kinds []string `yaml:"kinds" max:"50" example:"[\"bug-fix\", \"feature\", \"security-fix\"]"`
	// What `area` may be.
	Areas []string `yaml:"areas" max:"50" example:"[\"traffic-management\", \"security\"]"`
	// The words in bold that a release note may begin with.
	Actions []string `yaml:"actions" max:"50" example:"[\"Added\", \"Deprecated\", \"Fixed\", \"Removed\"]"`
	// How the name of a note file may end.
	Extensions []string `yaml:"extensions" max:"5" example:"[\".yaml\"]"`
	// Words that people write for a kind or an area, and the right one for each,
	// where that isn't told by its spelling.
	Meant map[string]string `yaml:"meant" max:"100" example:"{networking: traffic-management}"`
	// The repository that plain issue numbers are of; else the one that the note
	// is in.
	IssuesOf string `yaml:"issues_of" max:"140" example:"istio/istio"`
	// A sentence for whoever lacks a note: where to read how to write one. Markdown.
	Guide string `yaml:"guide" max:"500" example:"\"How to write one: https://github.com/istio/istio/tree/master/releasenotes\""`
}

// SeveritySettings is a severity for each kind of finding.
type SeveritySettings struct {
	// More than one YAML document in a file.
	Documents notes.Severity `yaml:"documents" example:"error"`
	// A file name with another ending, or without one.
	Extension notes.Severity `yaml:"extension" example:"error"`
	// An `apiVersion` that isn't known.
	Version notes.Severity `yaml:"version" example:"error"`
	// A key that isn't known, or is given twice.
	Key notes.Severity `yaml:"key" example:"error"`
	// A kind that isn't known.
	Kind notes.Severity `yaml:"kind" example:"error"`
	// An area that isn't known.
	Area notes.Severity `yaml:"area" example:"warning"`
	// A note that doesn't begin with a known action in bold.
	Action notes.Severity `yaml:"action" example:"error"`
	// A note with several actions.
	Actions notes.Severity `yaml:"actions" example:"warning"`
	// A note whose text begins with a dash of its own.
	Bullet notes.Severity `yaml:"bullet" example:"error"`
	// A file without a note, or a note without a text.
	Empty notes.Severity `yaml:"empty" example:"error"`
	// A key without a value beside others that have one.
	Blank notes.Severity `yaml:"blank" example:"warning"`
	// An issue that is neither a number nor a link.
	Issue notes.Severity `yaml:"issue" example:"error"`
	// A link to documentation without a label or an address.
	Docs notes.Severity `yaml:"docs" example:"error"`
	// An upgrade note without a title or a content.
	Upgrade notes.Severity `yaml:"upgrade" example:"error"`
}

// ReleaseSettings is where the notes of a release go.
type ReleaseSettings struct {
	// The repository that the pull request is in, of the same owner, where Slipway
	// is installed, too; else the one of the notes. With a policy of its own it has to name
	// the one of the notes as its `checklist.home`, and both have to be as private.
	Repository string `yaml:"repository" max:"140" example:"istio/istio.io"`
	// More repositories of the same owner whose notes go into those of a release,
	// each from the folder that its own policy names, which has to name this one as its
	// `checklist.home` where it is another policy. A note that several bring appears once.
	Repositories []config.RepoName `yaml:"repositories" max:"10" example:"[\"api\"]"`
	// The folder that the notes are written to, in that repository. `{version}`,
	// `{major}` and `{minor}` stand for the release's. Without it there is no
	// `/release notes`.
	Path string `yaml:"path" max:"200" example:"releasenotes/releases/{version}"`
	// The branch that the pull request is against; else the default branch.
	Base string `yaml:"base" max:"200" example:"master"`
	// The folder that the templates stand in, on that branch there; else Slipway's own.
	Templates string `yaml:"templates" max:"200" example:"releasenotes/templates"`
	// The branch that a release is made from.
	Branch string `yaml:"branch" max:"200" example:"release-{major}.{minor}"`
	// Where the notes of a minor release begin: at the `minor` before, so that they have all that
	// its patch releases brought, too, or at the `previous` release, whichever that is.
	// Those of a patch release, and of a candidate after another, begin at the one before.
	Since Since `yaml:"since" example:"previous"`
	// Whether a push to that branch refreshes the pull request while it is open.
	Refresh bool `yaml:"refresh" example:"true"`
}

// Since is where the notes of a minor release begin.
type Since string

// Where they may.
const (
	SinceMinor    Since = "minor"
	SincePrevious Since = "previous"
)

// Values implements config.Choice.
func (Since) Values() []string { return []string{string(SinceMinor), string(SincePrevious)} }

// SetDefaults implements the contract of config.Declare.
func (s *Settings) SetDefaults() {
	s.Label, s.LabelBy = "release-notes-none", Anyone
	s.Release.SetDefaults()
}

// SetDefaults implements the contract of config.Declare.
func (r *ReleaseSettings) SetDefaults() {
	r.Branch, r.Since = "release-{major}.{minor}", SinceMinor
}

// Validate implements the contract of config.Declare.
func (s Settings) Validate() error {
	var faults []error
	at := func(key string, err error) {
		if err != nil {
			faults = append(faults, config.At(key, err))
		}
	}
	at("path", folder(s.Path))
	at("release.path", folder(s.Release.Path))
	at("release.templates", folder(s.Release.Templates))
	at("release.path", placeholders(s.Release.Path))
	at("description", expression(s.Description))
	if s.Description != "" && s.LabelBy == Managers {
		at("description", errors.New("can't go with label_by: release_managers, because whoever may push can edit a description"))
	}
	if s.Release.Path != "" && s.Path == "" {
		at("release.path", errors.New("needs releasenotes.path: where the notes are that a release is made of"))
	}
	for key, name := range map[string]string{"schema.issues_of": s.Schema.IssuesOf, "release.repository": s.Release.Repository} {
		if name != "" {
			_, err := github.ParseRepo(name)
			at(key, err)
		}
	}
	for i, e := range s.Schema.Extensions {
		if !extension().MatchString(e) {
			at(fmt.Sprintf("schema.extensions[%d]", i), &config.Wrong{What: fmt.Sprintf("%q is not how a file's name ends", e), Want: `one like ".yaml"`})
		}
	}
	for i, k := range s.NeverWaived {
		at(fmt.Sprintf("never_waived[%d].title", i), expression(k.Title))
		if len(k.Labels)+len(k.Kinds)+len(k.Actions) == 0 && k.Title == "" {
			at(fmt.Sprintf("never_waived[%d].name", i), errors.New("says nothing by which a change is of this kind: give labels, title, kinds or actions"))
		}
	}
	return errors.Join(faults...)
}

// SetScheme implements config.Schemed.
func (s *Settings) SetScheme(scheme release.Scheme, given func(string) bool) error {
	s.Scheme = scheme
	return s.Line("release.branch", &s.Release.Branch, given)
}

// ValidateBranches implements config.GovernedValidator.
func (s Settings) ValidateBranches(governed []config.BranchPattern) error {
	if s.Release.Path == "" {
		return nil
	}
	if err := config.NeedsBranch(s.Release.Branch, governed); err != nil {
		return config.At("release.branch", err)
	}
	return nil
}

var extension = lazy.Regexp(`^\.[A-Za-z0-9.]{1,20}$`)

// folder holds a path to being one of a folder in a repository.
func folder(p string) error {
	if p == "" {
		return nil
	}
	clean := path.Clean(strings.Trim(p, "/"))
	if clean != p || strings.HasPrefix(clean, "..") || clean == "." || strings.ContainsAny(p, "*?[\\\n") {
		return &config.Wrong{What: fmt.Sprintf("%q is not a folder's path", p), Want: "it from the repository's root, like releasenotes/notes"}
	}
	return nil
}

var braces = lazy.Regexp(`\{[^{}]*\}`)

// placeholders holds a path to placeholders that stand for something: another would be the name of a folder.
func placeholders(p string) error {
	known := []string{"{version}", "{major}", "{minor}"}
	for _, name := range braces().FindAllString(p, -1) {
		if !slices.Contains(known, name) {
			return &config.Wrong{What: fmt.Sprintf("%q has %s, which stands for nothing", p, name), Want: strings.Join(known, ", ")}
		}
	}
	return nil
}

// expression holds a text to being a regular expression.
func expression(e string) error {
	if _, err := regexp.Compile(e); err != nil {
		return &config.Wrong{What: fmt.Sprintf("%q is not a regular expression", e), Want: "one as in https://github.com/google/re2/wiki/Syntax"}
	}
	return nil
}

// Schema is the schema of the notes in a repository.
func (s Settings) NoteSchema(home github.Repo) notes.Schema {
	schema := notes.Istio()
	given := s.Schema
	for to, list := range map[*[]string][]string{
		&schema.APIVersions: given.APIVersions, &schema.Kinds: given.Kinds, &schema.Areas: given.Areas,
		&schema.Actions: given.Actions, &schema.Extensions: given.Extensions,
	} {
		if len(list) > 0 {
			*to = list
		}
	}
	if len(given.Meant) > 0 {
		schema.Meant = given.Meant
	}
	if schema.Home = given.IssuesOf; schema.Home == "" && home.Name != "" {
		schema.Home = home.String()
	}
	schema.Guide = given.Guide
	return schema
}

// Severities are the chosen ones.
func (s Settings) Severities() notes.Severities {
	v := s.Severity
	return notes.Severities{
		notes.RuleDocuments: v.Documents, notes.RuleExtension: v.Extension, notes.RuleVersion: v.Version, notes.RuleKey: v.Key,
		notes.RuleKind: v.Kind, notes.RuleArea: v.Area, notes.RuleAction: v.Action, notes.RuleActions: v.Actions,
		notes.RuleBullet: v.Bullet, notes.RuleEmpty: v.Empty, notes.RuleBlank: v.Blank, notes.RuleIssue: v.Issue,
		notes.RuleDocs: v.Docs, notes.RuleUpgrade: v.Upgrade,
	}
}

// ExemptPath reports whether a change of a file needs no note.
func (s Settings) ExemptPath(name string) bool {
	return slices.ContainsFunc(s.Exempt.Paths, func(p config.PathPattern) bool { return p.Match(name) })
}

// ExemptAccount reports whether the changes of an account need no note.
func (s Settings) ExemptAccount(id int64) bool {
	return id != 0 && slices.ContainsFunc(s.Exempt.Accounts, func(a Account) bool { return a.ID == id })
}

// holds reports whether a path is of a note file.
func (s Settings) holds(name string) bool {
	return notes.Holds(s.Path, name)
}
