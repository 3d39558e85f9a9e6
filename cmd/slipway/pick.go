package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/git"
)

// The statuses that `slipway pick` ends with, for scripts.
const (
	statusConflict = 1
	statusWrongUse = 2
)

func wrongUse(err error) error { return &statusError{status: statusWrongUse, err: err} }

func pickCommand() *cobra.Command {
	var ask pickAsk
	cmd := &cobra.Command{
		Use:   "pick --repo DIR --commit SHA [--commit SHA]... --onto REV",
		Short: "Try a cherry-pick in any local repository, writing nothing to it",
		Long: "Pick lays the change of one commit, or of several in order, onto another commit, by the same\n" +
			"three-way merge that Slipway uses on GitHub, and says what it comes to. Of a merge commit it picks\n" +
			"the difference from its first parent. The repository may be bare; nothing is written to it.\n\n" +
			"On a conflict it names the paths, the kind of each (content, modify/delete, rename, add/add, binary,\n" +
			"mode, file/directory, submodule), and the commits that touched the same lines and aren't on the\n" +
			"target. Status: 0 clean or empty (the target holds the change already, or all of it is left out), 1 conflict, 2 wrong use" +
			" or anything else that keeps it from an answer.",
		Example: `  slipway pick --repo . --commit 0b7e8395 --onto origin/release-1.30
  slipway pick --repo istio.git --commit 0b7e8395 --commit 4fd19ee8 --onto release-1.30 --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return wrongUse(fmt.Errorf("pick takes flags alone, not %q", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := ask.run(cmd.Context(), cmd.OutOrStdout())
			if err != nil && !errors.Is(err, errSaid) {
				return wrongUse(err) // never the status of a conflict
			}
			return err
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongUse(err) })
	cmd.Flags().StringVar(&ask.repo, "repo", "", "the repository's directory")
	cmd.Flags().StringArrayVar(&ask.commits, "commit", nil, "the commit to pick; again for more, in order")
	cmd.Flags().StringVar(&ask.onto, "onto", "", "the commit to pick it onto: a branch, a tag or an id")
	cmd.Flags().StringArrayVar(&ask.leaveOut, "leave-out", nil, "a pattern of paths at which the target keeps what it has, as cherrypick.leave_out in a policy; again for more")
	cmd.Flags().BoolVar(&ask.json, "json", false, "print JSON")
	return cmd
}

// pickAsk is what a person asked for.
type pickAsk struct {
	repo     string
	commits  []string
	onto     string
	leaveOut []string
	json     bool
}

// pickAnswer is what `slipway pick --json` prints. Lists are never null.
type pickAnswer struct {
	Source        string             `json:"source"`            // of several: the last one that was picked
	Sources       []string           `json:"sources,omitempty"` // only of several: all, in order
	Onto          string             `json:"onto"`
	Outcome       git.Outcome        `json:"outcome"`
	Tree          string             `json:"tree"` // on a conflict with markers, and nowhere stored
	Conflicts     []pickConflict     `json:"conflicts"`
	Prerequisites []pickPrerequisite `json:"prerequisites"`
	LeftOut       []string           `json:"left_out,omitempty"` // paths
	Note          string             `json:"note,omitempty"`     // what couldn't be found out
	ElapsedMS     int64              `json:"elapsed_ms"`         // without the search for prerequisites
}

type pickConflict struct {
	Path   string   `json:"path"`
	Kind   git.Kind `json:"kind"`
	Detail string   `json:"detail"` // git's own word: "rename/delete"
}

type pickPrerequisite struct {
	Commit  string   `json:"commit"`
	Subject string   `json:"subject"`
	Paths   []string `json:"paths"`
}

func (a pickAsk) check() error {
	switch {
	case a.repo == "":
		return errors.New("--repo is needed: the directory of a repository")
	case len(a.commits) == 0:
		return errors.New("--commit is needed: the commit to pick")
	case a.onto == "":
		return errors.New("--onto is needed: the commit to pick it onto")
	}
	for _, p := range a.leaveOut {
		if err := new(config.PathPattern).UnmarshalText([]byte(p)); err != nil {
			return fmt.Errorf("--leave-out: %w", err)
		}
	}
	return nil
}

func (a pickAsk) run(ctx context.Context, out io.Writer) (err error) {
	if err := a.check(); err != nil {
		return err
	}
	program, err := git.Find(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	repo, err := program.Open(ctx, a.repo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	answer, err := a.pick(ctx, repo, began)
	if err != nil {
		return err
	}
	if a.json {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		err = e.Encode(answer)
	} else {
		_, err = io.WriteString(out, pickText(answer))
	}
	if err == nil && answer.Outcome == git.Clash {
		err = &statusError{status: statusConflict, err: errSaid}
	}
	return err
}

func (a pickAsk) pick(ctx context.Context, repo *git.Repository, began time.Time) (pickAnswer, error) {
	answer := pickAnswer{Conflicts: []pickConflict{}, Prerequisites: []pickPrerequisite{}}
	onto, err := repo.Resolve(ctx, a.onto)
	if err != nil {
		return answer, fmt.Errorf("--onto: %w", err)
	}
	var sources []git.Source
	for _, rev := range a.commits {
		id, err := repo.Resolve(ctx, rev)
		if err != nil {
			return answer, fmt.Errorf("--commit: %w", err)
		}
		sources = append(sources, git.Source{Commit: id})
		answer.Sources = append(answer.Sources, id)
	}
	p, err := repo.PickWithout(ctx, onto, a.onto, a.leaveOut, sources...)
	var missing *git.MissingError
	if errors.As(err, &missing) {
		return answer, fmt.Errorf("%w; the clone is shallow or partial, fetch it", err)
	}
	if err != nil {
		return answer, err
	}
	answer.ElapsedMS = time.Since(began).Milliseconds()
	answer.Onto, answer.Outcome, answer.Tree, answer.LeftOut = p.Onto, p.Outcome, p.Tree, p.Left
	answer.Source = p.Steps[len(p.Steps)-1].Source.ID
	if len(answer.Sources) == 1 {
		answer.Sources = nil
	}
	for _, c := range p.Conflicts {
		answer.Conflicts = append(answer.Conflicts, pickConflict{Path: c.Path, Kind: c.Kind, Detail: c.Detail})
	}
	answer.explain(ctx, repo, p)
	return answer, ctx.Err()
}

// explain adds what a conflicted pick waits for. That this can't be found out
// is worth a note; the conflict stands.
func (a *pickAnswer) explain(ctx context.Context, repo *git.Repository, p git.Pick) {
	found, more, err := repo.Prerequisites(ctx, p, git.Search{})
	switch {
	case err != nil:
		a.Note = "what the pick waits for can't be found out: " + err.Error()
	case more:
		a.Note = "there may be more prerequisites than these"
	}
	for _, f := range found {
		a.Prerequisites = append(a.Prerequisites, pickPrerequisite{Commit: f.Commit, Subject: f.Subject, Paths: f.Paths})
	}
}

// pickText is an answer for people.
func pickText(a pickAnswer) string {
	var b strings.Builder
	sources := a.Sources
	if len(sources) == 0 {
		sources = []string{a.Source}
	}
	for i, s := range sources {
		fmt.Fprintf(&b, "%-9s %s\n", []string{"source:", ""}[min(i, 1)], s)
	}
	meaning := map[git.Outcome]string{
		git.Clean: "clean", git.Empty: "empty: the target holds the change already", git.Clash: "conflict, at " + a.Source,
		git.Nothing: "left out: there is nothing else to pick",
	}
	fmt.Fprintf(&b, "onto:     %s\noutcome:  %s\ntree:     %s\nelapsed:  %d ms\n", a.Onto, meaning[a.Outcome], a.Tree, a.ElapsedMS)
	if len(a.LeftOut) > 0 {
		b.WriteString("\nLeft out, so that the target keeps what it has:\n")
	}
	for _, path := range a.LeftOut {
		fmt.Fprintf(&b, "  %s\n", oneLine(path))
	}
	if len(a.Conflicts) > 0 {
		b.WriteString("\nConflicts:\n")
	}
	for _, c := range a.Conflicts {
		fmt.Fprintf(&b, "  %-14s %s\n", c.Kind, oneLine(c.Path))
	}
	if len(a.Prerequisites) > 0 {
		b.WriteString("\nNot on the target, and touching the same lines (newest first):\n")
	}
	for _, p := range a.Prerequisites {
		fmt.Fprintf(&b, "  %.12s  %s\n", p.Commit, oneLine(p.Subject))
		for _, path := range p.Paths {
			fmt.Fprintf(&b, "                %s\n", oneLine(path))
		}
	}
	if a.Note != "" {
		fmt.Fprintf(&b, "\nNote: %s.\n", a.Note)
	}
	return b.String()
}

// oneLine shows what others named so that it can't play with a terminal.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		return strconv.Quote(s)
	}
	return s
}
