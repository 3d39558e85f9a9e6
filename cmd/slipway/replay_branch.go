package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

func replayBranchCommand() *cobra.Command {
	var ask branchAsk
	cmd := &cobra.Command{
		Use:   "branch --repo DIR --source-branch BRANCH --branch BRANCH",
		Short: "Say of each commit of a release branch where it comes from",
		Long: `Branch says of each commit that a release branch has had since it left the
source branch whether it comes from something merged there, the oldest first, and
what the gate would have asked. Of a merge it looks at the difference from the
first parent. Reviews aren't in a repository, so it says whose approval would have
been asked for, by the policy given with --policy, or else by CODEOWNERS as the
source branch has it now.

` + verdictsText + `

A row is: commit, verdict, lines beyond the sources, the sources with how each
was found, and the subject. With --json it is one object a line, and no totals.
Status: 0 when every commit has a row, 2 wrong use or anything else that keeps it
from an answer.`,
		Example: `  slipway replay branch --repo . --source-branch master --branch release-1.30
  slipway replay branch --repo istio.git --source-branch master --branch release-1.30 --json`,
		Args: flagsAlone("replay branch"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := ask.run(cmd.Context(), cmd.OutOrStdout()); err != nil {
				return wrongUse(err)
			}
			return nil
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongUse(err) })
	cmd.Flags().StringVar(&ask.repo, "repo", "", "the repository's directory")
	cmd.Flags().StringVar(&ask.source, "source-branch", "", "the branch that changes are merged on first")
	cmd.Flags().StringVar(&ask.branch, "branch", "", "the release branch")
	cmd.Flags().StringVar(&ask.policy, "policy", "", "a policy file, whose section releasebranch says what is asked for")
	cmd.Flags().BoolVar(&ask.json, "json", false, "print JSON, one object a line")
	return cmd
}

// branchAsk is what a person asked for.
type branchAsk struct {
	repo, source, branch string
	policy               string
	json                 bool
}

func (a branchAsk) run(ctx context.Context, out io.Writer) error {
	if a.repo == "" {
		return errors.New("--repo is needed: the directory of a repository")
	}
	source, err := branchFlag("--source-branch", a.source, "the branch that changes are merged on first")
	if err != nil {
		return err
	}
	branch, err := branchFlag("--branch", a.branch, "the release branch")
	if err != nil {
		return err
	}
	if branch == source {
		return fmt.Errorf("--branch and --source-branch are both %q: a branch comes from another", branch)
	}
	return withRepository(ctx, a.repo, func(repo *git.Repository) error { return a.rows(ctx, repo, source, branch, out) })
}

func (a branchAsk) rows(ctx context.Context, repo *git.Repository, source, branch release.Branch, out io.Writer) error {
	tip, err := repo.ResolveBranch(ctx, branch)
	if err != nil {
		return fmt.Errorf("--branch: %w", err)
	}
	h, err := repo.LocalHistory(ctx, source, tip)
	if err != nil {
		return fmt.Errorf("--source-branch: %w", err)
	}
	commits, err := repo.Since(ctx, tip, h)
	if err != nil {
		return err
	}
	asks, err := a.gate(ctx, repo, source, branch)
	if err != nil {
		return err
	}
	sum := totals{asked: map[string]int{}, verdicts: map[provenance.Verdict]int{}, ways: map[provenance.Way]int{}}
	for _, id := range commits {
		answer, err := prove(ctx, repo, h, id)
		if err != nil {
			return err
		}
		asked := asks(answer.finding)
		answer.Asks, answer.AsksOf = asked.Kind, asked.Whose
		sum.add(answer)
		if err := printAnswer(out, a.json, answer, rowText(answer)); err != nil {
			return err
		}
	}
	if a.json {
		return nil
	}
	_, err = io.WriteString(out, sum.text(source, branch))
	return err
}

// rowText is a commit on one line.
func rowText(a provenanceAnswer) string {
	var found []string
	for _, s := range a.Sources {
		found = append(found, fmt.Sprintf("%.8s by %s", s.Commit, s.FoundBy))
	}
	if len(found) == 0 {
		found = []string{"-"}
	}
	return fmt.Sprintf("%.8s  %-10s %5d  %-21s  %s\n", a.Commit, a.Verdict, a.Lines, strings.Join(found, ", "), oneLine(a.Subject))
}

// totals are the sums below the rows.
type totals struct {
	commits, lines int
	verdicts       map[provenance.Verdict]int
	ways           map[provenance.Way]int
	asked          map[string]int
	order          []string // of what was asked, as first met
}

func (t *totals) add(a provenanceAnswer) {
	t.commits++
	t.verdicts[a.Verdict]++
	if a.Verdict == provenance.Adapted {
		t.lines += a.Lines
	}
	for _, s := range a.Sources {
		t.ways[s.FoundBy]++
	}
	if t.asked[a.Asks] == 0 {
		t.order = append(t.order, a.Asks)
	}
	t.asked[a.Asks]++
}

func (t *totals) text(source, branch release.Branch) string {
	if t.commits == 0 {
		return fmt.Sprintf("%s has no commit of its own since it left %s.\n", branch, source)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d commits of %s since it left %s:\n", t.commits, branch, source)
	for _, v := range []provenance.Verdict{provenance.Exact, provenance.Equivalent, provenance.Adapted, provenance.Unrelated, provenance.TooLarge} {
		note := ""
		if v == provenance.TooLarge && t.verdicts[v] == 0 {
			continue
		}
		if v == provenance.Adapted && t.lines > 0 {
			note = fmt.Sprintf(" (%s beyond the sources)", countLines(t.lines))
		}
		fmt.Fprintf(&b, "  %5d  %s%s\n", t.verdicts[v], v, note)
	}
	b.WriteString("\nSources were found by:\n")
	for _, w := range []provenance.Way{provenance.ByTrailer, provenance.ByReference, provenance.ByTitle, provenance.ByPatch} {
		fmt.Fprintf(&b, "  %5d  %s\n", t.ways[w], foundBy[w])
	}
	b.WriteString("\nThe gate would have asked for:\n")
	for _, ask := range t.order {
		fmt.Fprintf(&b, "  %5d  %s\n", t.asked[ask], ask)
	}
	return b.String()
}
