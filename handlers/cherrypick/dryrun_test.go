package cherrypick

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// foreseen has a pick come to something.
func foreseen(o effect.PickOutcome, change ...func(*foresight)) func(*Snapshot) {
	return func(s *Snapshot) {
		var c Snapshot
		conflicting(&c)
		f := foresight{Picked: effect.Picked{Outcome: o, Onto: theTarget}}
		if o == effect.PickConflict {
			f.Conflicts, f.Needs = c.Pick.Picked.Conflicts, c.Pick.Needs
		}
		for _, do := range change {
			do(&f)
		}
		s.Pick.Foreseen = &f
	}
}

// TestForetell goes through what is said of picks before they are made.
func TestForetell(t *testing.T) {
	open := func(s *Snapshot) { s.PR.State, s.PR.Merged = github.Open, false }
	shut := func(s *Snapshot) { s.PR.Merged = false }
	nobody := func(s *Snapshot) {
		s.Pick.Labelled, s.Pick.May, s.Pick.Ask, s.Pick.By = false, false, "", github.User{}
	}
	dry := func(s *Snapshot) {
		s.Pick.DryPart, s.Pick.Dry = "there is one", &DryRun{By: "carol", ByID: 5, At: s.Now.Add(-time.Hour), Asked: "comment/901#0"}
	}
	head := func(f *foresight) { f.Head = otherHead }
	many := func(f *foresight) {
		for range 8 {
			f.Conflicts, f.Needs = append(f.Conflicts, f.Conflicts[0]), append(f.Needs, f.Needs[0], need{PR: 20 + len(f.Needs)})
		}
	}
	for _, tt := range []struct {
		name  string
		facts []func(*Snapshot)
		do    string
		again bool
	}{
		{"waits, clean", []func(*Snapshot){open, foreseen(effect.PickClean, head)}, "say", false},
		{"waits, already there", []func(*Snapshot){open, foreseen(effect.PickContains, head)}, "say", false},
		{"waits, left out", []func(*Snapshot){open, foreseen(effect.PickNothing, head)}, "say", false},
		{"waits, conflict", []func(*Snapshot){open, foreseen(effect.PickConflict, head)}, "say", false},
		{"waits, many conflicts", []func(*Snapshot){open, foreseen(effect.PickConflict, many)}, "say", false},
		{"waits, without history", []func(*Snapshot){open, foreseen(effect.PickConflict, func(f *foresight) { f.Needs, f.Unsearched = nil, true })}, "say", false},
		{"waits, too large", []func(*Snapshot){open, foreseen(effect.PickTooLarge, func(f *foresight) { f.Unknown = unforeseen(f.Outcome) })}, "say", false},
		{"waits, failed", []func(*Snapshot){open, foreseen("", func(f *foresight) { f.Unknown, f.Failed = notForeseen(), errors.New("no network") })}, "say", true},
		{"dry, clean", []func(*Snapshot){open, nobody, dry, foreseen(effect.PickClean, head)}, "say", true},
		{"dry, already there", []func(*Snapshot){open, nobody, dry, foreseen(effect.PickContains, head)}, "say", true},
		{"dry, conflict", []func(*Snapshot){open, nobody, dry, foreseen(effect.PickConflict, head)}, "say", true},
		{"dry, merged", []func(*Snapshot){nobody, dry, foreseen(effect.PickConflict)}, "say", true},
		{"dry, merged unclearly", []func(*Snapshot){nobody, dry, foreseen("", func(f *foresight) { f.Unknown = unclearForesight("master", "It was pushed with merges in it.") })}, "say", true},
		{"dry, closed", []func(*Snapshot){shut, nobody, dry, foreseen("")}, "say", true},
		{"dry, no longer governed", []func(*Snapshot){open, nobody, dry, foreseen("", func(f *foresight) { f.Cannot = "the branch is not governed here" })}, "say", true},
		{"dry, no commits", []func(*Snapshot){open, nobody, dry, foreseen(effect.PickNoCommit, func(f *foresight) { f.Unknown = unforeseen(f.Outcome) })}, "say", true},
		{"dry, over", []func(*Snapshot){open, nobody, dry, func(s *Snapshot) { s.Now = s.Now.Add(dryFor) }}, "", false},
		{"dry, and asked for", []func(*Snapshot){open, dry, foreseen(effect.PickClean)}, "say take away", false},
		{"dry, and opened", []func(*Snapshot){dry, pulled(effect.PickClean)}, "extras say take away", false},
		{"dry, altered", []func(*Snapshot){open, nobody, dry, func(s *Snapshot) { s.Pick.Dry = nil }}, "take away", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := aPick(t, "", tt.facts...)
			plan := decidePick(s)
			var kinds []string
			for i, kind := range did(plan.Effects) {
				if part, ok := plan.Effects[i].(effect.Section); ok && part.Text == "" {
					kind = "take away"
				}
				kinds = append(kinds, kind)
			}
			if got := strings.Join(kinds, " "); got != tt.do {
				t.Fatalf("%s: %q, want %q", plan.Reason, got, tt.do)
			}
			if got := !plan.RequeueAt.IsZero(); got != tt.again {
				t.Errorf("looked at again %t", got)
			}
			if strings.HasPrefix(tt.do, "say") {
				golden.Check(t, "foretold "+tt.name+".md", find[effect.Section](t, plan.Effects).Text+"\n")
			}
		})
	}
}

