package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// Crash is a run of kill -9 under load.
type Crash struct {
	Rounds   int
	Replicas []*Replica // one, or several on one database; all get every delivery
	// Wipe deletes the database between the kill and the restart; nil keeps it.
	Wipe func() error
	Seed uint64 // of when to kill
	Say  func(format string, args ...any)
}

// opsPerRound is how many commands, and how many pull requests, one round has.
const opsPerRound = 4

// settleWithin bounds how long the healed program may take to have done
// everything; on PostgreSQL the rescue of a dead replica's work takes 10 s of it.
const settleWithin = 10 * time.Minute

// asked is a command as somebody commented it, and what must come of it.
type asked struct {
	comment int64
	on      int // the pull request it was written on
	by      string
	branch  string
	thaw    bool
}

// Run plays the rounds: in each, people open pull requests, freeze branches,
// thaw those of the round before, and a stranger tries; one process is killed
// in the midst of it and started again. Afterwards every delivery must have had
// its effect exactly once.
func (c Crash) Run(ctx context.Context, gh *sandbox.Server) error {
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	var urls []string
	for _, p := range c.Replicas {
		urls = append(urls, p.URL())
		if _, err := p.Start(ctx); err != nil {
			return err
		}
		defer p.Kill()
	}
	gh.SetHooks(urls, gh.App().WebhookSecret)
	everything := &history{gh: gh, frozen: map[string]bool{}, issues: map[string]int{}}
	for round := range c.Rounds {
		if err := c.round(ctx, gh, rng, everything, round); err != nil {
			return fmt.Errorf("round %d of %d: %w%s", round+1, c.Rounds, err, c.tails())
		}
		if c.Say != nil {
			c.Say("round %d of %d: %d commands, %d pull requests, every one answered once", round+1, c.Rounds, len(everything.asks), len(everything.prs))
		}
	}
	return nil
}

// tails is the end of every process's log: what they were at when something
// was found missing.
func (c Crash) tails() string {
	var b strings.Builder
	for i, p := range c.Replicas {
		fmt.Fprintf(&b, "\nthe log of process %d ends:\n%s", i+1, p.tail())
	}
	return b.String()
}

func (c Crash) round(ctx context.Context, gh *sandbox.Server, rng *rand.Rand, h *history, round int) error {
	victim := c.Replicas[rng.IntN(len(c.Replicas))]
	after := time.Duration(rng.IntN(250)) * time.Millisecond
	var wg sync.WaitGroup
	var acted error
	wg.Go(func() { acted = h.act(round) })
	stop := make(chan struct{})
	var flood sync.WaitGroup
	flood.Go(func() { c.flood(ctx, gh, stop) })
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := victim.Kill(); err != nil {
		return err
	}
	wg.Wait()
	close(stop)
	flood.Wait()
	if acted != nil {
		return acted
	}
	if c.Wipe != nil {
		if err := c.Wipe(); err != nil {
			return err
		}
	}
	if _, err := victim.Start(ctx); err != nil {
		return err
	}
	return eventually(ctx, gh, settleWithin, h.missing)
}

// flood sends every process signed deliveries about pull requests of earlier
// rounds, as fast as they are answered, so that the kill finds them busy. What a
// dying process doesn't answer isn't sent again: nothing hangs on it.
func (c Crash) flood(ctx context.Context, gh *sandbox.Server, stop <-chan struct{}) {
	var wg sync.WaitGroup
	for _, p := range c.Replicas {
		s := newSender(p.URL(), gh.App().WebhookSecret)
		wg.Go(func() {
			for i := 0; ; i++ {
				prs := gh.PRs(repo)
				select {
				case <-stop:
					return
				case <-ctx.Done():
					return
				default:
				}
				if len(prs) > 0 {
					_, _ = s.send(ctx, "pull_request", synchronize(gh, prs[i%len(prs)].Number))
				}
			}
		})
	}
	wg.Wait()
}

// history is what people did so far, and so what must be so on GitHub.
type history struct {
	gh     *sandbox.Server
	asks   []asked
	prs    map[int]string // number to branch
	frozen map[string]bool
	issues map[string]int // freeze issues there must be, by branch
}

// act is one round of people's doings. Each branch gets one command a round, so
// that the outcome doesn't hang on the order of what arrives.
func (h *history) act(round int) error {
	if h.prs == nil {
		h.prs = map[int]string{}
	}
	var first int
	for i := range opsPerRound {
		b := branch(round*opsPerRound + i)
		n, err := openPR(h.gh, b, fmt.Sprintf("r%d-%d", round, i))
		if err != nil {
			return err
		}
		h.prs[n] = b
		if first == 0 {
			first = n
		}
		if err := h.ask(manager, n, b, false); err != nil {
			return err
		}
	}
	if round == 0 {
		return nil
	}
	for i := range opsPerRound {
		if err := h.ask(manager, first, branch((round-1)*opsPerRound+i), true); err != nil {
			return err
		}
	}
	return h.ask(stranger, first, branch(round*opsPerRound), true)
}

func (h *history) ask(by string, on int, b string, thaw bool) error {
	verb := "freeze"
	if thaw {
		verb = "thaw"
	}
	id, err := h.gh.As(by).Comment(repo, on, fmt.Sprintf("/release %s %s", verb, b))
	if err != nil {
		return err
	}
	h.asks = append(h.asks, asked{comment: id, on: on, by: by, branch: b, thaw: thaw})
	if by == manager {
		h.frozen[b] = !thaw
		if !thaw {
			h.issues[b]++
		}
	}
	return nil
}

// missing returns the first thing that isn't yet as it must be, or "".
func (h *history) missing() string {
	bot := h.gh.App().Slug + "[bot]"
	for _, a := range h.asks {
		replies := 0
		for _, c := range h.gh.Comments(repo, a.on) {
			if c.Author == bot && strings.Contains(c.Body, fmt.Sprintf("<!-- slipway:reply comment/%d -->", a.comment)) {
				replies++
			}
		}
		if replies != 1 {
			return fmt.Sprintf("comment %d of %s has %d replies", a.comment, a.by, replies)
		}
	}
	if m := h.missingFreezes(bot); m != "" {
		return m
	}
	for n, b := range h.prs {
		want := "success"
		if h.frozen[b] {
			want = "failure"
		}
		runs := 0
		got := ""
		for _, r := range h.gh.CheckRuns(repo, h.gh.PR(repo, n).HeadSHA) {
			if r.Name == "slipway/freeze" {
				runs, got = runs+1, r.Conclusion
			}
		}
		if runs != 1 || got != want {
			return fmt.Sprintf("#%d against %s has %d check runs, the last %s, want one %s", n, b, runs, got, want)
		}
	}
	return ""
}

func (h *history) missingFreezes(bot string) string {
	have, open := map[string]int{}, map[string]int{}
	for _, i := range h.gh.Issues(repo) {
		if b, ok := strings.CutPrefix(i.Title, "Code freeze: "); ok && i.Author == bot {
			have[b]++
			if i.State == "open" {
				open[b]++
			}
		}
	}
	for b, want := range h.issues {
		wantOpen := 0
		if h.frozen[b] {
			wantOpen = 1
		}
		if have[b] != want || open[b] != wantOpen {
			return fmt.Sprintf("%s has %d freeze issues, %d of them open; want %d and %d", b, have[b], open[b], want, wantOpen)
		}
	}
	return ""
}

// WipeSQLite deletes a SQLite database with all that belongs to it.
func WipeSQLite(path string) error {
	var err error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if e := os.Remove(path + suffix); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
