package freeze

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

var (
	repo = github.Repo{Owner: "istio", Name: "istio"}
	noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
)

const policyText = `branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
`

func policy(t *testing.T) config.Loaded {
	t.Helper()
	p, err := config.ParsePolicy("istio/istio:.github/slipway.yml", []byte(policyText), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/istio/blob/master/.github/slipway.yml"}
}

func aFreeze(branch string) Freeze {
	return Freeze{
		Issue: 45, URL: "https://github.com/istio/istio/issues/45",
		Record: Record{Branch: release.Branch(branch), By: "alice", ByID: 1, Since: noon, Reason: "waiting for @everyone <b>and</b> `more`", Asked: "comment/900"},
	}
}

func altered(branch string) Freeze {
	return Freeze{Issue: 46, URL: "https://github.com/istio/istio/issues/46", Altered: true, Record: Record{Branch: release.Branch(branch)}}
}

func pull(base string) *github.PullRequest {
	return &github.PullRequest{Number: 7, State: github.Open, Base: release.Branch(base), Head: strings.Repeat("a", 40)}
}

func TestDecide(t *testing.T) {
	ok := policy(t)
	_, err := config.ParsePolicy("istio/istio:.github/slipway.yml", []byte("branchs: [release-*]\nfreeze:\n  lable: x\n"), config.Declare[Settings](Name))
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	broken := config.Loaded{Fault: faults, URL: ok.URL}
	closed := pull("release-1.30")
	closed.State = github.Closed
	for name, tc := range map[string]struct {
		policy  config.Loaded
		sighted release.Branch
		pr      *github.PullRequest
		freezes []Freeze
		want    effect.State // "" when nothing is to be reported
		title   string
	}{
		"no policy":                     {config.Loaded{}, "", nil, nil, "", "no policy"},
		"sighted ungoverned":            {ok, "master", nil, nil, "", "master is not governed"},
		"moved to an ungoverned branch": {ok, "", pull("master"), nil, "", "master is not governed"},
		"closed":                        {ok, "", closed, []Freeze{aFreeze("release-1.30")}, "", "#7 is closed"},
		"open branch":                   {ok, "", pull("release-1.30"), nil, effect.Pass, "release-1.30 is not frozen"},
		"another branch frozen":         {ok, "", pull("release-1.29"), []Freeze{aFreeze("release-1.30")}, effect.Pass, "release-1.29 is not frozen"},
		"frozen":                        {ok, "", pull("release-1.30"), []Freeze{aFreeze("release-1.29"), aFreeze("release-1.30")}, effect.Block, "release-1.30 is frozen"},
		"altered":                       {ok, "", pull("release-1.29"), []Freeze{altered("release-1.30")}, effect.Block, "a freeze record was changed by hand"},
		"altered beyond reading":        {ok, "", pull("release-1.29"), []Freeze{altered("")}, effect.Block, "a freeze record was changed by hand"},
		"altered, and truly frozen":     {ok, "", pull("release-1.30"), []Freeze{altered("x"), aFreeze("release-1.30")}, effect.Block, "release-1.30 is frozen"},
		"broken policy":                 {broken, "", pull("master"), nil, effect.Block, "the policy can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Snapshot{Key: pullKey(repo, 7), Now: noon, Policy: tc.policy, Sighted: tc.sighted, PR: tc.pr, Freezes: tc.freezes}
			p := (&Handler{}).Decide(s)
			if !strings.Contains(p.Why, tc.title) {
				t.Errorf("why %q, want it to say %q", p.Why, tc.title)
			}
			if tc.want == "" {
				if len(p.Effects) != 0 {
					t.Errorf("effects %v, want none", p.Effects)
				}
				return
			}
			check, isCheck := p.Effects[0].(effect.CheckRun)
			if len(p.Effects) != 1 || !isCheck || check.Verdict.State != tc.want || check.Verdict.Title != tc.title {
				t.Fatalf("effects %v, want one check %s %q", p.Effects, tc.want, tc.title)
			}
			if check.Commit != tc.pr.Head || check.Name != CheckName || check.Repo != repo {
				t.Errorf("the check is about %s %s %s", check.Repo, check.Commit, check.Name)
			}
			golden.Check(t, "check "+name+".md", check.Verdict.Detail+"\n")
		})
	}
}

