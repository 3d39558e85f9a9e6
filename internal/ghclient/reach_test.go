package ghclient_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestNothingOfAnother: a run that is for one repository gets nothing of another one that
// it has no right to: by no read that there is, be it remembered, and by no effect.
func TestNothingOfAnother(t *testing.T) {
	gh, c, _ := newClient(t)
	if err := gh.CreateRepo("acme", "secret", sandbox.RepoOptions{Private: true}); err != nil {
		t.Fatal(err)
	}
	secret := github.Repo{Owner: "acme", Name: "secret"}
	// What the right rests on, who is in a team of the owner's among it, and our own account.
	free := []string{"PolicyFile", "ReferredFile", "PolicyHistory", "Visibility", "Called", "Member", "Missing", "BotID", "Committer"}
	for _, known := range []bool{false, true} {
		if known { // by a run of its own
			for _, call := range readsOf(c, secret) {
				call.of(reflect.ValueOf(reconcile.WithReach(t.Context(), secret)))
			}
		}
		gh.ResetRequests()
		n := 0
		for _, call := range readsOf(c, secret) {
			n++
			err := call.of(reflect.ValueOf(reconcile.WithReach(t.Context(), rocket)))
			var refused *reconcile.RefusedError
			if !slices.Contains(free, call.name) && !errors.As(err, &refused) {
				t.Errorf("%s, remembered %t: %v", call.name, known, err)
			}
		}
		if n < 50 {
			t.Errorf("only %d reads", n)
		}
		for _, r := range gh.Requests() {
			path, about := strings.CutPrefix(r.Path, "/repos/acme/secret")
			if about && path != "" && path != "/installation" && !strings.HasPrefix(path, "/contents") && !strings.HasPrefix(path, "/commits") && !strings.HasPrefix(path, "/git/trees/") {
				t.Errorf("it asked %s %s", r.Method, r.Path)
			}
		}
	}
}

// read is a method that reads something of a repository.
type read struct {
	name string
	of   func(ctx reflect.Value) error
}

// readsOf are all of the client's, for a repository and otherwise zero arguments.
func readsOf(c any, repo github.Repo) (all []read) {
	v := reflect.ValueOf(c)
	for i := range v.NumMethod() {
		m := v.Method(i)
		if m.Type().NumIn() < 2 || m.Type().In(1) != reflect.TypeFor[github.Repo]() || m.Type().NumOut() == 0 {
			continue
		}
		all = append(all, read{v.Type().Method(i).Name, func(ctx reflect.Value) error {
			args := []reflect.Value{ctx, reflect.ValueOf(repo)}
			for j := 2; j < m.Type().NumIn(); j++ {
				args = append(args, argument(m.Type().In(j)))
			}
			var out []reflect.Value
			if m.Type().IsVariadic() {
				out = m.CallSlice(args)
			} else {
				out = m.Call(args)
			}
			err, _ := out[len(out)-1].Interface().(error)
			return err
		}})
	}
	return all
}

// argument is something that a read may be asked for.
func argument(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[github.User]():
		v.Set(reflect.ValueOf(github.User{ID: 5, Login: "bob"}))
	case t == reflect.TypeFor[[]string]():
		v.Set(reflect.ValueOf([]string{"x"}))
	case t.Kind() == reflect.String:
		v.SetString("x")
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		v.SetInt(1)
	}
	return v
}

// TestNoEffectInAnother: each effect there is, carried out for a run of another repository.
func TestNoEffectInAnother(t *testing.T) {
	gh, c, _ := newClient(t)
	if err := gh.CreateRepo("acme", "secret", sandbox.RepoOptions{}); err != nil {
		t.Fatal(err)
	}
	secret := github.Repo{Owner: "acme", Name: "secret"}
	mark, record := effect.Mark{Kind: "x", ID: "y"}, json.RawMessage(`{}`)
	effects := []effect.Effect{
		effect.CheckRun{Repo: secret, Number: 1, Commit: "abc", Name: "x"}, effect.Comment{Repo: secret, Number: 1, Mark: mark, Body: "x"},
		effect.Dispatch{Repo: secret, Event: "x", Note: effect.Note{Repo: secret, Number: 1, ID: "y"}}, effect.Extras{Repo: secret, Number: 1, Labels: []string{"x"}},
		effect.Files{Repo: secret, Branch: "x", Base: "master", From: "abc", Files: map[string]string{"a": "b"}}, effect.Issue{Repo: secret, Mark: mark, State: github.Open},
		effect.IssueState{Repo: secret, Number: 1, State: github.Closed}, effect.Labels{Repo: secret, Number: 1, Labels: []string{"x"}},
		effect.MilestoneDue{Repo: secret, Title: "x"}, effect.NewBranch{Repo: secret, Branch: "x", From: "abc"}, effect.NewLabel{Repo: secret, Name: "x"},
		effect.NewMilestone{Repo: secret, Title: "x"}, effect.PullRequest{Repo: secret, Head: "x", Base: "master", Mark: mark, Record: record},
		effect.Section{Repo: secret, Number: 1, Comment: mark, Mark: mark, Record: record, Text: "x"}, effect.SharedIssue{Repo: secret, Number: 1, Mark: mark}, effect.Unlabel{Repo: secret, Number: 1, Label: "x"},
		effect.DropThrowaway{Repo: secret, Branch: "x"},
		effect.AutoMerge{Repo: secret, Number: 1, On: true}, effect.Ready{Repo: secret, Number: 1}, effect.NoBranch{Repo: secret, Branch: "x", Commit: "abc"},
	}
	gh.ResetRequests()
	for _, access := range []reconcile.Access{0, reconcile.ReadAccess} {
		for _, e := range effects {
			ctx := reconcile.WithReach(t.Context(), rocket)
			reconcile.GrantReach(ctx, secret, access)
			_, err := c.Apply(ctx, e)
			var refused *reconcile.RefusedError
			if access == 0 && !errors.As(err, &refused) {
				t.Errorf("%s: %v", e, err)
			}
		}
	}
	for _, r := range gh.Requests() {
		if r.Method != "GET" && !strings.Contains(r.Path, "access_tokens") {
			t.Errorf("it asked %s %s", r.Method, r.Path)
		}
	}
	// A pick is pushed by git.
	_, _, err := c.GitAccess(reconcile.WithReach(t.Context(), rocket), secret, 1, true)
	if refused := (*reconcile.RefusedError)(nil); !errors.As(err, &refused) {
		t.Errorf("access for git: %v", err)
	}
	if have, want := len(effects)+1, countSealed(t); have != want {
		t.Errorf("%d of %d effects are tried", have, want)
	}
}

// countSealed is how many kinds of effect there are.
func countSealed(t *testing.T) (n int) {
	t.Helper()
	files, err := filepath.Glob("../effect/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n += len(regexp.MustCompile(`(?m)^func \(\w+\) sealed\(\) \{\}$`).FindAll(text, -1))
	}
	return n
}
