package ghclient_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// tried makes, of every kind of effect that may be repeated, one about a thing of
// its own. A dispatch may not: what becomes of its answers TestDispatch in
// cmd/slipway tells.
func (m *memory) tried(id int64) map[string]func(n int) effect.Effect {
	mark := func(kind string, n int) effect.Mark { return effect.Mark{Kind: kind, ID: fmt.Sprint("x", n)} }
	record := json.RawMessage(`{"rev":1}`)
	issue := func(n int) int {
		number, err := m.gh.As("bob").OpenIssue(repo, fmt.Sprint("Issue ", n), "text")
		m.ok(err)
		return number
	}
	branch := func(n int) release.Branch {
		name := fmt.Sprint("branch-", n)
		m.ok(m.gh.CreateBranch(repo, name, "master"))
		_, err := m.gh.As("bob").Push(repo, name, map[string]string{name: name}, "Change")
		m.ok(err)
		return release.Branch(name)
	}
	return map[string]func(n int) effect.Effect{
		"check run": func(n int) effect.Effect {
			return effect.CheckRun{Repo: rocket, Number: m.pr.Number, Commit: m.pr.HeadSHA, Name: fmt.Sprint("slipway/", n),
				Verdict: effect.Verdict{State: effect.Block, Title: "No", Detail: "no"}}
		},
		"comment": func(n int) effect.Effect {
			return effect.Comment{Repo: rocket, Number: m.pr.Number, Mark: mark("answer", n), Body: "text"}
		},
		"section": func(n int) effect.Effect {
			return effect.Section{Repo: rocket, RepoID: id, Number: m.pr.Number, Comment: mark("status", n), Head: "Head", Mark: mark("part", n), Record: record, Text: "text"}
		},
		"issue": func(n int) effect.Effect { return freeze(id, fmt.Sprint("x", n), 0, "text") },
		"shared issue": func(n int) effect.Effect {
			return effect.SharedIssue{Repo: rocket, RepoID: id, Mark: mark("release", n), Rev: 1, Record: record, State: github.Open, Title: "Rocket",
				Begin: effect.BlockPlace("status") + "\n", Parts: effect.Parts{Blocks: []effect.TextBlock{{Name: "status", Text: "text", Short: "text"}}}}
		},
		"issue's state": func(n int) effect.Effect {
			return effect.IssueState{Repo: rocket, Number: issue(n), State: github.Closed, Labels: []string{"ended"}}
		},
		"labels": func(n int) effect.Effect {
			return effect.Labels{Repo: rocket, Number: m.pr.Number, Labels: []string{fmt.Sprint("label-", n)}}
		},
		"unlabel": func(n int) effect.Effect {
			label := fmt.Sprint("off-", n)
			m.ok(m.gh.As("bob").AddLabel(repo, m.pr.Number, label))
			return effect.Unlabel{Repo: rocket, Number: m.pr.Number, Label: label}
		},
		"pull request": func(n int) effect.Effect {
			return effect.PullRequest{Repo: rocket, Head: branch(n), Base: "master", Title: "Pick", Mark: mark("pick", n), At: effect.Place{Repo: id},
				Record: record, Text: "text", Numbered: true}
		},
		"files": func(n int) effect.Effect {
			return effect.Files{Repo: rocket, Branch: release.Branch(fmt.Sprint("notes-", n)), Base: "master", From: m.branch("master"), Message: "Notes",
				Files: map[string]string{"n": "1"}}
		},
		"branch": func(n int) effect.Effect {
			return effect.NewBranch{Repo: rocket, Branch: release.Branch(fmt.Sprint("new-", n)), From: m.branch("master")}
		},
		"label":     func(n int) effect.Effect { return effect.NewLabel{Repo: rocket, Name: fmt.Sprint("new-", n)} },
		"milestone": func(n int) effect.Effect { return effect.NewMilestone{Repo: rocket, Title: fmt.Sprint("new-", n)} },
		"milestone's day": func(n int) effect.Effect {
			title := fmt.Sprint("due-", n)
			_, err := m.gh.As("bob").CreateMilestone(repo, title)
			m.ok(err)
			return effect.MilestoneDue{Repo: rocket, Title: title, Due: release.DateOf(time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC), time.UTC)}
		},
		"extras": func(n int) effect.Effect {
			return effect.Extras{Repo: rocket, Number: issue(n), Labels: []string{"extra"}, Assignees: []string{"bob"}}
		},
	}
}

// made lists what was made on GitHub since the last call, as everybody sees it.
// unanswered says that what was cut off was made, too.
func (m *memory) made(unanswered bool) (list []string) {
	for _, one := range strings.Split(m.requests(), ", ") {
		path, isPost := strings.CutPrefix(one[:max(0, strings.LastIndex(one, " "))], "POST ")
		hidden := strings.HasPrefix(path, "/git/trees") || strings.HasPrefix(path, "/git/commits") // nobody sees those before a branch is at one
		if isPost && !hidden && (unanswered || !strings.HasSuffix(one, " 0")) {
			list = append(list, regexp.MustCompile(`\d+/`).ReplaceAllString(path, "N/"))
		}
	}
	return list
}

// TestEveryEffectConverges: whichever of its writes doesn't get through, or is made
// and never answered, the next try brings it about, and makes nothing twice.
func TestEveryEffectConverges(t *testing.T) {
	m, id, _ := rememberingIssues(t)
	n := 0
	writing := func(r *http.Request) bool {
		return r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/repos/")
	}
	writes := 0
	m.before = func(r *http.Request) {
		if writing(r) {
			writes++
		}
	}
	for kind, next := range m.tried(id) {
		n++
		e := next(n)
		writes = 0
		m.requests()
		if r, err := m.Apply(t.Context(), e); err != nil || !r.Changed {
			t.Fatalf("%s: %+v, %v", kind, r, err)
		}
		clean, needs := m.made(false), writes
		if needs == 0 {
			t.Errorf("%s writes nothing", kind)
		}
		for _, f := range []sandbox.Fault{{Drop: true}, {DropResponseAfterEffect: true}} {
			for f.Skip = range needs {
				n++
				f.Match, f.Times = writing, 1
				what := fmt.Sprintf("%s, write %d, made: %t", kind, f.Skip+1, f.DropResponseAfterEffect)
				e := next(n)
				m.requests()
				m.gh.Fault(f)
				if _, err := m.Apply(t.Context(), e); err == nil {
					t.Errorf("%s: no error", what)
				}
				m.gh.ClearFaults()
				if _, err := m.Apply(t.Context(), e); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if made := m.made(f.DropResponseAfterEffect); !slices.Equal(made, clean) {
					t.Errorf("%s: made\n%q, want\n%q", what, made, clean)
				}
				if r, err := m.Apply(t.Context(), e); err != nil || r.Changed {
					t.Errorf("%s: once more: %+v, %v", what, r, err)
				}
			}
		}
	}
}
