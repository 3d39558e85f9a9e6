package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/config/istio"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// toldBy is what the demo prints of one scene until it has said where to look.
func toldBy(t *testing.T, scene string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), settleWithin)
	defer cancel()
	out := &visitor{t: t, leave: cancel}
	if err := demo(ctx, out, demoOptions{scene: scene, github: "127.0.0.1:0", slipway: "127.0.0.1:0"}); err != nil {
		t.Fatalf("%v\n%s", err, &out.text)
	}
	if out.visited != 1 {
		t.Errorf("%d pages to look at, want one of the scene:\n%s", out.visited, &out.text)
	}
	return out.text.String()
}

// visitor reads the story, opens the page that the demo names for each scene, and leaves.
type visitor struct {
	t       *testing.T
	leave   func()
	text    strings.Builder
	visited int
}

func (v *visitor) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		switch words := strings.Fields(line); {
		case strings.HasPrefix(line, "What to try next"):
			v.leave()
		case len(words) == 2 && strings.HasPrefix(words[1], "http://"):
			v.visit(words[1])
		}
	}
	return v.text.Write(p)
}

func (v *visitor) visit(page string) {
	v.visited++
	answer, err := http.Get(page)
	if err != nil {
		v.t.Error(err)
		return
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		v.t.Errorf("%s: %s, %v", page, answer.Status, err)
	}
}

// longestStory is how many lines a stranger reads in a minute.
const longestStory = 80

func TestDemo(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	if err := demo(t.Context(), &told, demoOptions{exit: true, github: "127.0.0.1:0", slipway: "127.0.0.1:0"}); err != nil {
		t.Fatalf("%v\n%s", err, &told)
	}
	out := told.String()
	acts := 0
	for _, sc := range story() {
		acts += len(sc.acts)
		if !strings.Contains(out, "\n"+sc.name+": "+sc.about+"\n") {
			t.Errorf("scene %q isn't in the story", sc.name)
		}
	}
	if strings.Contains(out, "TROUBLE") || strings.Count(out, "    ✓ ") != acts || strings.ContainsAny(out, "|{}") || strings.Count(out, "\n") > longestStory {
		t.Errorf("want a line for what each of %d acts shows, no text, and at most %d lines:\n%s", acts, longestStory, out)
	}
}

// TestDemoScenes: each scene can be shown alone, with its texts, and without those that it goes on from.
func TestDemoScenes(t *testing.T) {
	t.Parallel()
	for _, sc := range story() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			out := toldBy(t, sc.name)
			if strings.Contains(out, "TROUBLE") || !strings.Contains(out, "\n"+sc.name+": ") || !strings.Contains(out, "      | **") {
				t.Errorf("the scene:\n%s", out)
			}
			if sc.after != "" && strings.Contains(out, "\n"+sc.after+": ") {
				t.Errorf("%q was to be played quietly:\n%s", sc.after, out)
			}
		})
	}
}

// TestDemoPolicy: the story is played on the policy that ships, less the cuts that stand beside it.
func TestDemoPolicy(t *testing.T) {
	t.Parallel()
	shipped, err := os.ReadFile("../../config/istio/slipway.yml")
	if err != nil {
		t.Fatal(err)
	}
	gh, err := sandbox.New(sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gh.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := buildDemo(gh); err != nil {
		t.Fatal(err)
	}
	served, _ := gh.File("istio/.github", "master", ".github/slipway.yml")
	for _, c := range istio.Cuts {
		if c.Why == "" || !strings.Contains(served, c.Becomes) {
			t.Errorf("the cut %q isn't made, or has no reason", c.Is)
		}
		served = strings.ReplaceAll(served, c.Becomes, c.Is)
	}
	if served != string(shipped) {
		t.Errorf("beside its cuts, the demo's policy isn't the one that ships:\n%s", served)
	}
}

func TestDemoFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want []string // in the error
	}{
		{[]string{"--scene", "frezee"}, []string{`"frezee"`, "freeze, exempt, cherry-pick"}},
		{[]string{"--scene="}, []string{`""`, "freeze, exempt, cherry-pick"}},
		{[]string{"freeze"}, []string{`"freeze"`, "--scene"}},
		{[]string{"--list", "--scene", "freeze"}, []string{"--list", "--scene"}},
		{[]string{"--scenes"}, []string{"unknown flag", "--scenes"}},
		{[]string{"--exit", "--github", "nowhere"}, []string{"--github", "missing port"}},
		{[]string{"--exit", "--slipway", "nowhere"}, []string{"--slipway", "HOST:PORT"}},
	} {
		if err := runDemo(io.Discard, c.args...); statusOf(err) != 1 || slices.ContainsFunc(c.want, func(part string) bool { return !strings.Contains(err.Error(), part) }) {
			t.Errorf("demo %q ended with %v, want %q in it", c.args, err, c.want)
		}
	}
	var out bytes.Buffer
	if err := runDemo(&out, "--list"); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != len(story()) || !strings.HasPrefix(out.String(), "freeze ") {
		t.Errorf("the list, %v:\n%s", err, &out)
	}
}

func runDemo(out io.Writer, args ...string) error {
	cmd := root()
	cmd.SetArgs(append([]string{"demo"}, args...))
	cmd.SetOut(out)
	return cmd.Execute()
}

func TestDemoNamesTheSceneThatFails(t *testing.T) {
	w := newWorld(t)
	var out strings.Builder
	s := &stage{out: &out, gh: w.gh, program: w.program, clock: &storyClock{}, diary: &diary{}, patience: time.Millisecond}
	impossible := []scene{{name: "impossible", acts: []act{{
		tells: "alice waits.", do: func(*stage) error { return nil },
		expect: func(*stage) []claim { return []claim{holds("cows graze", true), holds("pigs fly", false)} },
	}}}}
	for _, before := range [][]scene{impossible, nil} {
		err := s.perform(context.Background(), before, impossible)
		if err == nil || !strings.Contains(err.Error(), `"impossible"`) || !strings.Contains(err.Error(), "pigs fly") {
			t.Errorf("err = %v", err)
		}
	}
	if want := "  alice waits.\n    ✓ cows graze\n    ✗ pigs fly\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("the story:\n%s", &out)
	}
}

func TestDiary(t *testing.T) {
	d := &diary{}
	log := zerolog.New(d)
	log.Info().Msg("worked")
	log.Warn().Msg("slow")
	log.Error().Err(errors.New("disk full")).Msg("could not store")
	if got, want := d.take(), []string{"slow", "could not store disk full"}; !slices.Equal(got, want) || len(d.take()) != 0 {
		t.Errorf("the diary has %q, want %q, once", got, want)
	}
}
