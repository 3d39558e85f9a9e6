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
	"sync/atomic"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// stage is where the demo's story is played and told.
type stage struct {
	out     io.Writer
	verbose bool // tells the texts that Slipway posts, too
	gh      *sandbox.Server
	program *Program
	clock   *storyClock
	diary   *diary
	numbers map[string]int  // issues and pull requests by the story's name for them
	said    string          // the latest comment of a person
	read    map[string]bool // what checks said at length, told once
	// patience is how long an act may take to come out as told; 0 is the default.
	patience time.Duration
}

// storyClock begins some weeks before the machine's, which it comes to by steps: the time that people take between two
// acts, and the weeks in which a release is made. It never goes back.
// GitHub's times are whole seconds, and what comes within one second of something
// else counts as later: nobody has read a commit within the second of its push.
type storyClock struct {
	machine func() time.Time
	ahead   atomic.Int64
}

const storyDay = 24 * time.Hour

// storyTakes is how long the whole story takes.
const storyTakes = 7 * 7 * storyDay

func newStoryClock(machine func() time.Time) *storyClock {
	c := &storyClock{machine: machine}
	c.goOn(-storyTakes)
	return c
}

func (c *storyClock) now() time.Time { return c.machine().Add(time.Duration(c.ahead.Load())) }

func (c *storyClock) nextAct() { c.goOn(2 * time.Second) }

func (c *storyClock) goOn(d time.Duration) { c.ahead.Add(int64(d)) }

// passes has time go by.
func passes(d time.Duration) func(*stage) error {
	return func(s *stage) error {
		s.clock.goOn(d)
		s.program.queue.Wake()
		return nil
	}
}

// scene is a part of the story that can be shown alone.
type scene struct {
	name  string
	about string // its point, in a sentence
	after string // the scene that it goes on from; "" for none
	acts  []act
	page  func(*stage) string // the path of the page that shows most of it
}

// act is what people do, and what Slipway makes of it.
type act struct {
	// tells who does what. {NAME} stands for the issue or pull request that the
	// story calls so, {said} for the latest comment.
	tells string
	do    func(*stage) error
	// expect is what must come true, which the bot alone can bring about. The
	// first claim is the one that shows what it did.
	expect func(*stage) []claim
}

// claim is something that must be so at the end of an act.
type claim struct {
	what string
	so   bool
	text string // what a check says at length
}

func holds(what string, so bool) claim { return claim{what: what, so: so} }

// play plays scenes and tells them. It stops at the first that doesn't come
// out as told; the error names it.
func (s *stage) play(ctx context.Context, scenes []scene) error {
	for _, sc := range scenes {
		fmt.Fprintf(s.out, "%s: %s\n", sc.name, sc.about)
		for _, a := range sc.acts {
			if err := s.playAct(ctx, a); err != nil {
				return fmt.Errorf("scene %q did not come out as told: %w", sc.name, err)
			}
		}
		fmt.Fprintln(s.out)
	}
	return nil
}

func (s *stage) playAct(ctx context.Context, a act) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.patience, actTimeout))
	defer cancel()
	before := s.posts()
	s.clock.nextAct()
	if err := a.do(s); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "  %s\n", s.fill(a.tells))
	err := s.until(ctx, func() []claim { return a.expect(s) })
	if s.verbose {
		s.tellPosts(before)
	}
	s.tellClaims(a.expect(s))
	for _, line := range s.diary.take() {
		fmt.Fprintf(s.out, "    TROUBLE %s\n", line)
	}
	return err
}

// fill puts numbers and words in the place of the names in a text.
func (s *stage) fill(text string) string {
	pairs := []string{"{said}", strings.ReplaceAll(s.said, "\n", ", and ")}
	for name, n := range s.numbers {
		pairs = append(pairs, "{"+name+"}", fmt.Sprintf("#%d", n))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// aMoment is how long people wait for what Slipway doesn't do at once: it looks at a tracking issue once a minute.
const aMoment = time.Minute

// until waits for the claims to be so, and for the bot to have nothing left to
// do, so that the next act begins with a quiet house. What isn't so by then may be in a moment.
func (s *stage) until(ctx context.Context, claims func() []claim) error {
	for waited := false; ; {
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
		case !waited:
			waited = true
			s.clock.goOn(aMoment)
			s.program.queue.Wake()
			continue
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

// tellClaims tells the first claim and those that aren't so; a verbose stage, all.
func (s *stage) tellClaims(claims []claim) {
	for i, c := range claims {
		switch {
		case !c.so:
			fmt.Fprintf(s.out, "    ✗ %s\n", c.what)
		case i == 0 || s.verbose:
			fmt.Fprintf(s.out, "    ✓ %s\n", c.what)
		}
		if s.verbose && !s.read[c.text] {
			s.quote(c.text)
			s.read[c.text] = true
		}
	}
}

func (s *stage) quote(text string) {
	for line := range strings.Lines(strings.TrimSpace(readable(text))) {
		fmt.Fprintln(s.out, strings.TrimRight("      | "+line, " \n"))
	}
}

var htmlComment = lazy.Regexp(`(?ms)^<!--.*?-->\n*|<!--.*?-->`)

// readable is a Markdown text as GitHub shows it: without its HTML comments.
func readable(text string) string { return htmlComment().ReplaceAllString(text, "") }

// post is a text of the bot's on GitHub.
type post struct {
	where string
	body  string
}

// tellPosts tells what the bot posted since. A comment that it edited is told
// anew; an issue is told when it is opened.
func (s *stage) tellPosts(before []post) {
	for _, p := range s.posts() {
		opened := func(b post) bool { return b.where == p.where && strings.HasPrefix(p.where, "opens") }
		if slices.Contains(before, p) || slices.ContainsFunc(before, opened) {
			continue
		}
		fmt.Fprintf(s.out, "    Slipway %s:\n", p.where)
		s.quote(p.body)
	}
}

func (s *stage) posts() []post {
	var all []post
	bot := s.gh.App().Slug + "[bot]"
	of := func(repo string, n int, author, title, body string) {
		if author == bot {
			all = append(all, post{fmt.Sprintf("opens %s, %q", shortName(repo, n), title), body})
		}
		for _, c := range s.gh.Comments(repo, n) {
			if c.Author == bot {
				all = append(all, post{"comments on " + shortName(repo, n), c.Body})
			}
		}
	}
	for _, repo := range []string{demoRepo, demoBuilder} {
		for _, i := range s.gh.Issues(repo) {
			of(repo, i.Number, i.Author, i.Title, i.Body)
		}
		for _, pr := range s.gh.PRs(repo) {
			of(repo, pr.Number, pr.Author, pr.Title, pr.Body)
		}
	}
	return all
}

// shortName is an issue or a pull request as the story calls it.
func shortName(repo string, n int) string {
	if repo == demoRepo {
		return fmt.Sprintf("#%d", n)
	}
	return fmt.Sprintf("%s#%d", repo, n)
}

// diary collects the warnings and errors that the program logs.
type diary struct {
	mu    sync.Mutex
	lines []string
}

// Write implements io.Writer over zerolog's lines of JSON.
func (d *diary) Write(line []byte) (int, error) {
	var e struct{ Level, Message, Error string }
	if json.Unmarshal(bytes.TrimSpace(line), &e) == nil && (e.Level == "warn" || e.Level == "error") {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.lines = append(d.lines, strings.TrimSpace(e.Message+" "+e.Error))
	}
	return len(line), nil
}

// take returns what was logged since it was last asked.
func (d *diary) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}
