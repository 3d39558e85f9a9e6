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
		Record: Record{Branch: release.Branch(branch), By: "alice", ByID: 1, Since: noon, Reason: "waiting for @everyone <b>and</b> `more`", Asked: "comment/900#0", Opened: noon},
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
	frozen := []Freeze{aFreeze("release-1.29"), aFreeze("release-1.30")}
	for name, tc := range map[string]struct {
		policy  config.Loaded
		why     string
		sighted release.Branch
		pr      *github.PullRequest
		freezes []Freeze
		want    effect.State // "" when nothing is to be reported
		title   string
	}{
		"no policy":                     {config.Loaded{}, changed, "", nil, nil, "", "no policy"},
		"sighted ungoverned":            {ok, changed, "master", nil, nil, "", "master is not governed"},
		"ungoverned":                    {ok, changed, "", pull("master"), nil, "", "master is not governed"},
		"moved to an ungoverned branch": {ok, moved, "", pull("master"), nil, effect.Neutral, "master is not governed"},
		"closed":                        {ok, changed, "", closed, []Freeze{aFreeze("release-1.30")}, "", "#7 is closed"},
		"open branch":                   {ok, changed, "", pull("release-1.30"), nil, effect.Pass, "release-1.30 is not frozen"},
		"another branch frozen":         {ok, changed, "", pull("release-1.29"), []Freeze{aFreeze("release-1.30")}, effect.Pass, "release-1.29 is not frozen"},
		"frozen":                        {ok, changed, "", pull("release-1.30"), frozen, effect.Block, "release-1.30 is frozen"},
		"moved to a frozen branch":      {ok, moved, "", pull("release-1.30"), frozen, effect.Block, "release-1.30 is frozen"},
		"asked for again":               {ok, rerun, "", pull("release-1.30"), frozen, effect.Block, "release-1.30 is frozen"},
		"altered":                       {ok, changed, "", pull("release-1.29"), []Freeze{altered("release-1.30")}, effect.Block, "a freeze record was changed by hand"},
		"altered beyond reading":        {ok, changed, "", pull("release-1.29"), []Freeze{altered("")}, effect.Block, "a freeze record was changed by hand"},
		"altered, and truly frozen":     {ok, changed, "", pull("release-1.30"), []Freeze{altered("x"), aFreeze("release-1.30")}, effect.Block, "release-1.30 is frozen"},
		"broken policy":                 {broken, changed, "", pull("master"), nil, effect.Block, "the policy can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Snapshot{Key: pullKey(repo, tc.why, 7), Subject: subject{number: 7, why: tc.why}, Now: noon, Policy: tc.policy, Sighted: tc.sighted, PR: tc.pr, Freezes: tc.freezes}
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
			if check.Fresh != (tc.why == rerun) || check.IfPresent != (tc.want == effect.Neutral) {
				t.Errorf("fresh %t, if present %t", check.Fresh, check.IfPresent)
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
		Key: key(repo, allBranches), Policy: policy(t),
		Open: []github.PullRequest{{Number: 9, Base: "release-1.30"}, {Number: 3, Base: "master"}, {Number: 4, Base: "release-1.29"}},
	}
	want := []reconcile.Key{pullKey(repo, changed, 9), pullKey(repo, changed, 4)} // in the order of the list
	if diff := cmp.Diff(want, (&Handler{}).Decide(s).Then); diff != "" {
		t.Error(diff)
	}
}

func TestDecideSpreadsACommit(t *testing.T) {
	s := Snapshot{
		Key: key(repo, "commit/abc"), Subject: subject{commit: "abc"}, Policy: policy(t),
		Open: []github.PullRequest{{Number: 9, Base: "release-1.30", Head: "def"}, {Number: 3, Base: "master", Head: "abc"}, {Number: 4, Base: "release-1.29", Head: "abc"}},
	}
	if diff := cmp.Diff([]reconcile.Key{pullKey(repo, rerun, 4)}, (&Handler{}).Decide(s).Then); diff != "" {
		t.Error(diff)
	}
}

func TestParseID(t *testing.T) {
	for id, want := range map[string]subject{
		"pr/7":                {number: 7, why: changed},
		"moved/7":             {number: 7, why: moved},
		"rerun/7":             {number: 7, why: rerun},
		"branch/release/1.30": {branch: "release/1.30"},
		"commit/abc":          {commit: "abc"},
		"branches":            {},
	} {
		if got, err := parseID(id); got != want || err != nil {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	for _, id := range []string{"", "pr", "pr/", "pr/0", "pr/-1", "pr/x", "branch/", "commit/", "branches/x", "issue/7"} {
		if got, err := parseID(id); !errors.Is(err, reconcile.ErrGone) {
			t.Errorf("%q: %+v, %v", id, got, err)
		}
	}
}

func TestKeys(t *testing.T) {
	pr := &github.PullRequest{Number: 7}
	one, all := []reconcile.Key{pullKey(repo, changed, 7)}, []reconcile.Key{key(repo, allBranches)}
	for name, tc := range map[string]struct {
		event github.Event
		want  []reconcile.Key
	}{
		"opened":                {github.Event{Kind: "pull_request", Action: "opened", PullRequest: pr}, one},
		"pushed to":             {github.Event{Kind: "pull_request", Action: "synchronize", PullRequest: pr}, one},
		"moved":                 {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr, OldBase: "master"}, []reconcile.Key{pullKey(repo, moved, 7)}},
		"title edited":          {github.Event{Kind: "pull_request", Action: "edited", PullRequest: pr}, nil},
		"labelled":              {github.Event{Kind: "pull_request", Action: "labeled", PullRequest: pr}, nil},
		"no pull request":       {github.Event{Kind: "pull_request", Action: "opened"}, nil},
		"a person's issue":      {github.Event{Kind: "issues", Action: "closed", Issue: &github.Issue{Title: "Code freeze: x", Labels: []string{"code-freeze"}}}, nil},
		"our own doing":         {github.Event{Kind: "issues", Action: "edited", Own: true, Issue: &github.Issue{Author: github.User{Bot: true}}}, nil},
		"a bot's issue":         {github.Event{Kind: "issues", Action: "edited", Issue: &github.Issue{Author: github.User{Bot: true}}}, all},
		"policy pushed":         {github.Event{Kind: "push", Push: &github.Push{TouchesPolicy: true}}, all},
		"something pushed":      {github.Event{Kind: "push", Push: &github.Push{}}, nil},
		"rerun":                 {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/7"}, []reconcile.Key{pullKey(repo, rerun, 7)}},
		"another's rerun":       {github.Event{Kind: "check_run", Action: "rerequested", CheckName: "ci", ExternalID: "pr/7"}, nil},
		"rerun of no number":    {github.Event{Kind: "check_run", Action: "rerequested", CheckName: CheckName, ExternalID: "pr/x"}, nil},
		"rerun of the suite":    {github.Event{Kind: "check_suite", Action: "rerequested", Commit: "abc"}, []reconcile.Key{key(repo, "commit/abc")}},
		"suite completed":       {github.Event{Kind: "check_suite", Action: "completed", Commit: "abc"}, nil},
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
		return callFacts{Call: c, Now: noon.Add(time.Second), Policy: ok, Labels: []string{"code-freeze"}, Branch: release.Branch(c.Args[0]), Exists: true, Open: open, Ended: ended}
	}
	without := func(f callFacts, change func(*callFacts)) callFacts { change(&f); return f }
	ours := aFreeze("release-1.30")
	thawed := aFreeze("release-1.30")
	thawed.Thaw = &Thaw{By: "alice", ByID: 1, At: noon, Asked: "comment/902#0"}
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
				if err := json.Unmarshal(i.Record, &r); err != nil || r.Branch != tc.facts.Branch || r.Asked != i.Mark.ID || i.RepoID != 5 {
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
	issue, err := aFreeze("release-1.30").issue(call("release-1.30", 900), 45, []string{"code-freeze"})
	if err != nil {
		t.Fatal(err)
	}
	seal := func(number int, m effect.Mark) string {
		line, err := s.Seal(effect.Place{Repo: 5, Number: number}, m, issue.Record)
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	line, unbound := seal(45, issue.Mark), seal(0, issue.Mark)
	const intact, damaged, other = "intact", "damaged", "something else"
	for name, tc := range map[string]struct {
		body   string
		number int
		age    time.Duration // of the issue, at the time of the record
		want   string
	}{
		"as written":                {line + "\n\n" + issue.Text, 45, 0, intact},
		"not yet bound":             {unbound, 45, 0, intact},
		"unbound, in an old issue":  {unbound, 45, -time.Hour, damaged},
		"unbound, in a newer issue": {unbound, 45, time.Hour, damaged},
		"text before it":            {"hello\n" + line, 45, 0, damaged},
		"other branch":              {strings.ReplaceAll(line, "1.30", "1.29"), 45, 0, damaged},
		"seal taken out":            {issue.Mark.String(), 45, 0, damaged},
		"mark taken out":            {issue.Text, 45, 0, damaged},
		"copied elsewhere":          {line, 50, 0, damaged},
		"emptied":                   {"", 45, 0, damaged},
		"another call's mark":       {seal(45, effect.Mark{Kind: markKind, ID: "comment/1#0"}), 45, 0, damaged},
		"another kind, sealed":      {seal(45, effect.Mark{Kind: "release", ID: "1.30"}), 45, 0, other},
		"another kind, forged":      {strings.Replace(line, "slipway:freeze", "slipway:release", 1), 45, 0, damaged},
	} {
		f, ok := read(s, 5, github.Issue{Number: tc.number, Title: issue.Title, Body: tc.body, CreatedAt: noon.Add(tc.age)})
		if ok != (tc.want != other) || f.Altered != (tc.want == damaged) {
			t.Errorf("%s: %+v, %t", name, f, ok)
		}
		if ok && (f.Branch != "release-1.30" || !f.Freezes("release-1.30")) {
			t.Errorf("%s: the branch counts as open: %+v", name, f)
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
