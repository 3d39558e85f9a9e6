package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

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

// recorder is the Applier that changes nothing.
type recorder struct {
	mu      sync.Mutex
	effects []effect.Effect
}

func (r *recorder) Apply(_ context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.effects = append(r.effects, e)
	return reconcile.Receipt{Effect: e.String()}, nil
}

// Effects are those that would have been carried out, in order.
func (r *recorder) Effects() []effect.Effect {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.effects)
}

// house is an engine whose every neighbour is a field of the test.
type house struct {
	*Engine
	recorder recorder
	ask      reconcile.PendingCommand
	standing reconcile.RoleDecision
	roleErr  error
	run      func(command.Call) (command.Outcome, error)
	ran      []command.Call
	log      strings.Builder

	repos     []github.Repo
	comments  []github.Comment
	since     time.Time
	taken     []reconcile.Delivery
	lost      []github.Lost
	sweptFrom time.Time
	redeliver []int64
	refuse    map[int64]error // of redeliveries
	memory    map[string][]byte
	put       string         // the key under which the answer is to be written
	written   github.Written // as GitHub shows the ask's comment
	untold    error
}

const botID = 77

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{
		standing: reconcile.RoleDecision{Holds: true, Teams: []string{"managers"}},
		run: func(command.Call) (command.Outcome, error) {
			return command.Outcome{Result: command.Done, Reply: "It is done."}, nil
		},
		memory: map[string][]byte{},
	}
	h.ask = reconcile.PendingCommand{Text: "/ship it now", Call: command.Call{
		Repo: repo, RepoID: 5, Number: 7, Source: command.InComment, ID: 900, Author: github.User{ID: 1, Login: "alice"}, At: noon,
	}}
	branches := func(_ context.Context, c command.Call) ([]release.Branch, error) {
		switch {
		case len(c.Args) == 0:
			return nil, command.Misused("which branch? None is named")
		case c.Args[0] == "none":
			return nil, nil
		}
		return []release.Branch{release.Branch(c.Args[0])}, nil
	}
	registry, err := reconcile.NewRegistry(reconcile.Capability{
		Name: "ship",
		Plan: func(_ context.Context, k reconcile.Key) (reconcile.Plan, error) {
			if k.ID == "gone" {
				return reconcile.Plan{}, reconcile.ErrGone
			}
			return reconcile.Plan{Reason: "because", Effects: []effect.Effect{effect.Comment{Repo: repo, Number: 7}}, Enqueue: []reconcile.Key{k},
				Dependencies: []reconcile.Dependency{{Fact: "labels", Generation: 3}}, ReplaceDependencies: true}, nil
		},
		After: func(c command.Call) []reconcile.Key {
			return []reconcile.Key{{Handler: "ship", Repo: c.Repo, ID: c.Args[0]}}
		},
		BlockReason: func(_ context.Context, _ github.Repo, b release.Branch) (string, error) {
			if b == "frozen" {
				return "`frozen` is frozen until Monday", nil
			}
			return "", nil
		},
		All: func(_ context.Context, r github.Repo) ([]reconcile.Key, error) {
			return []reconcile.Key{{Handler: "ship", Repo: r, ID: "every"}}, nil
		},
		Commands: []command.Command{
			{Name: "ship", Args: "<branch>", Example: []string{"/ship main"}, Allow: command.ReleaseManager, Branches: branches,
				MergesInto: func(c command.Call) []release.Branch { return []release.Branch{"main", release.Branch(c.Args[0])} },
				Run: func(_ context.Context, c command.Call) (command.Outcome, error) {
					h.ran = append(h.ran, c)
					return h.run(c)
				}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Engine = &Engine{Registry: registry, Applier: &h.recorder, Asks: h, Roles: h, Queue: h, World: h, Hooks: h, Memory: h,
		Log: zerolog.New(&h.log), Now: func() time.Time { return noon }}
	return h
}

func (h *house) PendingCommand(context.Context, reconcile.Key) (reconcile.PendingCommand, bool, error) {
	return h.ask, h.ask.Text != "", nil
}

func (h *house) Manages(context.Context, github.Repo, release.Branch, github.User) (reconcile.RoleDecision, error) {
	return h.standing, h.roleErr
}

func (h *house) StoreDelivery(_ context.Context, in reconcile.Delivery) (bool, error) {
	h.taken = append(h.taken, in)
	return true, nil
}
func (h *house) Repos(context.Context) ([]github.Repo, error) { return h.repos, nil }
func (h *house) Written(context.Context, github.Repo, string) (github.Written, error) {
	return h.written, h.untold
}
func (h *house) RepoID(context.Context, github.Repo) (int64, error) { return 5, nil }
func (h *house) BotID(context.Context, github.Repo) (int64, error)  { return botID, nil }
func (h *house) Redeliver(_ context.Context, id int64) error {
	if err := h.refuse[id]; err != nil {
		return err
	}
	h.redeliver = append(h.redeliver, id)
	return nil
}
func (h *house) Get(_ context.Context, key string) ([]byte, bool, error) {
	v, ok := h.memory[key]
	return v, ok, nil
}
func (h *house) Undelivered(_ context.Context, since time.Time) ([]github.Lost, error) {
	h.sweptFrom = since
	return h.lost, nil
}

func (h *house) Put(_ context.Context, key string, v []byte, _ time.Duration) error {
	h.memory[key] = v
	return nil
}

func (h *house) CommentsSince(_ context.Context, _ github.Repo, since time.Time) ([]github.Comment, error) {
	h.since = since
	return h.comments, nil
}

// reply is the body of the one comment that the engine wrote.
func (h *house) reply(t *testing.T) string {
	t.Helper()
	if h.put != "" {
		if _, err := h.work(h.put, reconcile.Attempt{N: 1}); err != nil {
			t.Fatal(err)
		}
	}
	var bodies []string
	for _, e := range h.recorder.Effects() {
		if c, ok := e.(effect.Comment); ok {
			if c.Mark != (effect.Mark{Kind: "reply", ID: "comment/900"}) || c.Number != 7 || !c.Since.Equal(noon) {
				t.Errorf("the reply is %+v", c)
			}
			bodies = append(bodies, c.Body)
		}
	}
	if len(bodies) != 1 {
		t.Fatalf("%d replies", len(bodies))
	}
	return bodies[0]
}

func (h *house) work(id string, a reconcile.Attempt) (reconcile.Finish, error) {
	handler, id, _ := strings.Cut(id, " ")
	f, err := h.Work(context.Background(), reconcile.Key{Handler: handler, Repo: repo, ID: id}, a)
	f.Enqueue = slices.DeleteFunc(f.Enqueue, func(k reconcile.Key) bool {
		later := k.Handler == reconcile.RefusalHandler || k.Handler == reconcile.QuestionHandler
		if later {
			h.put = k.Handler + " " + k.ID
		}
		return later
	})
	return f, err
}

func TestWorkPlansAndApplies(t *testing.T) {
	h := newHouse(t)
	f, err := h.work("ship pr/1", reconcile.Attempt{N: 1})
	if err != nil || f.Reason != "because" || len(f.Receipts) != 1 || len(f.Enqueue) != 1 || len(f.Dependencies) != 1 || !f.ReplaceDependencies {
		t.Errorf("%+v, %v", f, err)
	}
	for _, want := range []string{`"handler":"ship"`, `"repo":"istio/istio"`, `"key":"pr/1"`, `"why":"because"`, `"effect_1":`} {
		if strings.Count(h.log.String(), want) != 1 {
			t.Errorf("the log doesn't say %s once: %s", want, h.log.String())
		}
	}
	if _, err := h.work("ship gone", reconcile.Attempt{N: 1}); !errors.Is(err, reconcile.ErrGone) {
		t.Error(err)
	}
	if _, err := h.work("nobody pr/1", reconcile.Attempt{N: 1}); !errors.Is(err, reconcile.ErrGone) {
		t.Error(err)
	}
}

// stumbling lets no issue be closed.
type stumbling struct{ *recorder }

func (f stumbling) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if _, is := e.(effect.IssueState); is {
		return reconcile.Receipt{}, errors.New("502")
	}
	return f.recorder.Apply(ctx, e)
}

// TestEachCheckStandsForItself: what fails is tried again, with all that may rest on it;
// but no check waits for it, nor does what was decided beside a gate that can't look.
func TestEachCheckStandsForItself(t *testing.T) {
	h := newHouse(t)
	plan := reconcile.Plan{Reason: "because", RequeueAt: noon.Add(time.Hour), Effects: []effect.Effect{
		effect.IssueState{Repo: repo, Number: 9}, effect.Comment{Repo: repo, Number: 7}, effect.CheckRun{Repo: repo, Number: 7},
	}}
	lost := errors.New("lost")
	h.Registry, _ = reconcile.NewRegistry(reconcile.Capability{Name: "ship", Plan: func(context.Context, reconcile.Key) (reconcile.Plan, error) { return plan, lost }})
	h.Applier = stumbling{&h.recorder}
	f, err := h.work("ship pr/1", reconcile.Attempt{N: 1})
	if len(f.Receipts) != 1 || len(h.recorder.Effects()) != 1 || !f.RequeueAt.Equal(plan.RequeueAt) || !errors.Is(err, lost) || !strings.Contains(err.Error(), "502") {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestRefusedEffectStopsNothing: what GitHub refuses until people have changed a
// setting holds up neither the effects after it nor the keys that follow.
func TestRefusedEffectStopsNothing(t *testing.T) {
	h := newHouse(t)
	plan := reconcile.Plan{Reason: "because", Enqueue: []reconcile.Key{{Handler: "ship", Repo: repo, ID: "x"}}, Effects: []effect.Effect{
		effect.IssueState{Repo: repo, Number: 9}, effect.Comment{Repo: repo, Number: 7},
	}}
	h.Registry, _ = reconcile.NewRegistry(reconcile.Capability{Name: "ship", Plan: func(context.Context, reconcile.Key) (reconcile.Plan, error) { return plan, nil }})
	h.Applier = forbidding{&h.recorder}
	f, err := h.work("ship pr/1", reconcile.Attempt{N: 1})
	if err != nil || len(f.Receipts) != 1 || len(f.Enqueue) != 1 || !f.RequeueAt.Equal(noon.Add(mendingPause)) || !strings.Contains(f.Reason, "GitHub doesn't let Slipway do this") {
		t.Errorf("%+v, %v", f, err)
	}
	plan.RequeueAt = noon.Add(time.Minute)
	if f, err = h.work("ship pr/1", reconcile.Attempt{N: 1}); err != nil || !f.RequeueAt.Equal(plan.RequeueAt) {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestReplies(t *testing.T) {
	broken := errors.New("GitHub answers 502")
	for name, tc := range map[string]struct {
		change func(*house)
		ran    int
		then   int
	}{
		"done": {func(*house) {}, 1, 1},
		"done with link": {func(h *house) {
			h.run = func(command.Call) (command.Outcome, error) {
				return command.Outcome{Result: command.Done, Reply: "It is done.", Effects: []effect.Effect{effect.Issue{Repo: repo, Title: "A | [title]"}}}, nil
			}
			h.Applier = linking{&h.recorder}
		}, 1, 1},
		"nothing to do": {func(h *house) {
			h.run = func(command.Call) (command.Outcome, error) {
				return command.Outcome{Result: command.NoOp, Reply: "It is so already."}, nil
			}
		}, 1, 0},
		"not a manager": {func(h *house) { h.standing = reconcile.RoleDecision{Teams: []string{"managers", "owners"}} }, 0, 0},
		"no team":       {func(h *house) { h.standing = reconcile.RoleDecision{} }, 0, 0},
		"missing team": {func(h *house) {
			h.standing = reconcile.RoleDecision{Teams: []string{"managers"}, Missing: []string{"managers"}}
		}, 0, 0},
		"unclear standing": {func(h *house) { h.standing = reconcile.RoleDecision{Unclear: "The policy has faults"} }, 0, 0},
		"no branch":        {func(h *house) { h.ask.Text = "/ship" }, 0, 0},
		"about no branch":  {func(h *house) { h.ask.Text = "/ship none" }, 0, 0},
		"misused in run": {func(h *house) {
			h.run = func(command.Call) (command.Outcome, error) {
				return command.Outcome{}, fmt.Errorf("observe: %w", command.Misused("%s is in the past", effect.Code("until yesterday")))
			}
		}, 1, 0},
		"held back": {func(h *house) { h.ask.Text = "/ship frozen" }, 1, 1},
		"told": {func(h *house) {
			h.run = func(command.Call) (command.Outcome, error) {
				return command.Outcome{Result: command.Told, Reply: "There are two of them."}, nil
			}
		}, 1, 0},
		"near miss": {func(h *house) { h.ask.Text = "/shipp main" }, 0, 0},
		"too late":  {func(h *house) { h.Now = func() time.Time { return noon.Add(askWindow + time.Second) } }, 0, 0},
		"unsigned":  {func(h *house) { h.ask.Unsigned, h.written = true, github.Written{Body: h.ask.Text} }, 1, 1},
		"edited": {func(h *house) {
			h.ask.Unsigned, h.written = true, github.Written{Body: h.ask.Text, Edited: true}
		}, 0, 0},
		"another text": {func(h *house) { h.ask.Unsigned, h.written = true, github.Written{Body: "Hello"} }, 0, 0},
		"untold edits": {func(h *house) {
			h.ask.Unsigned, h.untold = true, &reconcile.RefusedError{Reason: "GitHub doesn't tell the comment's edits", Said: "Something `went` wrong"}
		}, 0, 0},
		"just in time": {func(h *house) { h.Now = func() time.Time { return noon.Add(askWindow) } }, 1, 1},
		"refused by GitHub": {func(h *house) {
			h.run = func(command.Call) (command.Outcome, error) {
				return command.Outcome{Result: command.Done, Reply: "It is done.", Effects: []effect.Effect{effect.IssueState{Repo: repo, Number: 9}}}, nil
			}
			h.Applier = forbidding{&h.recorder}
		}, 1, 1},
		"too many":     {func(h *house) { h.ask.Text = strings.Repeat("/ship main\n", 12) }, 10, 10},
		"hostile line": {func(h *house) { h.ask.Text = "/ship main `` @istio/everyone <b> | " + strings.Repeat("x", 300) }, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			tc.change(h)
			f, err := h.work("command comment/900", reconcile.Attempt{N: 1})
			if err != nil {
				t.Fatal(err)
			}
			if len(h.ran) != tc.ran || len(f.Enqueue) != tc.then {
				t.Errorf("ran %d, then %v", len(h.ran), f.Enqueue)
			}
			golden.Check(t, name+".md", h.reply(t))
		})
	}
	t.Run("failed", func(t *testing.T) {
		h := newHouse(t)
		h.run = func(command.Call) (command.Outcome, error) { return command.Outcome{}, broken }
		if _, err := h.work("command comment/900", reconcile.Attempt{N: 1}); !errors.Is(err, broken) || len(h.recorder.Effects()) != 0 {
			t.Errorf("%v, wrote %v", err, h.recorder.Effects())
		}
		// The last try answers, without showing people the inside, and still fails.
		if _, err := h.work("command comment/900", reconcile.Attempt{N: 12, Last: true}); !errors.Is(err, broken) {
			t.Error(err)
		}
		golden.Check(t, "gave-up.md", h.reply(t))
	})
	t.Run("ends the process", func(t *testing.T) {
		for _, handler := range []string{"command", "question"} {
			h := newHouse(t)
			if f, err := h.work(handler+" comment/900", reconcile.Attempt{N: 1, Deaths: 3}); err != nil || len(h.ran) != 0 {
				t.Errorf("%+v, %v, ran %d", f, err, len(h.ran))
			}
			golden.Check(t, "deadly.md", h.reply(t))
		}
	})
	t.Run("role look-up failed", func(t *testing.T) {
		h := newHouse(t)
		h.roleErr = broken
		if _, err := h.work("command comment/900", reconcile.Attempt{N: 1}); !errors.Is(err, broken) || len(h.ran) != 0 {
			t.Errorf("%v, ran %d", err, len(h.ran))
		}
	})
	t.Run("limit on the last try", func(t *testing.T) {
		h := newHouse(t)
		h.roleErr = &reconcile.RetryAfterError{At: noon, Err: broken}
		var later *reconcile.RetryAfterError
		if _, err := h.work("command comment/900", reconcile.Attempt{N: 12, Last: true}); !errors.As(err, &later) || len(h.recorder.Effects()) != 0 {
			t.Errorf("%v, wrote %v", err, h.recorder.Effects())
		}
	})
	t.Run("answered before", func(t *testing.T) {
		h := newHouse(t)
		h.ask.Text = ""
		if _, err := h.work("command comment/900", reconcile.Attempt{N: 1}); err != nil || len(h.recorder.Effects()) != 0 {
			t.Errorf("%v, wrote %v", err, h.recorder.Effects())
		}
	})
}

// forbidding is an Applier whose every effect but comments GitHub refuses.
type forbidding struct{ next reconcile.Applier }

func (f forbidding) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if _, ok := e.(effect.Comment); ok {
		return f.next.Apply(ctx, e)
	}
	return reconcile.Receipt{}, fmt.Errorf("apply %s: %w", e.Key(), &reconcile.RefusedError{Reason: "GitHub doesn't let Slipway do this", Err: errors.New("403")})
}

// TestRefusalsAreCounted: a person who keeps asking for what they may not have is
// told so a few times, in a lane of its own, and holds nobody up.
func TestRefusalsAreCounted(t *testing.T) {
	h := newHouse(t)
	h.standing = reconcile.RoleDecision{Teams: []string{"managers"}}
	told := 0
	for i := range maxTold + 3 {
		h.ask.Call.ID = int64(i)
		k := reconcile.Key{Handler: reconcile.CommandHandler, Repo: repo, ID: h.ask.Call.Ref()}
		for range 2 { // a second try counts once
			f, err := h.Work(context.Background(), k, reconcile.Attempt{N: 1})
			if err != nil || len(h.recorder.Effects()) != 0 {
				t.Fatalf("%v, wrote %v", err, h.recorder.Effects())
			}
			if len(f.Enqueue) == 1 {
				told++
			}
		}
	}
	if told != 2*maxTold {
		t.Errorf("told %d times, want each of %d texts twice", told, maxTold)
	}
}

// TestAnswerThatCannotBeWritten: the thread was locked after the command was
// carried out; what it changed must reach the pull requests all the same.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	h := newHouse(t)
	h.Applier = silenced{&h.recorder}
	f, err := h.work("command comment/900", reconcile.Attempt{N: 1})
	if err != nil || len(f.Enqueue) != 1 || !strings.Contains(f.Reason, "the answer could not be written") {
		t.Errorf("%+v, %v", f, err)
	}
}

// silenced is an Applier on threads that take no comment.
type silenced struct{ next reconcile.Applier }

func (s silenced) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	if _, ok := e.(effect.Comment); ok {
		return reconcile.Receipt{}, fmt.Errorf("locked: %w", reconcile.ErrGone)
	}
	return s.next.Apply(ctx, e)
}

// linking is an Applier whose receipts have a link.
type linking struct{ next reconcile.Applier }

func (l linking) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	r, err := l.next.Apply(ctx, e)
	if i, ok := e.(effect.Issue); ok {
		r.Name, r.URL = i.Title, "https://github.com/istio/istio/issues/9"
	}
	return r, err
}

func TestResync(t *testing.T) {
	h := newHouse(t)
	h.repos = []github.Repo{repo, {Owner: "istio", Name: "api"}, {Owner: "other", Name: "x"}}
	all, err := h.Work(context.Background(), reconcile.ResyncAllKey(), reconcile.Attempt{N: 1})
	if err != nil || len(all.Enqueue) != 3 {
		t.Errorf("%v, %v", all.Enqueue, err)
	}
	some, err := h.Work(context.Background(), reconcile.ResyncKey(github.Repo{Owner: "Istio", Name: reconcile.Any}), reconcile.Attempt{N: 1})
	if err != nil || len(some.Enqueue) != 2 {
		t.Errorf("%v, %v", some.Enqueue, err)
	}
	one, err := h.Work(context.Background(), reconcile.ResyncKey(repo), reconcile.Attempt{N: 1})
	want := []reconcile.Key{{Handler: "ship", Repo: repo, ID: "every"}}
	if diff := cmp.Diff(want, one.Enqueue); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if len(h.taken) != 0 {
		t.Errorf("took %v", h.taken)
	}
}

func TestUnansweredCommands(t *testing.T) {
	h := newHouse(t)
	person := github.User{ID: 1, Login: "alice"}
	say := func(id int64, age time.Duration, body string) github.Comment {
		at := noon.Add(-age)
		return github.Comment{ID: id, Number: 7, Body: body, Author: person, URL: fmt.Sprintf("https://github.com/istio/istio/pull/7#issuecomment-%d", id), CreatedAt: at, UpdatedAt: at}
	}
	edited := say(4, time.Minute, "/ship main")
	edited.UpdatedAt = noon
	robot := say(5, time.Minute, "/ship main")
	robot.Author = github.User{ID: 9, Login: "robot", Bot: true}
	forged := say(8, 0, "<!-- slipway:reply comment/6 -->")
	answer := say(7, 0, "<!-- slipway:reply comment/2 -->\nDone")
	answer.Author = github.User{ID: botID, Login: "slipway[bot]", Bot: true}
	quoting := answer // ours, but it only shows somebody's forged mark
	quoting.ID, quoting.Body = 9, "<!-- slipway:reply comment/1 -->\n> <!-- slipway:reply comment/6 -->"
	h.comments = []github.Comment{
		quoting, say(1, time.Minute, "hello"), say(2, time.Minute, "/ship main"), say(3, 2*time.Hour, "/ship main"),
		edited, robot, say(6, time.Minute, "/ship main"), answer, forged,
	}
	if _, err := h.Work(context.Background(), reconcile.ResyncKey(repo), reconcile.Attempt{N: 1}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range h.taken {
		for _, a := range in.Commands {
			got = append(got, fmt.Sprintf("%s pr=%t %s %d", a.Key(), a.Call.OnPR, a.Call.Author.Login, a.Call.RepoID))
		}
	}
	want := []string{
		"command istio/istio comment/3 pr=true alice 5",
		"command istio/istio comment/6 pr=true alice 5", // only our own mark counts as an answer
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !h.since.Equal(h.since.Truncate(24 * time.Hour)) {
		t.Errorf("asks from %s, which changes the list's address every time", h.since)
	}
}

func TestSweep(t *testing.T) {
	h := newHouse(t)
	h.lost = []github.Lost{{GUID: "a", Attempt: 3}, {GUID: "b", Attempt: 9}}
	if _, err := h.Work(context.Background(), reconcile.SweepKey(), reconcile.Attempt{N: 1}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{3, 9}, h.redeliver); diff != "" {
		t.Error(diff)
	}
	if want := noon.Add(-sweepReach); !h.sweptFrom.Equal(want) {
		t.Errorf("first swept from %s, want %s", h.sweptFrom, want)
	}
	h.lost = nil
	if _, err := h.Work(context.Background(), reconcile.SweepKey(), reconcile.Attempt{N: 1}); err != nil {
		t.Fatal(err)
	}
	if want := noon.Add(-sweepOverlap); !h.sweptFrom.Equal(want) {
		t.Errorf("then swept from %s, want %s", h.sweptFrom, want)
	}
}
