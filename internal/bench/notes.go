package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// NotesOptions is what RunNotes measures with.
type NotesOptions struct {
	Binary string // of slipway
	// Mirror is a bare clone of a repository with notes, and From and To two of
	// its tags; without it only made notes are measured.
	Mirror, From, To string
	Out              io.Writer
}

// The goals, as they stand in the issue.
const (
	goalCheck    = 2 * time.Second
	goalGenerate = time.Second
)

// How many notes are made: as many files as istio/istio has, and as many of them
// in the range as its largest release of late.
const (
	madeNotes = 1836
	madeRange = 95
	notesDir  = "releasenotes/notes"
	noteRuns  = 7 // of each measurement, whose median counts
)

// RunNotes measures how long the program takes for notes, from its start to its
// end, and prints the rows of a Markdown table.
func RunNotes(ctx context.Context, o NotesOptions) (err error) {
	dir, err := os.MkdirTemp("", "slipway-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "made")
	if err := makeNotes(ctx, made); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "| measured | goal | got |\n|---|---|---|\n")
	if err := o.measure(ctx, dir, "made notes", made, "1.0.0", "1.1.0"); err != nil || o.Mirror == "" {
		return err
	}
	return o.measure(ctx, dir, fmt.Sprintf("%s, %s to %s", filepath.Base(filepath.Dir(o.Mirror)), o.From, o.To), o.Mirror, o.From, o.To)
}

// measure renders a range and checks all the notes at its end.
func (o NotesOptions) measure(ctx context.Context, dir, name, repo, from, to string) error {
	out := filepath.Join(dir, "out")
	took, said, err := o.median(ctx, "notes", "generate", "--repo", "istio/istio="+repo, "--from", from, "--to", to, "--out", out)
	if err != nil {
		return err
	}
	n, _, _ := strings.Cut(said, " ")
	fmt.Fprintf(o.Out, "| %s: %s notes rendered, with the report, git reading included, median of %d | under %s | %s |\n", name, n, noteRuns, millis(goalGenerate), millis(took))
	tree := filepath.Join(dir, "tree")
	if err := os.RemoveAll(tree); err != nil {
		return err
	}
	files, err := extract(ctx, repo, to, tree)
	if err != nil {
		return err
	}
	if took, said, err = o.median(ctx, "notes", "check", tree); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	fmt.Fprintf(o.Out, "| %s: %d files checked, median of %d | under %s | %s (%s) |\n", name, files, noteRuns, millis(goalCheck), millis(took), lines[len(lines)-1])
	return nil
}

// median runs the program several times and returns its median time and what it
// printed last. Status 1 says that it found something.
func (o NotesOptions) median(ctx context.Context, args ...string) (took time.Duration, said string, err error) {
	var all []time.Duration
	for range noteRuns {
		var out, errs bytes.Buffer
		cmd := exec.CommandContext(ctx, o.Binary, args...)
		cmd.Stdout, cmd.Stderr = &out, &errs
		began := time.Now()
		err := cmd.Run()
		all = append(all, time.Since(began))
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			return 0, "", fmt.Errorf("slipway %s: %w: %s", strings.Join(args, " "), err, errs.String())
		}
		said = out.String()
	}
	slices.Sort(all)
	return all[len(all)/2], said, nil
}

// makeNotes makes a repository with notes: all but a range at the tag 1.0.0, and
// each of the range by a commit of its own, up to 1.1.0.
func makeNotes(ctx context.Context, dir string) error {
	if err := gitFed(ctx, "", nil, "init", "-q", "--bare", dir); err != nil {
		return err
	}
	var in bytes.Buffer
	note := func(i int) {
		text := fmt.Sprintf("apiVersion: release-notes/v2\nkind: bug-fix\narea: %s\nissue:\n- %d\nreleaseNotes:\n- |\n  **%s** what was wrong with number %d, which\n  takes two lines to tell.\n",
			[]string{"security", "telemetry", "installation"}[i%3], i+1, []string{"Fixed", "Added", "Improved"}[i%3], i)
		fmt.Fprintf(&in, "M 100644 inline %s/%d.yaml\ndata %d\n%s\n", notesDir, i, len(text), text)
	}
	commit := func(subject string) {
		fmt.Fprintf(&in, "commit refs/heads/master\ncommitter A <a@example.org> 1700000000 +0000\ndata %d\n%s\n", len(subject), subject)
	}
	commit("Begin")
	for i := range madeNotes - madeRange {
		note(i)
	}
	in.WriteString("\nreset refs/tags/1.0.0\nfrom refs/heads/master\n\n")
	for i := range madeRange {
		commit(fmt.Sprintf("Change %d (#%d)", i, 1000+i))
		note(madeNotes - madeRange + i)
		in.WriteString("\n")
	}
	in.WriteString("reset refs/tags/1.1.0\nfrom refs/heads/master\n\n")
	return gitFed(ctx, dir, &in, "fast-import", "--quiet")
}

func gitFed(ctx context.Context, dir string, in io.Reader, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdin = dir, in
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, out)
	}
	return nil
}

// extract writes the notes at a revision to a directory, and counts them.
func extract(ctx context.Context, repo, rev, dir string) (files int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	archive := filepath.Join(dir, ".archive.tar")
	if err := gitFed(ctx, repo, nil, "archive", "-o", archive, rev, notesDir); err != nil {
		return 0, err
	}
	if out, err := exec.CommandContext(ctx, "tar", "-xf", archive, "-C", dir).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("tar: %w: %s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, notesDir, "*"))
	return len(names), err
}
