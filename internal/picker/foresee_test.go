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
