package config_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

const (
	goodText  = "branches: [good]\n"
	olderText = "branches: [older]\n"
	wrong     = "brnches: [x]\n"
	wronger   = "branches: 5\n"
	gone      = "\x00gone" // the file was deleted
)

// historian is a GitHub whose files have a history: by "owner/name:path", the
// newest first.
type historian struct {
	files map[string][]string
	reads int
	err   error
}

func (h *historian) file(repo github.Repo, path string, i int) github.File {
	name := repo.String() + ":" + path
	f := github.File{Repo: repo, Path: path}
	if texts := h.files[name]; i < len(texts) && texts[i] != gone {
		f.Text, f.Found, f.URL = texts[i], true, name
		if i > 0 {
			f.URL += strings.Repeat("~", i)
		}
	}
	return f
}

func (h *historian) PolicyFile(_ context.Context, repo github.Repo) (github.File, error) {
	return h.file(repo, config.PolicyPath, 0), nil
}

func (h *historian) ReferredFile(_ context.Context, _, to github.Repo, path string) (github.File, error) {
	return h.file(to, path, 0), nil
}

func (h *historian) PolicyHistory(_ context.Context, repo github.Repo, path string, most int) (list []github.File, err error) {
	h.reads++
	if most != 20 {
		return nil, errors.New("asked for another number of texts")
	}
	for i := range h.files[repo.String()+":"+path] {
		f := h.file(repo, path, i)
		list = append(list, github.File{Text: f.Text, URL: f.URL, Found: f.Found})
	}
	return list, h.err
}

func TestLastGoodPolicy(t *testing.T) {
	const here, there = "istio/istio:.github/slipway.yml", "istio/community:p.yml"
	refers := "extends: istio/community:p.yml\n"
	for name, tt := range map[string]struct {
		files   map[string][]string
		governs string // "" for every branch, "none" for none
		good    string
		fault   string
		newest  string
	}{
		"first broken":       {map[string][]string{here: {wrong}}, "", "", `unknown key "brnches"`, here},
		"broken after good":  {map[string][]string{here: {wrong, goodText}}, "good", here + "~", `unknown key "brnches"`, here},
		"broken twice":       {map[string][]string{here: {wronger, wrong, goodText, olderText}}, "good", here + "~~", "want a list", here},
		"good again":         {map[string][]string{here: {goodText, wrong, olderText}}, "good", "", "", here},
		"the same again":     {map[string][]string{here: {wrong, goodText, wrong, olderText}}, "good", here + "~", "unknown key", here},
		"never good":         {map[string][]string{here: {wronger, wrong, ""}}, "", "", "want a list", here},
		"deleted":            {map[string][]string{here: {gone, goodText}}, "none", "", "", ""},
		"deleted in between": {map[string][]string{here: {wrong, gone, goodText}}, "", "", "unknown key", here},

		"reference, broken there":        {map[string][]string{here: {refers}, there: {wrong, goodText}}, "good", there + "~", "unknown key", there},
		"reference, never good there":    {map[string][]string{here: {refers, olderText}, there: {wrong}}, "", "", "unknown key", there},
		"reference, no policy there now": {map[string][]string{here: {refers}, there: {"a: 1\n", goodText}}, "good", there + "~", "is no policy", there},
		"reference there was one before": {map[string][]string{here: {refers}, there: {wrong, refers, goodText}}, "good", there + "~~", "unknown key", there},
		"reference to nothing":           {map[string][]string{here: {refers, goodText}}, "good", here + "~", "can't be read", here},
		"malformed reference":            {map[string][]string{here: {"extends: 5\n", refers}, there: {goodText}}, "good", there, "extends", here},
		"broken, an old reference too":   {map[string][]string{here: {wrong, refers, olderText}, there: {wrong, goodText}}, "older", here + "~~", "unknown key", here},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := config.NewPolicies(&historian{files: tt.files}, time.Now).Policy(t.Context(), github.Repo{Owner: "istio", Name: "istio"})
			if err != nil {
				t.Fatal(err)
			}
			everything, nothing := tt.governs == "", tt.governs == "none"
			if l.Governs("any") != everything || !nothing && !everything && !l.Governs(release.Branch(tt.governs)) {
				t.Errorf("it governs any branch: %t, policy %+v", l.Governs("any"), l.Policy)
			}
			if l.URL != tt.newest || l.GoodURL != tt.good {
				t.Errorf("newest %q, good %q", l.URL, l.GoodURL)
			}
			if (l.Fault != nil) != (tt.fault != "") || l.Fault != nil && !strings.Contains(l.Fault.Error(), tt.fault) {
				t.Errorf("fault %v, want %q", l.Fault, tt.fault)
			}
			if l.Exists() == nothing || l.Exists() != (l.Repo.Name == "istio") {
				t.Errorf("exists %t, from %s", l.Exists(), l.Repo)
			}
			if want := map[bool]string{true: l.GoodURL, false: l.URL}[l.GoodURL != ""]; l.InForce() != want {
				t.Errorf("in force is %s, want %s", l.InForce(), want)
			}
		})
	}
}

