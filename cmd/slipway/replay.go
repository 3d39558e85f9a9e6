package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/release"
	"github.com/istio-ecosystem/slipway/internal/replay"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

func replayCommand() *cobra.Command {
	var ask replayAsk
	cmd := &cobra.Command{
		Use:     "replay --clone OWNER/NAME=DIR [--clone OWNER/NAME=DIR]... --policy FILE --source-branch BRANCH --branch BRANCH [--branch BRANCH]...",
		Aliases: []string{"backtest"}, // as its parts were called before
		Short:   "Play a project's past to Slipway, and tell what it would have said",
		Long: `Replay reads a clone, and plays what was merged on its release branches to Slipway
itself, which runs on a stand-in for GitHub: each change is proposed as a pull request,
whoever Slipway asks for approves it, and it is merged as it was, at the time when it
was. The report says what would have been caught, what would have been held back and
why, who would have been asked, and what it would have cost in requests.

Commits, files, messages, branches, tags and times are real. Approvals, labels and who
has which role are assumed, for no clone has them. Nothing leaves this machine, and
nothing is written to the clones.

The first clone is that of the repository with the tracking issues, if the policy has
them. With --state it writes down what it has come to, and goes on from there when it
is started again.

Its parts ask history alone, in seconds: "branch" where each commit of a branch comes
from, "triggers" what was wrong with each change of a trigger file.`,
		Example: `  slipway replay --clone istio/istio=istio.git --policy slipway.yml \
    --source-branch master --branch release-1.30 --html report.html`,
		Args: flagsAlone("replay"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongUse(err) })
	f := cmd.Flags()
	f.StringArrayVar(&ask.dirs, "clone", nil, "what GitHub calls a repository, and the directory of its clone, as istio/istio=istio.git; again for more of the owner's")
	f.StringVar(&ask.policy, "policy", "", "the policy file")
	f.StringVar(&ask.source, "source-branch", "", "the branch that changes are merged on first")
	f.StringArrayVar(&ask.branches, "branch", nil, "a release branch; again for more")
	f.StringVar(&ask.since, "since", "", "play what was merged from this day on, as 2026-01-31")
	f.StringVar(&ask.until, "until", "", "play what was merged before this day")
	f.StringVar(&ask.state, "state", "", "a directory in which to go on after an interruption; without it one that is removed")
	f.StringVar(&ask.html, "html", "", "write the report as a page to this file, too")
	cmd.AddCommand(replayBranchCommand(), replayTriggersCommand())
	return cmd
}

// replayAsk is what a person asked for.
type replayAsk struct {
	dirs           []string // of the clones
	policy, source string
	branches       []string
	since, until   string
	state, html    string
}

// replayMemory is what the garbage collector keeps a replay below, unless GOMEMLIMIT says otherwise; what is needed is a third of it.
const replayMemory = 700 << 20

// span is the part of time to play.
func (a replayAsk) span() (s replay.Span, err error) {
	for flag, at := range map[string]*time.Time{"--since": &s.Since, "--until": &s.Until} {
		text := map[string]string{"--since": a.since, "--until": a.until}[flag]
		if text == "" {
			continue
		}
		day, err := release.ParseDate(text)
		if err != nil {
			return s, fmt.Errorf("%s: %w", flag, err)
		}
		*at = day.Begins(time.UTC)
	}
	return s, nil
}

func (a replayAsk) run(ctx context.Context, out, progress io.Writer) (err error) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(replayMemory)
	}
	p, err := readReplayPolicy(a.policy)
	if err != nil {
		return wrongUse(fmt.Errorf("--policy: %w", err))
	}
	clones, err := a.clones(ctx, p)
	defer func() {
		for _, c := range clones {
			err = errors.Join(err, c.repo.Close())
		}
	}()
	if err != nil {
		return wrongUse(err)
	}
	dir, err := a.stateDir()
	if err != nil {
		return err
	}
	if a.state == "" {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	result, err := playReplay(ctx, clones, p, dir, progress)
	if err != nil {
		return err
	}
	report := replay.Figures(result)
	if a.html != "" {
		page, err := replay.Page(report)
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.html, page, 0o644); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, replay.Text(report))
	return err
}

func (a replayAsk) stateDir() (string, error) {
	if a.state == "" {
		return os.MkdirTemp("", "slipway-replay-")
	}
	return a.state, os.MkdirAll(a.state, 0o700)
}