func TestDecideSpreadsABranch(t *testing.T) {
	s := Snapshot{
		Key: allKey(repo), Policy: policy(t),
		Open: []github.PullRequest{{Number: 9, Base: "release-1.30"}, {Number: 3, Base: "master"}, {Number: 4, Base: "release-1.29"}},
	}
	want := []reconcile.Key{pullKey(repo, 9), pullKey(repo, 4)} // in the order of the list
	if diff := cmp.Diff(want, (&Handler{}).Decide(s).Then); diff != "" {
		t.Error(diff)
	}
}

func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	one, all := []reconcile.Key{pullKey(repo, 7)}, []reconcile.Key{allKey(repo)}
	for name, tc := range map[string]struct {
		event github.Event
		want  []reconcile.Key
	}{
		"opened":                {github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, one},
		"pushed to":             {github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: pr}, one},
		"moved":                 {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "master"}, one},
		"title edited":          {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, nil},
		"labelled":              {github.Event{Kind: "pull_request", Action: "labeled", PullRequest: pr}, nil},
		"no pull request":       {github.Event{Kind: "pull_request", Action: "opened"}, nil},
		"issue":                 {github.Event{Kind: "issues", Action: "closed", Issue: &github.Issue{Title: "A bug"}}, nil},
		"issue with label":      {github.Event{Kind: "issues", Action: "closed", Issue: &github.Issue{Labels: []string{"Code-Freeze"}}}, all},
		"issue with mark":       {github.Event{Kind: "issues", Action: "edited", Issue: &github.Issue{Body: "<!-- slipway:freeze x -->"}}, all},
		"issue with title":      {github.Event{Kind: "issues", Action: "edited", Issue: &github.Issue{Title: "Code freeze: x"}}, all},
		"policy pushed":         {github.Event{Kind: "push", Push: &github.Push{TouchesPolicy: true}}, all},
		"something pushed":      {github.Event{Kind: "push", Push: &github.Push{}}, nil},
		"rerun":                 {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7"}, one},
		"another's rerun":       {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "ci", ExternalID: "pr/7"}, nil},
		"rerun of no number":    {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/x"}, nil},
		"run created by ours":   {github.Event{Kind: "check_run", Action: "created", CheckName: CheckName, ExternalID: "pr/7"}, nil},
		"unknown kind of event": {github.Event{Kind: "star"}, nil},
	} {
		tc.event.Repo = repo
		if diff := cmp.Diff(tc.want, (&Handler{}).Keys(tc.event)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if keys := (&Handler{}).Keys(github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}); keys != nil {
		t.Errorf("an event without a repository has keys %v", keys)
	}
}

func call(line string, id int64) command.Call {
	args := strings.Fields(line)
	return command.Call{Repo: repo, RepoID: 5, Number: 7, Source: command.InComment, ID: id, Args: args, Rest: line, Author: github.User{ID: 1, Login: "alice"}, At: noon}
}

