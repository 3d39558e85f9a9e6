package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// verdictsText is the same in both commands.
const verdictsText = `The verdicts:

  exact       its sources, replayed onto its parent, come to its very tree
  equivalent  the same added and deleted lines, with other lines around them
  adapted     its sources are in it, and something differs
  unrelated   no source, or more beyond the sources than in common with them

A source is a commit among the first parents of the source branch since the two
branches parted, as that branch was when the commit was made. One that had been
reverted by then, and not merged again, doesn't count. Candidates come from "(cherry
picked from commit ...)", from "#N" and the like in the message, from the same
title, and from the same patch; a candidate counts only for lines that it shares
with the commit.`

func provenanceCommand() *cobra.Command {
	var ask provenanceAsk
	cmd := &cobra.Command{
		Use:   "provenance --repo DIR --commit SHA [--commit SHA]... --source-branch BRANCH",
		Short: "Say where a commit of a release branch comes from, in any local repository",
		Long: `Provenance says whether a commit of a release branch comes from something that
was merged on the source branch, and where it differs from that. It reads the
repository's history alone, and writes nothing to it.

` + verdictsText + `

Status: 0 with any verdict, 2 wrong use or anything else that keeps it from an
answer. With --json it prints one object for each commit.`,
		Example: `  slipway provenance --repo . --commit 0b7e8395 --source-branch master
  slipway provenance --repo istio.git --commit 0b7e8395 --source-branch master --json`,
		Args: flagsAlone("provenance"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := ask.run(cmd.Context(), cmd.OutOrStdout()); err != nil {
				return wrongUse(err)
			}
			return nil
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongUse(err) })
	cmd.Flags().StringVar(&ask.repo, "repo", "", "the repository's directory")
	cmd.Flags().StringArrayVar(&ask.commits, "commit", nil, "the commit to ask about; again for more")
	cmd.Flags().StringVar(&ask.source, "source-branch", "", "the branch that changes are merged on first")
	cmd.Flags().BoolVar(&ask.json, "json", false, "print JSON")
	return cmd
}

// flagsAlone refuses arguments.
func flagsAlone(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongUse(fmt.Errorf("%s takes flags alone, not %q", command, args[0]))
		}
		return nil
	}
}

// provenanceAsk is what a person asked for.
type provenanceAsk struct {
	repo    string
	commits []string
	source  string
	json    bool
}

// provenanceAnswer is what --json prints for a commit. Lists are never null.
type provenanceAnswer struct {
	Commit  string             `json:"commit"`
	Verdict provenance.Verdict `json:"verdict"`
	Sources []answerSource     `json:"sources"`
	Lines   int                `json:"lines_beyond_source"`
	Left    int                `json:"source_lines_left_out"`
	Beyond  []answerFile       `json:"beyond"`
	Passed  []answerPassed     `json:"not_counted"`
	Later   []answerPassed     `json:"reverted_later,omitempty"`
	Asks    string             `json:"asks,omitempty"`    // replay branch: what the gate would have asked for
	AsksOf  string             `json:"asks_of,omitempty"` // replay branch: the areas whose experts that is
	Subject string             `json:"subject"`

	finding provenance.Finding
}

type answerSource struct {
	Commit  string         `json:"commit"`
	FoundBy provenance.Way `json:"found_by"`
	Number  int            `json:"number,omitempty"`
	Subject string         `json:"subject"`
}

type answerPassed struct {
	Commit  string         `json:"commit"`
	FoundBy provenance.Way `json:"found_by"`
	Why     string         `json:"why"`
}

type answerFile struct {
	Path      string `json:"path"`
	Lines     int    `json:"lines"`
	Left      int    `json:"left_out"`
	Line      int    `json:"line,omitempty"`
	Generated bool   `json:"generated,omitempty"`
	text      string
}

