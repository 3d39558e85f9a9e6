package picker

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// kept remembers whatever it is given, and for how long.
type kept struct {
	*memory
	mu   sync.Mutex
	ttls []time.Duration
}

// Put implements Memory.
func (k *kept) Put(_ context.Context, key string, value []byte, ttl time.Duration) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ttls, k.facts[key] = append(k.ttls, ttl), value
	return nil
}

// TestForesee: a change that isn't merged, as one, with nothing made and nothing asked twice.
func TestForesee(t *testing.T) {
	s := newServed(t)
	memory := &kept{memory: s.memory}
	s.picker.Memory = memory
	s.commit("old", "f", text)
	s.git("branch", "release-1.30")
	needed := s.commit("Prepare (#11)", "f", strings.Replace(text, "5", "five", 1))
	s.git("checkout", "-q", "-b", "topic")
	s.commit("one", "f", strings.Replace(text, "5", "5 and more", 1))
	head := s.commit("two", "f", strings.Replace(text, "5", "six", 1), "bytes\xff", "x")
	clean := s.commit("three", "f", strings.Replace(text, "5", "five", 1))
	s.git("checkout", "-q", "release-1.30")
	target := s.commit("own", "g", "g\n")
	s.push()
	s.git("push", "-q", s.bare, "topic:refs/pull/12/head", ":refs/heads/topic") // as a fork's head is there
	change := effect.Change{Repo: github.Repo{Owner: "o", Name: "r"}, RepoID: 4711, Target: "release-1.30", Commits: []string{head}, Base: needed}
	foresee := func(c effect.Change, onto string) effect.Picked {
		t.Helper()
		p, err := s.picker.Foresee(t.Context(), c, onto)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := foresee(change, target)
	if p.Outcome != effect.PickConflict || p.Onto != target || p.Commit != "" || len(p.Conflicts) != 1 || p.Conflicts[0].Path != "f" || len(p.Prerequisites) != 1 || p.Prerequisites[0].Commit != needed {
		t.Errorf("%+v", p)
	}
	asked := s.server.Requests.Load()
	if again := foresee(change, target); !reflect.DeepEqual(p, again) || s.server.Requests.Load() != asked {
		t.Errorf("the same question: %+v, %d requests", again, s.server.Requests.Load()-asked)
	}
	for key := range memory.facts { // an older version's
		memory.facts[key] = []byte("x")
	}
	if again := foresee(change, target); !reflect.DeepEqual(p, again) {
		t.Errorf("not remembered: %+v", again)
	}
	back := change
	back.Commits = []string{clean} // which but takes it back, and adds a file
	if p := foresee(back, target); p.Outcome != effect.PickClean || p.Commit != "" {
		t.Errorf("as one change: %+v", p)
	}
	back.Commits, back.Base = []string{needed}, ""
	s.git("checkout", "-q", "topic")
	more := s.commit("more", "f", strings.Replace(text, "5", "five", 1), "more", "x")
	s.git("push", "-q", s.bare, "topic:release-1.30", "-f")
	s.access.revoked = true
	if p := foresee(back, more); p.Outcome != effect.PickContains || s.access.forgotten != 1 {
		t.Errorf("there already: %+v", p)
	}
	before := len(memory.ttls)
	back.Commits = []string{strings.Repeat("12", 20)}
	if p := foresee(back, target); p.Outcome != effect.PickNoCommit || len(memory.ttls) != before {
		t.Errorf("what isn't there: %+v", p)
	}
	for _, ttl := range memory.ttls {
		if ttl != github.ForeseenMemo.Kept {
			t.Errorf("kept for %s", ttl)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.picker.Foresee(ctx, change, needed); err == nil {
		t.Error("called off, it answers")
	}
}

// TestForeseeTakingBack: with a commit's parent as the commit and itself as the base a change is taken
// back; several in their order, and what that comes to is told by its tree.
func TestForeseeTakingBack(t *testing.T) {
	s := newServed(t)
	s.picker.Memory = &kept{memory: s.memory}
	first := s.commit("first", "f", text)
	s.git("branch", "release-1.30")
	one := s.commit("one", "f", strings.Replace(text, "5", "five", 1))
	two := s.commit("two", "f", strings.Replace(text, "5", "six", 1))
	s.commit("later", "g", "g\n")
	tip := strings.TrimSpace(s.git("rev-parse", "HEAD"))
	s.push()
	s.git("checkout", "-q", "--detach")
	back := s.commit("back", "f", text)
	tree := strings.TrimSpace(s.git("rev-parse", back+"^{tree}"))
	change := effect.Change{Repo: github.Repo{Owner: "o", Name: "r"}, RepoID: 4711, Target: "release-1.30"}
	for name, tt := range map[string]struct {
		commits, bases []string
		want           effect.PickOutcome
		same           bool
	}{
		"both, the newest first": {[]string{one, first}, []string{two, one}, effect.PickClean, true},
		"both, the oldest first": {[]string{first, one}, []string{one, two}, effect.PickConflict, false},
		"one of them":            {[]string{one}, []string{two}, effect.PickClean, false},
	} {
		change.Commits, change.Bases = tt.commits, tt.bases
		for range 2 { // and as it is remembered
			p, err := s.picker.Foresee(t.Context(), change, tip)
			if err != nil || p.Outcome != tt.want || (p.Tree == tree) != tt.same {
				t.Errorf("%s: %+v, %v", name, p, err)
			}
		}
	}
}
