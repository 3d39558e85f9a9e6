package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// ProvenanceOptions is what RunProvenance measures with.
type ProvenanceOptions struct {
	Mirror   string // a bare clone of a large repository; nothing is written to it
	Sample   string // a table: branch, release_commit, source_commit, class, replay
	Source   release.Branch
	HTTP     int  // how many picks to ask about over HTTP
	Misses   bool // name every row that isn't as the goals want it
	Out      io.Writer
	Progress io.Writer
}

// The goals, as they stand in the issue.
const (
	goalBotPicks    = 0.99
	goalManualPicks = 0.95
	goalVerdict     = 40 * time.Millisecond
	goalBranch      = 30 * time.Second // for 250 commits
	branchCommits   = 250
)

// proven is one row of the sample, and what was found.
type proven struct {
	branch, commit, source, class string
	onto                          string // what it was merged onto
	finding                       provenance.Finding
	took                          time.Duration
	onSource                      bool // its very patch is one of its sources', as git patch-id says
}

// rightSource says whether the source that the sample names was found.
func (p proven) rightSource() bool {
	return slices.ContainsFunc(p.finding.Sources, func(c provenance.Claim) bool { return c.Commit == p.source })
}

// same says whether nothing is beyond the sources.
func (p proven) same() bool {
	return p.finding.Verdict == provenance.Exact || p.finding.Verdict == provenance.Equivalent
}

// tally counts the rows of a class.
type tally struct {
	rows     int
	verdicts map[provenance.Verdict]int
	right    int // the right source found
	good     int // exact or equivalent, with the right source
	same     int // exact or equivalent
	copied   int // of an unsourced class: exact or equivalent, and git finds its patch at no source
	misses   []proven
}

// unsourced are the classes that come from no commit of the source branch.
func unsourced(class string) bool { return class == "automation" || class == "dependabot" }

// count adds rows up by class. A miss is a row that a goal is about and that
// isn't as the goal wants it.
func count(rows []proven) map[string]*tally {
	all := map[string]*tally{}
	for _, row := range rows {
		t := all[row.class]
		if t == nil {
			t = &tally{verdicts: map[provenance.Verdict]int{}}
			all[row.class] = t
		}
		t.rows++
		t.verdicts[row.finding.Verdict]++
		right, same := row.rightSource(), row.same()
		if right {
			t.right++
		}
		if same {
			t.same++
		}
		if right && same {
			t.good++
		}
		if same && unsourced(row.class) && !row.onSource {
			t.copied++
		}
		miss := row.class == "bot-pick" && !(right && same) || row.class == "manual-pick" && !right || unsourced(row.class) && same && !row.onSource
		if miss {
			t.misses = append(t.misses, row)
		}
	}
	return all
}

// RunProvenance asks of every commit of the sample where it comes from, from
// history alone, and prints a Markdown table.
func RunProvenance(ctx context.Context, o ProvenanceOptions) (err error) {
	program, err := git.Find(ctx)
	if err != nil {
		return err
	}
	repo, err := program.Open(ctx, o.Mirror)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	asked, err := readProvenance(o.Sample)
	if err != nil {
		return err
	}
	fmt.Fprintln(o.Progress, "measuring: provenance")
	var rows []proven
	slowest := time.Duration(0) // of a branch, for so many commits as the goal names
	for _, branch := range branches(asked) {
		own := slices.DeleteFunc(slices.Clone(asked), func(p proven) bool { return p.branch != branch })
		began := time.Now()
		done, err := prove(ctx, repo, o.Source, branch, own)
		if err != nil {
			return fmt.Errorf("%s: %w", branch, err)
		}
		rows = append(rows, done...)
		slowest = max(slowest, time.Since(began)*branchCommits/time.Duration(len(own)))
	}
	for i, row := range rows {
		if rows[i].onSource, err = patchOnSource(ctx, o.Mirror, row); err != nil {
			return err
		}
	}
	report(o, rows, slowest)
	picks := slices.DeleteFunc(slices.Clone(rows), func(p proven) bool { return !p.rightSource() })
	return reportHTTP(ctx, o, program, repo, picks)
}

// patchOnSource asks git itself whether a row of the unsourced classes that was
// taken for a copy has the patch of one of its sources.
func patchOnSource(ctx context.Context, mirror string, row proven) (bool, error) {
	if !row.same() || !unsourced(row.class) {
		return false, nil
	}
	own, err := patchID(ctx, mirror, row.commit)
	if err != nil || own == "" {
		return false, err
	}
	for _, s := range row.finding.Sources {
		id, err := patchID(ctx, mirror, s.Commit)
		if err != nil || id == own {
			return err == nil, err
		}
	}
	return false, nil
}

func patchID(ctx context.Context, mirror, commit string) (string, error) {
	out, err := gitIn(ctx, mirror, "diff-tree", "-p", commit+"^", commit)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "git", "patch-id", "--stable")
	cmd.Dir, cmd.Env, cmd.Stdin = mirror, append(os.Environ(), plain...), strings.NewReader(out+"\n")
	id, err := cmd.Output()
	return string(id), err
}

