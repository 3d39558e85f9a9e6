package engine

import (
	"context"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestWhatTakesNoTurn: a text that only asks is answered under a key of its own, and
// nothing is looked up before; one that may change something is worked in its turn. Which
// answers are counted, and which kind of write they are.
func TestWhatTakesNoTurn(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		holds   bool
		next    string // the handler of the key that follows
		counted bool
		looked  int // look-ups before the turn is over
	}{
		"a question":                    {"/tell", false, reconcile.QuestionHandler, true, 0},
		"two questions":                 {"/tell\n/tell", true, reconcile.QuestionHandler, true, 0},
		"no command at all":             {"/shipp", true, reconcile.QuestionHandler, true, 0},
		"a question and what isn't his": {"/tell\n/ship main", false, reconcile.RefusalHandler, true, 2},
		"what isn't his":                {"/ship main", false, reconcile.RefusalHandler, true, 1},
		"a question and what is done":   {"/tell\n/ship main", true, "ship", false, 2},
		"what is done":                  {"/ship main", true, "ship", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			looked := h.asking(t)
			h.ask.Text, h.standing.Holds = c.text, c.holds
			f, err := h.Work(t.Context(), h.ask.Key(), reconcile.Attempt{N: 1})
			if err != nil || len(f.Enqueue) != 1 || f.Enqueue[0].Handler != c.next || *looked != c.looked {
				t.Errorf("%d look-ups, then %v; %v", *looked, f.Enqueue, err)
			}
			if _, counted := h.memory["told/5/1"]; counted != c.counted {
				t.Errorf("counted: %t", counted)
			}
			if c.next == "ship" {
				return
			}
			of := &classes{next: &h.recorder}
			h.Applier = of
			if _, err := h.Work(t.Context(), f.Enqueue[0], reconcile.Attempt{N: 1}); err != nil || len(of.seen) != 1 || of.seen[0] != reconcile.Refused {
				t.Errorf("written as %v, %v", of.seen, err)
			}
		})
	}
}

// asking adds a question to the house, and counts the look-ups of both commands.
func (h *house) asking(t *testing.T) *int {
	t.Helper()
	looked := new(int)
	ship := h.Registry.Commands()[0]
	branches := ship.Branches
	ship.Branches = func(ctx context.Context, c command.Call) ([]release.Branch, error) {
		*looked++
		return branches(ctx, c)
	}
	tell := command.Command{Name: "tell", Example: []string{"/tell"}, Allow: command.Anyone, Question: true,
		Run: func(context.Context, command.Call) (command.Outcome, error) {
			*looked++
			return command.Outcome{Result: command.Told, Reply: "So it is."}, nil
		}}
	var err error
	h.Registry, err = reconcile.NewRegistry(reconcile.Capability{
		Name: "ship", Commands: []command.Command{ship, tell},
		After: func(c command.Call) []reconcile.Key {
			return []reconcile.Key{{Handler: "ship", Repo: c.Repo, ID: "x"}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return looked
}

// classes notes which kind of write each effect is.
type classes struct {
	next reconcile.Applier
	seen []reconcile.WriteClass
}

func (c *classes) Apply(ctx context.Context, e effect.Effect) (reconcile.Receipt, error) {
	c.seen = append(c.seen, reconcile.WriteClassOf(ctx))
	return c.next.Apply(ctx, e)
}

// TestQuestionsAreCounted: beyond the ration nothing is looked up and nothing said, the
// last answer tells so, and the person's next texts come after all others'.
func TestQuestionsAreCounted(t *testing.T) {
	h := newHouse(t)
	looked := h.asking(t)
	h.ask.Text = "/tell"
	tenth := h.ask.Call.ID
	for i := range maxTold + 3 {
		h.ask.Call.ID = tenth + int64(i-maxTold+1)
		for range 2 { // a second try of the same counts once
			f, err := h.Work(t.Context(), h.ask.Key(), reconcile.Attempt{N: 1})
			if told := len(f.Enqueue) == 1; err != nil || told != (i < maxTold) || f.Spent == told {
				t.Fatalf("text %d: %+v, %v", i, f, err)
			}
		}
	}
	if *looked != 0 {
		t.Errorf("%d look-ups while it was their turn", *looked)
	}
	h.ask.Call.ID, h.put = tenth, "question comment/900"
	golden.Check(t, "told-for-the-last-time.md", h.reply(t))
	h.ask.Text, h.ask.Call.ID = "/ship main", 999
	if _, err := h.Work(t.Context(), h.ask.Key(), reconcile.Attempt{N: 1}); err != nil || len(h.ran) != 1 {
		t.Errorf("what they may do isn't done: %v, %v", h.ran, err)
	}
}