func TestDecideCalls(t *testing.T) {
	ok := policy(t)
	facts := func(line string, id int64, open, ended []Freeze) callFacts {
		c := call(line, id)
		return callFacts{Call: c, Now: noon.Add(time.Second), Policy: ok, Label: "code-freeze", Branch: release.Branch(c.Args[0]), Exists: true, Open: open, Ended: ended}
	}
	without := func(f callFacts, change func(*callFacts)) callFacts { change(&f); return f }
	ours := aFreeze("release-1.30")
	thawed := aFreeze("release-1.30")
	thawed.Thaw = &Thaw{By: "alice", ByID: 1, At: noon, Asked: "comment/902"}
	for name, tc := range map[string]struct {
		decide func(callFacts) (command.Outcome, error)
		facts  callFacts
		result command.Result
		wrote  string // the effects' issue numbers and states
	}{
		"freeze":                      {decideFreeze, facts("release-1.30 for the CVE", 901, nil, nil), command.Done, "0 open"},
		"freeze another":              {decideFreeze, facts("release-1.30", 901, []Freeze{aFreeze("release-1.29")}, nil), command.Done, "0 open"},
		"freeze twice":                {decideFreeze, facts("release-1.30", 901, []Freeze{ours}, nil), command.NoOp, ""},
		"freeze again after a crash":  {decideFreeze, facts("release-1.30", 900, []Freeze{ours}, nil), command.Done, "45 open"},
		"freeze again, thawed since":  {decideFreeze, facts("release-1.30", 900, nil, []Freeze{thawed}), command.Done, ""},
		"freeze mends a record":       {decideFreeze, facts("release-1.30", 901, []Freeze{altered("release-1.30")}, nil), command.Done, "46 open"},
		"freeze leaves another's":     {decideFreeze, facts("release-1.30", 901, []Freeze{altered("release-1.29")}, nil), command.Done, "0 open"},
		"freeze an ungoverned branch": {decideFreeze, facts("master", 901, nil, nil), command.Invalid, ""},
		"freeze a missing branch":     {decideFreeze, without(facts("release-1.99", 901, nil, nil), func(f *callFacts) { f.Exists = false }), command.Invalid, ""},
		"freeze without a policy":     {decideFreeze, without(facts("release-1.30", 901, nil, nil), func(f *callFacts) { f.Policy = config.Loaded{} }), command.Invalid, ""},
		"thaw":                        {decideThaw, facts("release-1.30", 902, []Freeze{ours, aFreeze("release-1.29")}, nil), command.Done, "45 closed"},
		"thaw what is not frozen":     {decideThaw, facts("release-1.30", 902, []Freeze{aFreeze("release-1.29")}, nil), command.NoOp, ""},
		"thaw again after a crash":    {decideThaw, facts("release-1.30", 902, nil, []Freeze{thawed}), command.Done, ""},
		"thaw what another thawed":    {decideThaw, facts("release-1.30", 903, nil, []Freeze{thawed}), command.NoOp, ""},
		"thaw an altered record":      {decideThaw, facts("release-1.30", 902, []Freeze{altered("release-1.30")}, nil), command.Done, "46 closed"},
		"thaw beyond reading":         {decideThaw, facts("release-1.30", 902, []Freeze{altered("")}, nil), command.Done, "46 closed"},
		"thaw a deleted branch":       {decideThaw, without(facts("release-1.30", 902, []Freeze{ours}, nil), func(f *callFacts) { f.Exists = false }), command.Done, "45 closed"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := tc.decide(tc.facts)
			if err != nil {
				t.Fatal(err)
			}
			var wrote []string
			text := out.Reply + "\n"
			for _, e := range out.Effects {
				i := e.(effect.Issue)
				wrote = append(wrote, fmt.Sprintf("%d %s", i.Number, i.State))
				text += "\n--- " + i.Title + "\n" + i.Text + "\n"
				var r Record
				if err := json.Unmarshal(i.Record, &r); err != nil || r.Branch != tc.facts.Branch || string(r.Branch) != i.Mark.ID {
					t.Errorf("record %s, mark %s: %v", i.Record, i.Mark, err)
				}
			}
			if out.Result != tc.result || strings.Join(wrote, ", ") != tc.wrote {
				t.Errorf("%s, wrote %q; want %s, %q", out.Result, wrote, tc.result, tc.wrote)
			}
			golden.Check(t, "call "+name+".md", text)
		})
	}
}

// TestRecordOnGitHub seals a freeze into an issue and reads it back, as it was
// and after everything that somebody with write access may do to it.
func TestRecordOnGitHub(t *testing.T) {
	s, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	issue, err := aFreeze("release-1.30").issue(repo, 45, "code-freeze")
	if err != nil {
		t.Fatal(err)
	}
	line, err := s.Seal(effect.Place{Repo: 5, Number: 45}, issue.Mark, issue.Record)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		body    string
		number  int
		altered bool
		branch  release.Branch
	}{
		"as written":        {line + "\n\n" + issue.Text, 45, false, "release-1.30"},
		"text around it":    {"hello\n" + line, 45, false, "release-1.30"},
		"other branch":      {strings.ReplaceAll(line, "1.30", "1.29"), 45, true, "release-1.29"},
		"seal taken out":    {issue.Mark.String(), 45, true, "release-1.30"},
		"mark taken out":    {issue.Text, 45, true, ""},
		"copied elsewhere":  {line, 50, true, "release-1.30"},
		"emptied":           {"", 45, true, ""},
		"second mark first": {"<!-- slipway:freeze release-1.29 -->\n" + line, 45, true, "release-1.29"},
	} {
		f := read(s, 5, github.Issue{Number: tc.number, Body: tc.body})
		if f.Altered != tc.altered || f.Branch != tc.branch {
			t.Errorf("%s: altered %t, branch %q", name, f.Altered, f.Branch)
		}
		if !f.Freezes("release-1.30") {
			t.Errorf("%s: the branch counts as open", name)
		}
	}
}

func TestSettings(t *testing.T) {
	for label, good := range map[string]bool{"": true, "code-freeze": true, "a,b": false, strings.Repeat("x", 51): false} {
		if err := (Settings{Label: label}).Validate(); (err == nil) != good {
			t.Errorf("label %q: %v", label, err)
		}
	}
}