func (a provenanceAsk) run(ctx context.Context, out io.Writer) (err error) {
	switch {
	case a.repo == "":
		return errors.New("--repo is needed: the directory of a repository")
	case len(a.commits) == 0:
		return errors.New("--commit is needed: the commit to ask about")
	}
	source, err := branchFlag("--source-branch", a.source, "the branch that changes are merged on first")
	if err != nil {
		return err
	}
	return withRepository(ctx, a.repo, func(repo *git.Repository) error {
		for i, rev := range a.commits {
			answer, err := a.answer(ctx, repo, source, rev)
			if err != nil {
				return err
			}
			text := provenanceText(answer, source)
			if i > 0 {
				text = "\n" + text
			}
			if err := printAnswer(out, a.json, answer, text); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a provenanceAsk) answer(ctx context.Context, repo *git.Repository, source release.Branch, rev string) (provenanceAnswer, error) {
	id, err := repo.Resolve(ctx, rev)
	if err != nil {
		return provenanceAnswer{}, fmt.Errorf("--commit: %w", err)
	}
	h, err := repo.LocalHistory(ctx, source, id)
	if err != nil {
		return provenanceAnswer{}, fmt.Errorf("--source-branch: %w", err)
	}
	if on, err := h.Has(ctx, id); err != nil || on {
		return provenanceAnswer{}, errors.Join(err, fmt.Errorf("--commit: %.12s is on %s itself: it came from nowhere else", id, source))
	}
	return prove(ctx, repo, h, id)
}

// withRepository opens somebody's repository. A clone that lacks what is needed
// is named as that.
func withRepository(ctx context.Context, dir string, fn func(*git.Repository) error) (err error) {
	program, err := git.Find(ctx)
	if err != nil {
		return err
	}
	repo, err := program.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	err = fn(repo)
	var missing *git.MissingError
	var history *git.HistoryError
	if errors.As(err, &missing) || errors.As(err, &history) {
		return fmt.Errorf("%w; the clone is shallow or partial, fetch the rest of it", err)
	}
	return err
}

func branchFlag(flag, name, what string) (release.Branch, error) {
	if name == "" {
		return "", fmt.Errorf("%s is needed: %s", flag, what)
	}
	b, err := release.ParseBranch(name)
	if err != nil {
		return "", fmt.Errorf("%s: %q is not a branch name: %w", flag, name, err)
	}
	return b, nil
}

// prove asks about one commit of a local repository.
func prove(ctx context.Context, repo *git.Repository, h *git.History, id string) (provenanceAnswer, error) {
	c, err := repo.Commit(ctx, id)
	if err != nil {
		return provenanceAnswer{}, err
	}
	q, asOf, err := h.Question(ctx, id)
	if err != nil {
		return provenanceAnswer{}, err
	}
	f, err := h.Prove(ctx, q, asOf)
	if err != nil {
		return provenanceAnswer{}, fmt.Errorf("%.12s: %w", id, err)
	}
	return answerOf(c, f), nil
}

func answerOf(c git.Commit, f provenance.Finding) provenanceAnswer {
	a := provenanceAnswer{Commit: c.ID, Verdict: f.Verdict, Sources: []answerSource{}, Lines: f.Lines, Left: f.Left, Beyond: []answerFile{},
		Passed: []answerPassed{}, Subject: c.Subject(), finding: f}
	for _, s := range f.Sources {
		a.Sources = append(a.Sources, answerSource{s.Commit, s.By, s.Number, s.Title})
	}
	for _, p := range f.Passed {
		a.Passed = append(a.Passed, answerPassed{p.Claim.Commit, p.Claim.By, p.Why})
	}
	for _, p := range f.Later {
		a.Later = append(a.Later, answerPassed{p.Claim.Commit, p.Claim.By, p.Why})
	}
	for _, d := range f.Beyond {
		a.Beyond = append(a.Beyond, answerFile{strings.ToValidUTF8(d.Path, "?"), d.Lines, d.Left, d.Line, d.Generated, d.Text})
	}
	return a
}

func printAnswer(out io.Writer, asJSON bool, a provenanceAnswer, text string) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		return e.Encode(a)
	}
	_, err := io.WriteString(out, text)
	return err
}

var meanings = map[provenance.Verdict]string{
	provenance.Exact:      "exact: its sources, replayed, come to its very tree",
	provenance.Equivalent: "equivalent: the same lines as its sources, at the same places",
	provenance.Adapted:    "adapted: its sources are in it, and something differs",
}

// provenanceText is an answer for people.
func provenanceText(a provenanceAnswer, source release.Branch) string {
	var b strings.Builder
	meaning := meanings[a.Verdict]
	switch {
	case a.Verdict == provenance.TooLarge:
		meaning = fmt.Sprintf("too large: it has %s, and no more are compared", a.finding.TooLarge)
	case a.Verdict != provenance.Unrelated:
	case len(a.Sources) == 0 && len(a.Passed) > 0:
		meaning = fmt.Sprintf("unrelated: no candidate on %s counts as its source", source)
	case len(a.Sources) == 0:
		meaning = fmt.Sprintf("unrelated: nothing of it was found on %s", source)
	default:
		meaning = "unrelated: it has more beyond its sources than in common with them"
	}
	fmt.Fprintf(&b, "commit:   %s\n          %s\nverdict:  %s\n", a.Commit, oneLine(a.Subject), meaning)
	for i, s := range a.Sources {
		fmt.Fprintf(&b, "%-9s %s, by %s\n          %s\n", []string{"source:", ""}[min(i, 1)], s.Commit, foundBy[s.FoundBy], sourceTitle(s))
	}
	for _, p := range a.Later {
		fmt.Fprintf(&b, "note:     %.12s %s\n", p.Commit, p.Why)
	}
	switch {
	case a.Verdict == provenance.Unrelated && len(a.Sources) == 0:
		fmt.Fprintf(&b, "beyond:   all of it, %s\n", countLines(a.Lines))
	case a.Verdict == provenance.Unrelated:
		fmt.Fprintf(&b, "beyond:   all of it counts, %s\n", countLines(a.Lines))
	case a.Verdict == provenance.Adapted:
		fmt.Fprintf(&b, "beyond:   %s beyond the sources; %s of the sources left out\n", countLines(a.Lines), countLines(a.Left))
	}
	for _, p := range a.Passed {
		fmt.Fprintf(&b, "passed:   %.12s, by %s: it %s\n", p.Commit, foundBy[p.FoundBy], p.Why)
	}
	if a.Verdict == provenance.Adapted {
		b.WriteString("\nThe difference of the two patches (++ and +- only here, -+ and -- only at the sources):\n")
	}
	for _, f := range a.Beyond {
		note := ""
		if f.Generated {
			note = ", generated"
		}
		fmt.Fprintf(&b, "\n  %s (%d beyond, %d left out%s)\n", oneLine(f.Path), f.Lines, f.Left, note)
		if a.Verdict != provenance.Adapted {
			continue
		}
		for line := range strings.Lines(f.text) {
			fmt.Fprintf(&b, "    %s\n", visible(strings.TrimSuffix(line, "\n")))
		}
	}
	return b.String()
}

func sourceTitle(s answerSource) string {
	if s.Number > 0 {
		return fmt.Sprintf("%s (#%d)", oneLine(s.Subject), s.Number)
	}
	return oneLine(s.Subject)
}

var foundBy = map[provenance.Way]string{
	provenance.ByMarker: "Slipway's own mark", provenance.ByTrailer: "its \"cherry picked from\" line", provenance.ByReference: "a reference",
	provenance.ByIssue: "a failed pick's issue", provenance.ByTitle: "the same title", provenance.ByPatch: "the same patch",
}

func countLines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

// visible shows a line of a file so that it can't play with a terminal; unlike
// oneLine it leaves quotes and tabs as they are.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r >= ' ' && r != 0x7f && oneLine(string(r)) == string(r) {
			return r
		}
		return '\ufffd'
	}, s)
}
