package releasenotes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

var repo = github.Repo{Owner: "istio", Name: "istio"}

const policyText = `
branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
releasenotes:
  path: releasenotes/notes
  label_by: writers
  description: 'No user-facing change'
  exempt:
    paths: ["**/*_test.go"]
    accounts: [{id: 5, login: robot}]
  never_waived:
  - {name: deprecation, labels: [kind/deprecation], title: '(?i)deprecat'}
  - {name: security, kinds: [security-fix]}
  schema: {guide: "How to write one: https://example.org/notes", issues_of: istio/istio}
`

func loaded(t *testing.T) (config.Loaded, Settings) {
	t.Helper()
	p, err := config.ParsePolicy("policy", []byte(policyText), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/istio/policy"}, s
}

func noteText(text string) string {
	return "apiVersion: release-notes/v2\nkind: bug-fix\narea: security\nreleaseNotes:\n- |\n  " + text + "\n"
}

// base is a pull request that changes code and brings nothing else.
func base(t *testing.T) known {
	p, s := loaded(t)
	return known{
		Now:    time.Unix(0, 0),
		Policy: p, Settings: s, Schema: s.NoteSchema(repo),
		PR: github.PullRequest{Number: 7, State: github.Open, Base: "release-1.30", Head: strings.Repeat("a", 40), HeadRef: "fix(it)", HeadRepo: repo,
			URL: "https://github.com/istio/istio/pull/7", Title: "Fix it", Author: github.User{ID: 1, Login: "bob"}},
		Changes: github.Changes{Complete: true, Files: []github.ChangedFile{{Path: "a.go"}}},
	}
}

func (f *known) brings(path, text string) {
	f.Changes.Files = append(f.Changes.Files, github.ChangedFile{Path: path})
	f.Files = append(f.Files, noteFile{github.ChangedFile{Path: path}, notes.Read(f.Schema, f.Settings.Severities(), path, []byte(text))})
}

func TestVerdicts(t *testing.T) {
	robot := func(f *known) { f.PR.Author = github.User{ID: 5, Login: "robot"} }
	label := func(w waiver) func(*known) {
		return func(f *known) { f.Label = w; f.Label.Given, f.Label.By = true, github.User{ID: 2, Login: "@carol"} }
	}
	for name, tt := range map[string]struct {
		change func(*known)
		want   effect.State
	}{
		"nothing": {func(*known) {}, effect.Block},
		"good note": {func(f *known) {
			f.brings("releasenotes/notes/a.yaml", noteText("**Fixed** it, @all.\n  ```\n  /release x\n  ```"))
		}, effect.Pass},
		"note with a warning":  {func(f *known) { f.brings("releasenotes/notes/a.yaml", noteText("**Fixed** it. **Added** more.")) }, effect.Pass},
		"wrong note":           {func(f *known) { f.brings("releasenotes/notes/a.yaml", noteText("Fixed <it> @all.")) }, effect.Block},
		"wrong note, labelled": {func(f *known) { f.brings("releasenotes/notes/a.yaml", "kind: ["); label(waiver{May: true})(f) }, effect.Block},
		"renamed note": {func(f *known) {
			f.brings("releasenotes/notes/a.yaml", noteText("**Fixed** it."))
			f.Files[0].Same = true
		}, effect.Block},
		"deleted note": {func(f *known) {
			f.Changes.Files = append(f.Changes.Files, github.ChangedFile{Path: "releasenotes/notes/b.yaml", Gone: true})
		}, effect.Block},
		"renamed faulty note": {func(f *known) {
			f.brings("releasenotes/notes/a.yaml", "kind: [")
			f.Files[0].Same = true
		}, effect.Block},
		"renamed faulty note, labelled": {func(f *known) {
			f.brings("releasenotes/notes/a.yaml", "kind: [")
			f.Files[0].Same = true
			label(waiver{May: true})(f)
		}, effect.Pass},
		"renamed to a wrong name, labelled": {func(f *known) {
			f.brings("releasenotes/notes/a.yml", noteText("**Fixed** it."))
			f.Files[0].Same = true
			label(waiver{May: true})(f)
		}, effect.Block},
		"a link for a note": {func(f *known) {
			f.Files = []noteFile{{github.ChangedFile{Path: "releasenotes/notes/a.yaml"}, notes.NoFile("releasenotes/notes/a.yaml", "a symbolic link")}}
		}, effect.Block},
		"our notes":            {func(f *known) { f.Ours = true }, effect.Pass},
		"tests alone":          {func(f *known) { f.Changes.Files = []github.ChangedFile{{Path: "pkg/a_test.go"}} }, effect.Pass},
		"tests and code moved": {func(f *known) { f.Changes.Files = []github.ChangedFile{{Path: "pkg/a_test.go", Was: "pkg/a.go"}} }, effect.Block},
		"tests, not all seen":  {func(f *known) { f.Changes = github.Changes{Files: []github.ChangedFile{{Path: "a_test.go"}}} }, effect.Block},
		"no files at all":      {func(f *known) { f.Changes.Files = nil }, effect.Block},
		"label":                {label(waiver{May: true}), effect.Pass},
		"label of a stranger":  {label(waiver{}), effect.Block},
		"label, unclear":       {label(waiver{Unclear: gate.UnknownSetter}), effect.Block},
		"box":                  {func(f *known) { f.Box = waiver{Given: true, May: true} }, effect.Pass},
		"box of a stranger":    {func(f *known) { f.Box = waiver{Given: true, By: f.PR.Author} }, effect.Block},
		"deprecation, label":   {func(f *known) { label(waiver{May: true})(f); f.PR.Title = "Deprecate it" }, effect.Block},
		"security note gone": {func(f *known) {
			label(waiver{May: true})(f)
			f.Gone = []notes.File{{Kind: "security-fix"}}
		}, effect.Block},
		"notes gone, not all read": {func(f *known) { label(waiver{May: true})(f); f.Unclear = true }, effect.Block},
		"robot":                    {func(f *known) { robot(f); f.Account = account{Author: true, Pusher: true} }, effect.Pass},
		"robot, another pushed":    {func(f *known) { robot(f); f.Account = account{Author: true} }, effect.Block},
		"robot, nobody knows":      {func(f *known) { robot(f); f.Account = account{Author: true, Unknown: true} }, effect.Block},
		"too many notes":           {func(f *known) { f.Unread = 3 }, effect.Block},
		"too many, let off":        {func(f *known) { f.Unread = 3; label(waiver{May: true})(f) }, effect.Pass},
		"pick": {func(f *known) {
			f.Sources = []source{{Number: 3, State: noted, Notes: []notes.File{notes.Read(f.Schema, nil, "n.yaml", []byte(noteText("**Fixed** it.")))}, Paths: []string{"n.yaml"}}, {Number: 4, State: waived}}
		}, effect.Pass},
		"pick, waived":     {func(f *known) { f.Sources = []source{{Number: 4, State: waived}} }, effect.Pass},
		"pick, all waived": {func(f *known) { f.Sources = []source{{Number: 4, State: waived}, {Number: 5, State: waived}} }, effect.Pass},
		"pick, one lacks it": {func(f *known) {
			f.From = "master"
			f.Sources = []source{{Number: 3, State: noted}, {Number: 4, State: lacking}, {Number: 5, State: strange}, {Number: 6, State: waived}, {Number: 8, State: foreign},
				{Number: 9, State: lacking, Label: waiver{Given: true, By: github.User{Login: "@eve"}}}, {Number: 10, State: lacking, Label: waiver{Given: true, Unclear: gate.UnknownSetter}}}
		}, effect.Block},
		"pick, labelled":         {func(f *known) { f.Sources = []source{{Number: 4, State: lacking}}; label(waiver{May: true})(f) }, effect.Pass},
		"pick of a deprecation":  {func(f *known) { f.PR.Title = "Deprecate"; f.Sources = []source{{Number: 4, State: waived}} }, effect.Block},
		"policy's newest broken": {func(f *known) { f.Policy.Fault = errors.New("broken"); label(waiver{May: true})(f) }, effect.Pass},
		"managers alone":         {func(f *known) { f.Settings.LabelBy, f.Settings.Description = Managers, "" }, effect.Block},
		"managers of no team":    {func(f *known) { f.Settings.LabelBy, f.PR.Base = Managers, "release-x" }, effect.Block},
	} {
		f := base(t)
		tt.change(&f)
		v := judge(f)
		if v.State != tt.want {
			t.Errorf("%s: %s (%s), want %s", name, v.State, v.Title, tt.want)
		}
		text := fmt.Sprintf("%s\n%s\n\n%s\n", v.State, v.Title, v.Detail)
		for _, a := range annotations(f.findings()) {
			text += fmt.Sprintf("\n%s:%d-%d %s %s: %s\n", a.Path, a.StartLine, a.EndLine, a.Level, a.Title, a.Message)
		}
		// A note may quote a command: in a block of code it is none.
		golden.Check(t, "verdict "+name, strings.ReplaceAll(text, "\n/release x\n", "\n\\/release x\n"))
	}
}

// What holds where nothing is judged.
func TestWithoutAJudgement(t *testing.T) {
	p, _ := loaded(t)
	golden.Check(t, "verdict switched off", switchedOff(p).Title+"\n\n"+switchedOff(p).Detail+"\n")
	p.Policy, p.Fault = nil, errors.New("@all broken")
	v := brokenPolicy(p)
	golden.Check(t, "verdict policy broken", fmt.Sprintf("%s\n%s\n\n%s\n", v.State, v.Title, v.Detail))
}

func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	sha := strings.Repeat("a", 40)
	h := &Handler{}
	gates := gate.Set{Gates: []gate.One{gate.Of(h.Gate())}}
	keys := func(e github.Event) (ids []string) {
		for _, k := range slices.Concat(gates.Capability().Keys(e), gates.Joined(Name, h.Capability()).Keys(e)) {
			ids = append(ids, k.ID)
		}
		return ids
	}
	for want, e := range map[string]github.Event{
		"pr/7":                {Kind: "pull_request", Action: "labeled", PullRequest: pr},
		"moved/7":             {Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "x"},
		"all":                 {Kind: "push", Push: &github.Push{Branch: "release-notes-1.30", TouchesPolicy: true}},
		"pushed/release-1.30": {Kind: "push", Push: &github.Push{Branch: "release-1.30"}},
		"pushed/stable":       {Kind: "push", Push: &github.Push{Branch: "stable"}}, // all versions may come from it
		"rerun/7":             {Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7"},
		"commit/" + sha:       {Kind: "check_suite", Action: "rerequested", Commit: sha},
		"group/" + sha + "/refs/heads/gh-readonly-queue/release-1.30/pr-7-" + sha: {Kind: "merge_group", Action: "checks_requested",
			Group: &github.MergeGroup{Head: sha, Ref: "refs/heads/gh-readonly-queue/release-1.30/pr-7-" + sha}},
	} {
		e.Repo = repo
		if got := keys(e); len(got) != 1 || got[0] != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	for name, e := range map[string]github.Event{
		"no repository":     {Kind: "push", Push: &github.Push{Branch: "release-1.30", TouchesPolicy: true}},
		"assigned":          {Repo: repo, Kind: "pull_request", Action: "assigned", PullRequest: pr},
		"a branch of notes": {Repo: repo, Kind: "push", Push: &github.Push{Branch: "release-notes-1.30"}},
		"a branch of picks": {Repo: repo, Kind: "push", Push: &github.Push{Branch: "cherry-pick-7-to-release-1.30"}},
		"a branch is gone":  {Repo: repo, Kind: "push", Push: &github.Push{Branch: "release-1.30", Deleted: true}},
		"another's check":   {Repo: repo, Kind: "check_run", Action: "rerequested", CheckName: "slipway/freeze", ExternalID: "pr/7"},
		"odd id":            {Repo: repo, Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/x"},
	} {
		if got := keys(e); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, id := range []string{"", "group/x", "freezes", "off/0", "notes/x", "pushed/"} {
		if _, err := h.Capability().Plan(t.Context(), key(repo, id)); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%q: %v", id, err)
		}
	}
	// What an older version has left in the queue.
	if plan, err := h.Capability().Plan(t.Context(), key(repo, "off/7")); err != nil || len(plan.Enqueue) != 1 || plan.Enqueue[0] != gate.PullKey(repo, 7) {
		t.Errorf("off/7: %+v, %v", plan, err)
	}
}

// How a pull request comes to be taken for a cherry-pick. The numbers in its texts
// are read by package provenance.
func TestWhoSaysPick(t *testing.T) {
	for name, tt := range map[string]struct {
		title, body, head string
		want              bool
		first             int
	}{
		"ours":               {title: "x", head: "cherry-pick-58777-to-release-1.30", want: true, first: 58777},
		"number in brackets": {title: "title (#58777)", want: true, first: 58777},
		"manual":             {title: "[release-1.29] Manual cherrypick of #58777", want: true, first: 58777},
		"of an issue":        {title: "manual cherry pick for issue 61361", want: true, first: 61361},
		"plain title":        {title: "Fix it", body: "Fixes #3\nThis is a cherry-pick of #4", want: true, first: 4},
		"hidden":             {title: "Fix it", body: "<!-- cherry-pick of #5 -->"},
		"a mention alone":    {title: "Fix #3", body: "Fixes #3", first: 3},
	} {
		text := textOf(repo, github.PullRequest{Number: 7, Title: tt.title, HeadRef: release.Branch(tt.head)}, tt.body)
		first := 0
		if m := provenance.Mentions(text); len(m) > 0 {
			first = m[0].Number
		}
		if got := saysPick(text); got != tt.want || first != tt.first {
			t.Errorf("%s: %v, first #%d; want %v, #%d", name, got, first, tt.want, tt.first)
		}
	}
}

// A source counts only for what it changed itself: anybody can name a number.
func TestSourcesThatAreBelieved(t *testing.T) {
	changes := func(paths ...string) github.Changes {
		c := github.Changes{Complete: true}
		for _, p := range paths {
			was, to, moved := strings.Cut(p, "=>")
			if !moved {
				was, to = "", p
			}
			c.Files = append(c.Files, github.ChangedFile{Path: to, Was: was, Gone: strings.HasSuffix(p, "gone.yaml")})
		}
		return c
	}
	part := changes("a.go")
	part.Complete = false
	one := source{Number: 3, State: noted, Changes: changes("a.go", "b.go", "old.go")}
	two := source{Number: 4, State: waived, Changes: changes("c.go")}
	unread := source{Number: 5, State: noted, Changes: part}
	nobody := source{Number: 6, State: strange}
	claimed := source{Number: 8, State: noted, Changes: one.Changes}
	var proven facts.Stands
	for n := 3; n <= 6; n++ {
		proven.Sources = append(proven.Sources, []github.PullDetail{{PullRequest: github.PullRequest{Number: n}}})
	}
	for name, tt := range map[string]struct {
		own     github.Changes
		sources []source
		want    bool
	}{
		"its files":               {changes("a.go", "b.go"), []source{one}, true},
		"and a note and a test":   {changes("a.go", "releasenotes/notes/a.yaml", "a_test.go"), []source{one}, true},
		"another file":            {changes("a.go", "evil.go"), []source{one}, false},
		"renamed from another":    {changes("evil.go=>a.go"), []source{one}, false},
		"renamed as there":        {changes("old.go=>a.go"), []source{one}, true},
		"a note is gone":          {changes("a.go", "releasenotes/notes/gone.yaml"), []source{one}, false},
		"nothing but notes":       {changes("releasenotes/notes/a.yaml"), []source{one}, false},
		"its files, unproven":     {changes("a.go", "b.go"), []source{claimed}, false},
		"of two":                  {changes("a.go", "c.go"), []source{one, two}, true},
		"of one and no other":     {changes("a.go", "c.go"), []source{one, nobody}, false},
		"not all its files seen":  {part, []source{one}, false},
		"not all theirs are seen": {changes("a.go"), []source{unread}, false},
	} {
		f := base(t)
		f.Changes = tt.own
		list := believed(f, slices.Clone(tt.sources), proven, true)
		if len(list) == 0 {
			t.Errorf("%s: nothing is said", name)
		}
		for _, s := range list {
			if s.State != strange && (s.State != foreign) != tt.want {
				t.Errorf("%s: #%d is %s", name, s.Number, s.State)
			}
		}
		if got := len(believed(f, slices.Clone(tt.sources), proven, false)) > 0; got != tt.want {
			t.Errorf("%s: without its saying so, told: %v", name, got)
		}
	}
	// What changed none of its files is named for another reason.
	f := base(t)
	f.Changes = changes("a.go")
	if list := believed(f, []source{two, one, nobody}, proven, true); len(list) != 1 || list[0].Number != 3 {
		t.Errorf("%+v", list)
	}
}

func TestSettingsThatMakeNoSense(t *testing.T) {
	for text, want := range map[string]string{
		"path: /x":         "is not a folder's path",
		"path: a/../b":     "is not a folder's path",
		"description: '('": "is not a regular expression",
		"description: x\n  label_by: release_managers": "whoever may push can edit a description",
		"never_waived: [{name: x}]":                    "says nothing by which a change is of this kind",
		"never_waived: [{name: x, title: '['}]":        "is not a regular expression",
		"schema: {issues_of: istio}":                   "is not a repository",
		"schema: {extensions: [yaml]}":                 "is not how a file's name ends",
		"severity: {key: fatal}":                       "error, warning or off",
		"release: {path: x}":                           "needs releasenotes.path",
		"label_by: writer":                             `did you mean "writers"?`,
	} {
		_, err := config.ParsePolicy("p", []byte("branches: [x]\nreleasenotes:\n  "+text+"\n"), config.Declare[Settings](Name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