// reportHTTP measures some picks over HTTP.
func reportHTTP(ctx context.Context, o ProvenanceOptions, program *git.Program, repo *git.Repository, picks []proven) error {
	var some []proven
	for i := range min(o.HTTP, len(picks)) {
		some = append(some, picks[i*len(picks)/min(o.HTTP, len(picks))])
	}
	if len(some) == 0 {
		return nil
	}
	fmt.Fprintln(o.Progress, "measuring: provenance over HTTP")
	cold, warm, most, err := overHTTP(ctx, o, program, repo, some)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "| over HTTP from nothing (fetch, history of the source branch, verdict), %d picks, median |  | %s (slowest %s; received at most %.1f MB) |\n",
		len(cold), millis(cold.At(0.5)), millis(cold.At(1)), float64(most)/1e6)
	fmt.Fprintf(o.Out, "| the same with a cache that other questions have filled, median |  | %s (slowest %s) |\n", millis(warm.At(0.5)), millis(warm.At(1)))
	return nil
}

// readProvenance reads all rows of the sample.
func readProvenance(name string) ([]proven, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows []proven
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if len(c) < 4 || len(c[1]) < 40 {
			continue
		}
		rows = append(rows, proven{branch: c[0], commit: c[1], source: c[2], class: c[3]})
	}
	if len(rows) == 0 && lines.Err() == nil {
		return nil, fmt.Errorf("%s has no rows", name)
	}
	return rows, lines.Err()
}

func branches(rows []proven) []string {
	var all []string
	for _, r := range rows {
		if !slices.Contains(all, r.branch) {
			all = append(all, r.branch)
		}
	}
	return all
}

// prove answers for the rows of one branch.
func prove(ctx context.Context, repo *git.Repository, source release.Branch, branch string, rows []proven) ([]proven, error) {
	tip, err := repo.ResolveBranch(ctx, release.Branch(branch))
	if err != nil {
		return nil, err
	}
	h, err := repo.LocalHistory(ctx, source, tip)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		began := time.Now()
		q, asOf, err := h.Question(ctx, rows[i].commit)
		rows[i].onto = q.MergeBase
		if err == nil {
			rows[i].finding, err = h.Prove(ctx, q, asOf)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rows[i].commit, err)
		}
		rows[i].took = time.Since(began)
	}
	return rows, nil
}

func report(o ProvenanceOptions, rows []proven, branch time.Duration) {
	var took Latencies
	for _, r := range rows {
		took = append(took, r.took)
	}
	tallies := count(rows)
	fmt.Fprintf(o.Out, "| class | rows | exact | equivalent | adapted | unrelated | the right source |\n|---|---|---|---|---|---|---|\n")
	for _, class := range slices.Sorted(maps.Keys(tallies)) {
		t := tallies[class]
		right := ""
		if !unsourced(class) && class != "other" {
			right = share(t.right, t.rows)
		}
		fmt.Fprintf(o.Out, "| %s | %d | %d | %d | %d | %d | %s |\n", class, t.rows, t.verdicts[provenance.Exact], t.verdicts[provenance.Equivalent],
			t.verdicts[provenance.Adapted], t.verdicts[provenance.Unrelated], right)
	}
	fmt.Fprintf(o.Out, "\n| measured | goal | got |\n|---|---|---|\n")
	line := func(what, goal, format string, args ...any) {
		fmt.Fprintf(o.Out, "| %s | %s | %s |\n", what, goal, fmt.Sprintf(format, args...))
	}
	if t := tallies["bot-pick"]; t != nil {
		line("bot-picks: exact or equivalent, with the right source", fmt.Sprintf("%.0f %%", 100*goalBotPicks), "%s", share(t.good, t.rows))
	}
	if t := tallies["manual-pick"]; t != nil {
		line("manual picks: the right source found", fmt.Sprintf("%.0f %%", 100*goalManualPicks), "%s", share(t.right, t.rows))
	}
	for _, class := range []string{"automation", "dependabot"} {
		if t := tallies[class]; t != nil {
			line(class+": exact or equivalent, and git finds its patch at no source", "0", "%d of %d (%d have a patch of the source branch)", t.copied, t.rows, t.same-t.copied)
		}
	}
	line(fmt.Sprintf("one commit's verdict, %d commits, median", len(rows)), "under "+millis(goalVerdict), "%s (p95 %s, slowest %s)",
		millis(took.At(0.5)), millis(took.At(0.95)), millis(took.At(1)))
	line(fmt.Sprintf("a whole branch, for %d commits", branchCommits), fmt.Sprintf("under %.0f s", goalBranch.Seconds()), "%.1f s", branch.Seconds())
	if o.Misses {
		for _, class := range slices.Sorted(maps.Keys(tallies)) {
			for _, m := range tallies[class].misses {
				fmt.Fprintf(o.Progress, "miss: %s %s %s: %s, %d sources, wanted %s\n", m.class, m.branch, m.commit, m.finding.Verdict, len(m.finding.Sources), m.source)
			}
		}
	}
}

func share(n, of int) string {
	if of == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d (%.1f %%)", n, of, 100*float64(n)/float64(of))
}