// TestDryCalls decides on calls of dry runs.
func TestDryCalls(t *testing.T) {
	open := func(f *callFacts) { f.PR.State, f.PR.Merged = github.Open, false }
	for _, tt := range []struct {
		name   string
		facts  func(*callFacts)
		named  []namedBranch
		result command.Result
		does   int
	}{
		{"dry before the merge", open, []namedBranch{{Name: "release-1.30"}, {Name: "release-1.29", Pick: pickFacts{Labelled: true, Record: Record{State: Waiting}}}, {Name: "release-9", Why: noSuchBranch()}}, command.Done, 1},
		{"dry for what a stranger asks for", open, []namedBranch{{Name: "release-1.30", Pick: pickFacts{Labelled: true, Record: Record{State: Ignored}}}}, command.Done, 1},
		{"dry for what is asked for", open, []namedBranch{{Name: "release-1.30", Pick: pickFacts{Labelled: true, Record: Record{State: Waiting}}}}, command.NoOp, 0},
		{"dry for what is open", nil, []namedBranch{{Name: "release-1.30", Pick: pickFacts{Labelled: true, Pull: aPick(t, "", pulled(effect.PickClean)).Pick.Pull}}}, command.NoOp, 0},
		{"dry for what can't be", nil, []namedBranch{{Name: "release-9", Why: noSuchBranch()}}, command.Invalid, 0},
		{"dry on a closed one", func(f *callFacts) { f.PR.Merged = false }, []namedBranch{{Name: "release-1.30"}}, command.NoOp, 0},
		{"dry in an earlier try", nil, []namedBranch{{Name: "release-1.30", Pick: pickFacts{Dry: &DryRun{Asked: "comment/900#0"}}}}, command.Done, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := callFacts{Snapshot: aPick(t, ""), Named: tt.named, Call: command.Call{
				Name: pickName, Repo: repo, Number: 7, OnPR: true, Source: command.InComment, ID: 900, Author: github.User{ID: 1, Login: "alice"},
			}}
			if tt.facts != nil {
				tt.facts(&f)
			}
			out := decideDryRun(f)
			if out.Result != tt.result || len(out.Effects) != tt.does {
				t.Errorf("%s, %v", out.Result, out.Effects)
			}
			golden.Check(t, "call "+tt.name+".md", out.Reply+"\n")
		})
	}
}

func TestOptions(t *testing.T) {
	for word, want := range map[string]string{
		"release-1.30": "", "-n": "-n", "--dry-run": "--dry-run", "--DRY-run": "--dry-run", "\u2014dry-run": "--dry-run", "\u2013dry-run": "--dry-run", "---dry-run": "--dry-run", "--": "--", "-": "-",
	} {
		if got := optionOf(word); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
	c := command.Call{Args: []string{"`--dry-run`,", "release-1.30"}}
	if !has(c, dryRunOption) || has(c, neededOption) || strings.Join(branchWords(c), " ") != "release-1.30" || unknownOption(c, pickOptions) != nil {
		t.Errorf("%v", branchWords(c))
	}
	for typed, want := range map[string]string{
		"--dryrun": "Did you mean `--dry-run`?", "--dry_run": "Did you mean `--dry-run`?", "--with-need": "Did you mean `--with-needed`?", "--needed": "Did you mean `--with-needed`?",
		"--force": "There are `--dry-run`, `--with-needed`", "-x": "There are `--dry-run`, `--with-needed`", "--`@all`": "`--`",
	} {
		err := unknownOption(command.Call{Args: []string{typed}}, pickOptions)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", typed, err)
		}
	}
}