// clones opens and reads what is to be replayed. Those that were opened have to be closed, also with an error.
func (a replayAsk) clones(ctx context.Context, p replayPolicy) (clones []*replayClone, err error) {
	if len(a.dirs) == 0 {
		return nil, errors.New("--clone is needed: a repository's name and its clone, as istio/istio=istio.git")
	}
	ask, err := a.what()
	if err != nil {
		return nil, err
	}
	program, err := git.Find(ctx)
	if err != nil {
		return nil, err
	}
	first := ""
	for _, text := range a.dirs {
		full, dir, _ := strings.Cut(text, "=")
		owner, name, found := strings.Cut(full, "/")
		first = cmp.Or(first, owner)
		if !found || owner != first || name == "" || strings.Contains(name, "/") || dir == "" {
			return clones, fmt.Errorf("--clone: %q is not a repository's name and its clone, as istio/istio=istio.git, of one owner", text)
		}
		ask.Repo, ask.Watch, ask.Some, ask.Scheme = full, "", len(clones) > 0, p.policy.Scheme()
		if name == string(p.build.Triggers.Repository) {
			ask.Watch = watched(p.build.Triggers)
		}
		if clones, err = readClone(ctx, program, clones, dir, ask); err != nil {
			return clones, err
		}
	}
	return clones, nil
}

// what is to be read of each clone.
func (a replayAsk) what() (ask replay.Scope, err error) {
	if ask.Source, err = branchFlag("--source-branch", a.source, "the branch that changes are merged on first"); err != nil {
		return ask, err
	}
	if ask.During, err = a.span(); err != nil {
		return ask, err
	}
	if len(a.branches) == 0 {
		return ask, errors.New("--branch is needed: a release branch")
	}
	for _, text := range a.branches {
		b, err := branchFlag("--branch", text, "a release branch")
		if err != nil {
			return ask, err
		}
		ask.Branches = append(ask.Branches, b)
	}
	return ask, nil
}

func readClone(ctx context.Context, program *git.Program, clones []*replayClone, dir string, ask replay.Scope) ([]*replayClone, error) {
	repo, err := program.Open(ctx, dir)
	if err != nil {
		return clones, err
	}
	c := &replayClone{repo: repo, objects: repo.Objects()}
	clones = append(clones, c)
	c.history, err = replay.Read(ctx, repo, ask)
	if err != nil {
		return clones, fmt.Errorf("%s: %w", dir, err)
	}
	return clones, nil
}

// playReplay plays the clones' past, from where the directory says that an earlier replay of it ended.
func playReplay(ctx context.Context, clones []*replayClone, p replayPolicy, dir string, progress io.Writer) (result replay.Result, err error) {
	var histories []replay.History
	for _, c := range clones {
		histories = append(histories, c.history)
	}
	var plans []replay.Event
	if owner, _, _ := strings.Cut(histories[0].Repo, "/"); histories[0].Repo == owner+"/"+string(p.plans.Home) {
		plans = replay.Plans(histories[0], p.policy.Zone().Location())
	}
	events := replay.Events(plans, histories...)
	if len(events) == 0 {
		return result, errors.New("nothing was merged on these branches in that time")
	}
	j, err := openJournal(filepath.Join(dir, "journal.jsonl"), p.identity())
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	first := max(0, slices.IndexFunc(events, func(e replay.Event) bool { return e.Kind != replay.Source }))
	clock := &replayClock{at: events[first].At.Add(-time.Hour)}
	gh, err := sandbox.New(sandbox.Options{Profile: sandbox.GitHubCom, Dir: filepath.Join(dir, "github"), Now: clock.now, Act: func() { clock.reach(clock.now().Add(time.Second)) },
		HookTimeout: time.Minute})
	if err != nil {
		return result, fmt.Errorf("start the stand-in for GitHub: %w", err)
	}
	defer func() { err = errors.Join(err, gh.Close(), os.RemoveAll(filepath.Join(dir, "github"))) }()
	if err := buildReplay(ctx, gh, clones, p); err != nil {
		return result, fmt.Errorf("build the project's organisation: %w", err)
	}
	r := &replayer{gh: gh, clock: clock, policy: p, clones: map[string]*replayClone{}, origins: map[string]*git.History{}, merged: map[string]time.Time{}, issues: map[string]int{},
		hours: map[time.Time]replay.Requests{}, journal: j}
	for _, c := range clones {
		r.clones[c.history.Repo] = c
	}
	if err := r.all(ctx, events, j.played(events), filepath.Join(dir, "slipway"), progress); err != nil {
		return result, err
	}
	var records []replay.Record
	for _, c := range clones {
		some, err := errorsOnRecord(ctx, c, p)
		if err != nil {
			return result, err
		}
		records = append(records, some...)
	}
	return replay.Result{Records: records, Histories: histories, Events: events, Outcomes: j.of(events), Hours: j.hours, Trackers: j.trackers, Trouble: r.warnings()}, nil
}
