package handlers

import (
	"context"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

var (
	repo = github.Repo{Owner: "istio", Name: "istio"}
	noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
)

// quiet is a GitHub with a policy file that has a history, one team, and
// nothing else.
type quiet struct {
	facts.GitHub // what isn't overridden must not be asked
	history      []string
	missing      bool // the team, a short while ago
}

func (q quiet) PolicyFile(ctx context.Context, repo github.Repo) (github.File, error) {
	list, err := q.PolicyHistory(ctx, repo, config.PolicyPath, 20)
	return list[0], err
}

func (q quiet) PolicyHistory(_ context.Context, repo github.Repo, path string, _ int) (list []github.File, err error) {
	for _, text := range q.history {
		list = append(list, github.File{Repo: repo, Path: path, Text: text, Found: true})
	}
	return list, nil
}

func (quiet) OwnIssues(context.Context, github.Repo, time.Time) ([]github.Issue, error) {
	return nil, nil
}

func (quiet) RepoID(context.Context, github.Repo) (int64, error) { return 5, nil }

func (quiet) Member(_ context.Context, _ github.Repo, team string, _ github.User) (member, exists bool, err error) {
	return team == "rm", team == "rm", nil
}

func (q quiet) Missing(context.Context, github.Repo, string) (bool, error) { return q.missing, nil }

// TestPatientRoles: whoever is patient doesn't ask for a team that was missing a short
// while ago, and can't tell; who waits for an answer asks.
func TestPatientRoles(t *testing.T) {
	q := quiet{history: []string{"branches: [r]\nrelease_managers: [rm]\n"}, missing: true}
	for _, patient := range []bool{false, true} {
		r := Roles{Policies: config.NewPolicies(q, time.Now, Sections()...), Teams: q, Patient: patient}
		s, err := r.Manages(t.Context(), repo, "r", github.User{ID: 1})
		if err != nil || s.Holds == patient || len(s.Missing) == 1 != patient {
			t.Errorf("patient: %v: %+v, %v", patient, s, err)
		}
	}
}

// TestRolesOfTheLastGoodPolicy: who was a release manager stays one while the
// newest policy has faults, and nobody becomes one by it.
func TestRolesOfTheLastGoodPolicy(t *testing.T) {
	const good, broken = "branches: [r]\nrelease_managers: [rm]\n", "brnches: [r]\nrelease_managers: [rm]\n"
	for name, tt := range map[string]struct {
		history []string
		holds   bool
		unclear string
	}{
		"good":              {[]string{good}, true, ""},
		"broken after good": {[]string{broken, good}, true, ""},
		"never good":        {[]string{broken}, false, "The policy has faults"},
	} {
		q := quiet{history: tt.history}
		s, err := Roles{Policies: config.NewPolicies(q, time.Now, Sections()...), Teams: q}.Manages(t.Context(), repo, "r", github.User{ID: 1})
		if err != nil || s.Holds != tt.holds || s.Unclear != tt.unclear {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func (quiet) Permission(context.Context, github.Repo, github.User) (github.Permission, error) {
	return github.Admin, &reconcile.RefusedError{Reason: "Resource not accessible by integration"}
}

// TestRolesRefused: where GitHub doesn't tell what somebody may do, that is said in words, and is no role.
func TestRolesRefused(t *testing.T) {
	for managers, want := range map[string]string{
		"{permission: maintain}": "GitHub doesn't let Slipway look what bob may do in " + repo.Name,
		"{users: [bob]}":         "GitHub doesn't let Slipway look what bob may do in " + repo.Name,
		"{users: [alice]}":       "",
	} {
		q := quiet{history: []string{"branches: [r]\nrelease_managers: " + managers + "\n"}}
		r := Roles{Policies: config.NewPolicies(q, time.Now, Sections()...), Teams: q, Writers: q}
		s, err := r.Manages(t.Context(), repo, "r", github.User{ID: 1, Login: "bob"})
		if err != nil || s.Holds || s.Unclear != want {
			t.Errorf("%s: %+v, %v", managers, s, err)
		}
	}
}

// TestVerdictsUnderAnotherPolicy is what the check of a policy asks of a gate.
func TestVerdictsUnderAnotherPolicy(t *testing.T) {
	from := &facts.Sources{GitHub: quiet{}}
	now := func() time.Time { return noon }
	h := &freeze.Handler{From: from, Now: now}
	set := gate.Set{From: from, Now: now, Gates: []gate.One{gate.Of(h.Gate())}}
	prs := []github.PullRequest{{Number: 1, Base: "release-1.30", State: github.Open}, {Number: 2, Base: "main", State: github.Open}}
	const window = "branches: [\"release-*\"]\nfreeze:\n  windows: [{name: w, branches: [\"release-*\"], start: 2026-08-01T00:00:00Z, end: 2026-08-02T00:00:00Z}]\n"
	for name, tt := range map[string]struct {
		text  string
		fault error
		want  map[int]string
	}{
		"no policy":           {"", nil, map[int]string{}},
		"not frozen":          {"branches: [\"release-*\"]\n", nil, map[int]string{1: "pass release-1.30 is not frozen"}},
		"a window":            {window, nil, map[int]string{1: "block release-1.30 is frozen"}},
		"other branches":      {"branches: [main]\n", nil, map[int]string{2: "pass main is not frozen"}},
		"nobody can tell":     {"", config.Faults{{Line: 1, Column: 1, Message: "x"}}, map[int]string{1: "block the policy can't be read", 2: "block the policy can't be read"}},
		"the last good stays": {window, config.Faults{{Line: 1, Column: 1, Message: "x"}}, map[int]string{1: "block release-1.30 is frozen"}},
	} {
		loaded := config.Loaded{Fault: tt.fault}
		if tt.text != "" {
			var err error
			if loaded.Policy, err = config.ParsePolicy("x", []byte(tt.text), Sections()...); err != nil {
				t.Fatal(err)
			}
		}
		got, err := previews(set)[0].Verdicts(t.Context(), repo, loaded, prs)
		if err != nil || len(got) != len(tt.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		for n, v := range got {
			if string(v.State)+" "+v.Title != tt.want[n] {
				t.Errorf("%s: #%d %s %s, want %s", name, n, v.State, v.Title, tt.want[n])
			}
		}
	}
}