// TestLastGoodIsRemembered: for the same newest text, and not for long.
func TestLastGoodIsRemembered(t *testing.T) {
	repo := github.Repo{Owner: "istio", Name: "istio"}
	const here = "istio/istio:.github/slipway.yml"
	gh := &historian{files: map[string][]string{here: {wrong, olderText}}}
	now := time.Date(2028, 2, 29, 0, 30, 0, 0, time.UTC)
	policies := config.NewPolicies(gh, func() time.Time { return now })
	step := func(what, governs string, reads int) {
		t.Helper()
		l, err := policies.Policy(t.Context(), repo)
		if err != nil {
			t.Fatal(err)
		}
		if !l.Governs(release.Branch(governs)) || l.Governs("any") || gh.reads != reads {
			t.Errorf("%s: %d reads of the history, want %d; %+v", what, gh.reads, reads, l.Policy)
		}
	}
	step("at first", "older", 1)
	step("once more", "older", 1)
	gh.files[here] = []string{wronger, wrong, olderText}
	step("another text", "older", 2)
	gh.files[here] = []string{goodText, wronger}
	step("a good one", "good", 2)
	gh.files[here] = []string{wronger, goodText, wronger, wrong, olderText}
	step("the faulty one again", "good", 3)
	gh.files[here] = []string{wronger, olderText, wronger, goodText}
	step("the same text after one that was never read", "good", 3)
	now = now.Add(6 * time.Minute)
	step("a little later", "older", 4)

	gh.files[here], gh.err = []string{wrong, goodText}, errors.New("no answer")
	if _, err := policies.Policy(t.Context(), repo); err == nil || err.Error() != "last good policy of istio/istio: no answer" {
		t.Errorf("a history that can't be read: %v", err)
	}
	gh.err = nil
	step("when it can", "good", 6)
}

func TestProposed(t *testing.T) {
	repo := github.Repo{Owner: "istio", Name: "istio"}
	gh := &historian{files: map[string][]string{
		"istio/istio:.github/slipway.yml": {goodText},
		"istio/community:p.yml":           {wrong, goodText},
	}}
	policies := config.NewPolicies(gh, time.Now)
	for text, tt := range map[string]struct {
		governs   string
		fault     string
		elsewhere bool
	}{
		olderText: {"older", "", false},
		wrong:     {"", `line 1, column 1: unknown key "brnches"`, false},
		"# moved\nextends: istio/community:p.yml": {"", `line 1, column 1: unknown key "brnches"`, true},
		"extends: istio/community:q.yml":          {"", "line 1, column 10: extends: istio/community:q.yml can't be read", false},
		"extends: istio/istio":                    {"good", "", true},
	} {
		p, err := policies.Proposed(t.Context(), repo, github.File{Repo: repo, Path: config.PolicyPath, Text: text, URL: "proposed", Found: true})
		if err != nil {
			t.Fatal(err)
		}
		if (p.Policy != nil) != (tt.governs != "") || tt.governs != "" && !p.Governs(release.Branch(tt.governs)) || p.GoodURL != "" {
			t.Errorf("%q: policy %+v, good %q", text, p.Policy, p.GoodURL)
		}
		if (p.Fault != nil) != (tt.fault != "") || p.Fault != nil && !strings.HasPrefix(p.Fault.Error(), tt.fault) || p.Elsewhere != tt.elsewhere {
			t.Errorf("%q: fault %v, elsewhere %t", text, p.Fault, p.Elsewhere)
		}
		if p.Repo != repo {
			t.Errorf("%q: from %s", text, p.Repo)
		}
		if f := p.Here("the policy there has a fault"); tt.fault != "" && tt.elsewhere && f.String() != "line 2, column 10: extends: the policy there has a fault" {
			t.Errorf("%q: %s", text, f)
		}
	}
	if gh.reads != 0 {
		t.Error("a proposal is judged by its own text, not by an earlier one")
	}
}

func TestManagersFault(t *testing.T) {
	p, err := config.ParsePolicy("x", []byte("branches: [r]\nrelease_managers:\n  - one\n  - two\n"))
	if err != nil {
		t.Fatal(err)
	}
	f := p.ManagersFault(1, &config.Wrong{What: "there is no such team", Want: "a team"})
	if f.String() != "line 4, column 5: release_managers[1]: there is no such team: want a team" || f.Expected != "a team" || f.EndColumn != 7 {
		t.Errorf("%s, %+v", f, f)
	}
}
