package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// stage is where the demo's story is played and told.
type stage struct {
	out     io.Writer
	gh      *sandbox.Server
	program *Program
	diary   *diary
	clock   *storyClock
	prs     map[string]int // pull requests by the story's name for them
	// patience is how long a scene may take to come out as told; 0 is the default.
	patience time.Duration
}

// scene is one part of the story. act does what a person does on GitHub and
// says it; then expect must come true, which the bot alone can bring about.
type scene struct {
	name   string
	about  string
	act    func(*stage) error
	expect func(*stage) []claim
}

// claim is something that must be so at the end of a scene.
type claim struct {
	what string
	so   bool
}

// play plays scenes and tells them. It stops at the first that doesn't come
// out as told; the error names it.
func (s *stage) play(ctx context.Context, scenes []scene) error {
	s.prs = map[string]int{}
	for i, sc := range scenes {
		fmt.Fprintf(s.out, "%d. %s\n   %s\n\n", i+1, strings.ToUpper(sc.name[:1])+sc.name[1:], sc.about)
		if err := s.playOne(ctx, sc); err != nil {
			return fmt.Errorf("scene %q did not come out as told: %w", sc.name, err)
		}
	}
	return nil
}

func (s *stage) playOne(ctx context.Context, sc scene) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.patience, sceneTimeout))
	defer cancel()
	s.diary.turn()
	before := s.comments()
	if err := sc.act(s); err != nil {
		return err
	}
	err := s.until(ctx, func() []claim { return sc.expect(s) })
	s.tellBot(before)
	if err != nil {
		return err
	}
	for _, c := range sc.expect(s) {
		fmt.Fprintf(s.out, "   ✓ %s\n", c.what)
	}
	fmt.Fprintln(s.out)
	return nil
}

// until waits for the claims to be so, and for the bot to have nothing left to
// do, so that the next scene begins with a quiet house.
func (s *stage) until(ctx context.Context, claims func() []claim) error {
	for {
		changed := s.program.queue.Changed()
		err := errors.Join(s.gh.WaitDeliveries(ctx), s.program.queue.WaitIdle(ctx))
		open := slices.DeleteFunc(claims(), func(c claim) bool { return c.so })
		switch {
		case len(open) == 0 && err == nil:
			return nil
		case len(open) > 0 && ctx.Err() != nil:
			return fmt.Errorf("it is not so that %s", open[0].what)
		case err != nil:
			return err
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

// person says what a person does on GitHub.
func (s *stage) person(format string, args ...any) { fmt.Fprintf(s.out, "   "+format+"\n", args...) }

func (s *stage) quote(text string) {
	for line := range strings.Lines(strings.TrimSpace(readable(text))) {
		fmt.Fprintln(s.out, strings.TrimRight("      | "+line, " \n"))
	}
}

var htmlComment = lazy.Regexp(`(?s)<!--.*?-->\n*`)

// readable is a Markdown text as GitHub shows it: without its HTML comments.
func readable(text string) string { return htmlComment().ReplaceAllString(text, "") }

// tellBot says what the bot did: its log gives the reasons, GitHub the texts.
func (s *stage) tellBot(before map[int64]bool) {
	for _, line := range s.diary.read() {
		fmt.Fprintf(s.out, "   slipway: %s\n", line)
	}
	for _, c := range s.allComments() {
		if !before[c.ID] && c.Author == s.gh.App().Slug+"[bot]" {
			fmt.Fprintf(s.out, "   slipway answers on #%d:\n", c.Issue)
			s.quote(c.Body)
		}
	}
}

func (s *stage) allComments() []sandbox.Comment {
	var all []sandbox.Comment
	for _, i := range s.gh.Issues(demoRepo) {
		all = append(all, s.gh.Comments(demoRepo, i.Number)...)
	}
	for _, p := range s.gh.PRs(demoRepo) {
		all = append(all, s.gh.Comments(demoRepo, p.Number)...)
	}
	slices.SortFunc(all, func(a, b sandbox.Comment) int { return int(a.ID - b.ID) })
	return slices.CompactFunc(all, func(a, b sandbox.Comment) bool { return a.ID == b.ID })
}

func (s *stage) comments() map[int64]bool {
	ids := map[int64]bool{}
	for _, c := range s.allComments() {
		ids[c.ID] = true
	}
	return ids
}

// diary collects the program's log of what it worked, in words.
type diary struct {
	mu    sync.Mutex
	lines []string
}

// Write implements io.Writer over zerolog's lines of JSON.
func (d *diary) Write(line []byte) (int, error) {
	var e map[string]any
	if json.Unmarshal(bytes.TrimSpace(line), &e) != nil {
		return len(line), nil
	}
	text := func(key string) string { s, _ := e[key].(string); return s }
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case text("level") == "warn" || text("level") == "error":
		d.lines = append(d.lines, strings.TrimSpace("TROUBLE "+text("message")+" "+text("error")))
	case text("message") == "worked" && text("result") == "changed":
		var did []string
		for i := 1; text(fmt.Sprintf("effect_%d", i)) != ""; i++ {
			did = append(did, text(fmt.Sprintf("effect_%d", i)))
		}
		d.lines = append(d.lines, text("why")+"\n            → "+strings.Join(did, "\n            → "))
	}
	return len(line), nil
}

func (d *diary) turn() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = nil
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines)
}

// storyClock is the machine's, moved forward.
type storyClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is what time it is in the story.
func (c *storyClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *storyClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
