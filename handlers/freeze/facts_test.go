package freeze

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file makes the facts that the tables of the other tests are about.

var (
	repo  = github.Repo{Owner: "istio", Name: "istio"}
	noon  = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	alice = github.User{ID: 1, Login: "alice"}
	bob   = github.User{ID: 2, Login: "bob"}
)

const policyText = `branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
timezone: America/Los_Angeles
freeze:
  exceptions:
    accounts: [{id: 99, login: istio-testing}]
    paths: ["docs/**", "**/*_test.go"]
    labels: [freeze-exempt]
`

func policyOf(t *testing.T, text string) (config.Loaded, Settings) {
	t.Helper()
	p, err := config.ParsePolicy("istio/istio:.github/slipway.yml", []byte(text), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/istio/blob/master/.github/slipway.yml"}, s
}

func brokenFault(t *testing.T) error {
	t.Helper()
	_, err := config.ParsePolicy("istio/istio:.github/slipway.yml", []byte("branchs: [release-*]\nfreeze:\n  lable: x\n"), config.Declare[Settings](Name))
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	return faults
}

// aFreeze is one that alice commanded at noon; people have been told of it.
func aFreeze(branches ...string) Freeze {
	return Freeze{
		Issue: 45, URL: "https://github.com/istio/istio/issues/45", State: github.Open, Body: "as it was",
		Record: Record{
			Rev: 3, Asked: "comment/900#0", Branches: branches, By: "alice", ByID: 1, Since: noon, Opened: noon,
			Reason: "waiting for @everyone <b>and</b> `more`", Noticed: Began,
		},
	}
}

func with(f Freeze, change func(*Freeze)) Freeze {
	f = f.revised(func(*Record) {})
	f.Rev--
	change(&f)
	return f
}

func altered(branches ...string) Freeze {
	return Freeze{Issue: 46, URL: "https://github.com/istio/istio/issues/46", State: github.Open, Tampered: true, Edited: true, Record: Record{Branches: branches}}
}

const head = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func pull(base string) github.PullRequest {
	return github.PullRequest{
		RepoID: 5, Number: 7, Title: "Fix a leak", Author: bob, State: github.Open, Base: release.Branch(base), Head: head,
		HeadRef: "release-1.30", HeadRepo: github.Repo{Owner: "bob", Name: "istio"},
	}
}

func row(commit string, until time.Time) Exemption {
	return Exemption{Number: 7, Branch: "release-1.30", Commit: commit, By: "alice", ByID: 1, At: noon, Until: until, Reason: "the | blocker", Asked: "comment/901#0"}
}

func call(name, line string, id int64) command.Call {
	return command.Call{
		Name: name, Repo: repo, RepoID: 5, Number: 7, OnPR: true, Source: command.InComment, ID: id,
		Args: strings.Fields(line), Rest: line, Author: alice, At: noon,
	}
}

// wrote lists issue effects as "NUMBER STATE", and comments and labels in a word.
func wrote(effects []effect.Effect) string {
	var list []string
	for _, e := range effects {
		switch e := e.(type) {
		case effect.Issue:
			list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s", e.Number, e.State)))
		case effect.Comment:
			list = append(list, "comment "+e.Mark.ID)
		case effect.Unlabel:
			list = append(list, "unlabel "+e.Label)
		case effect.CheckRun:
			list = append(list, "check "+string(e.Verdict.State))
		}
	}
	return strings.Join(list, ", ")
}

// texts are all that people would read of some effects.
func texts(effects []effect.Effect) string {
	var b strings.Builder
	for _, e := range effects {
		switch e := e.(type) {
		case effect.Issue:
			fmt.Fprintf(&b, "\n--- %s\n%s\n", e.Title, e.Text)
		case effect.Comment:
			fmt.Fprintf(&b, "\n--- comment on #%d\n%s\n", e.Number, e.Body)
		case effect.CheckRun:
			fmt.Fprintf(&b, "\n--- check: %s, %s\n%s\n", e.Verdict.State, e.Verdict.Title, e.Verdict.Detail)
		}
	}
	return b.String()
}
