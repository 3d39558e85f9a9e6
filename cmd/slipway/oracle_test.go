package main

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// This file plays stories that nobody wrote: people with roles do what people can do, in
// random order, and an oracle that knows only who typed what says whether a green
// slipway/release-branch was right.

// The roles.
var (
	writers  = []string{"alice", "bob", "carol", "erin", "frank", "sam"}
	everyone = append([]string{"mallory"}, writers...)
)

const (
	manager = "alice" // of 1.30
	robot   = "bumper"
)

// line is a line that a change brings, or takes away: "+pilot/a.go do(17)".
type line string

// experts are whose it is: what is in security/ is sam's, all else erin's and frank's.
func (l line) experts() []string {
	if strings.HasPrefix(string(l[1:]), "security/") {
		return []string{"sam"}
	}
	return []string{"erin", "frank"}
}

// word is what somebody said of a pull request, and what it showed them.
type word struct {
	who, state string
	id         int64
	shown      map[line]bool
	at         int // the step
	dismissed  string
}

// told is a pull request as its story went.
type told struct {
	number int
	made   map[string]bool // who opened it, pushed to it or asked for it
	words  []word
	merged int // the step in which it came onto master, 0 for never
	lines  map[line]bool
	// override is what it was while the manager overrode the check.
	override map[line]bool
}

// said is what somebody says now: their latest word that is no mere comment.
func (p *told) said() (now []word) {
	latest := map[string]word{}
	for _, v := range p.words {
		latest[v.who] = v
	}
	return slices.Collect(maps.Values(latest))
}

// played is a world with what the oracle knows of it.
type played struct {
	*world
	r      *rand.Rand
	typed  map[line]string // who typed it first
	hidden map[line]bool   // it was pushed under another name than that of who typed it
	pulls  map[int]*told
	asked  map[int]string // who asked for a pick, by its source
	diary  []string
	step   int
	count  int // of lines
	greens int
}

// wrong says why a pull request must not be green, "" if it may be. All of it has to have been
// approved, here or where it was merged before, by somebody entitled who neither typed it nor took
// part, after it was there; and nobody entitled objects.
func (s *played) wrong(p *told) string {
	if p.override != nil && !p.made[manager] && maps.Equal(p.override, p.lines) {
		return ""
	}
	for l := range p.lines {
		approved := false
		for _, q := range s.pulls {
			for _, v := range q.said() {
				early := q.merged > 0 && v.at < q.merged
				counts := v.state == "APPROVE" && v.shown[l] && s.entitled(v.who, l) && s.by(l) != v.who && !q.made[v.who]
				approved = approved || counts && (q == p || q.merged > 0 && (early || !p.made[v.who]))
			}
		}
		if !approved {
			return fmt.Sprintf("%q, typed by %s, was approved by nobody who may", l, s.typed[l])
		}
	}
	for _, q := range s.pulls {
		for _, v := range q.said() {
			if v.state == "REQUEST_CHANGES" && (v.dismissed == "" || v.dismissed != v.who && v.dismissed != manager) && s.concerns(v.who, p, q) {
				return fmt.Sprintf("%s objects to #%d", v.who, q.number)
			}
		}
	}
	return ""
}

// by is who is known to have typed a line. One that was pushed under another name is known
// of the pull request it was pushed to alone, by who pushed: once others have copied it, or
// merged it elsewhere, neither git nor GitHub tells.
func (s *played) by(l line) string {
	if s.hidden[l] {
		return ""
	}
	return s.typed[l]
}

// entitled tells who may approve a line.
func (s *played) entitled(who string, l line) bool {
	return slices.Contains(l.experts(), who) || who == manager && s.typed[l] == robot
}

// concerns tells whether an objection to one pull request is one to another: it is the same, or
// brought lines of it, and who objected hasn't approved them here.
func (s *played) concerns(who string, p, q *told) bool {
	if q != p && (q.merged == 0 || slices.ContainsFunc(p.said(), func(v word) bool { return v.who == who && v.state == "APPROVE" })) {
		return false
	}
	for l := range p.lines {
		if q.lines[l] && (who == manager || slices.Contains(l.experts(), who)) {
			return true
		}
	}
	return false
}

// TestOracle plays fixed stories, and one more by chance or as SLIPWAY_TEST_SEED says.
func TestOracle(t *testing.T) {
	t.Parallel()
	seeds := []int64{3, 5} // where who pushes isn't barred, the second fails
	if text := os.Getenv("SLIPWAY_TEST_SEED"); text != "" {
		seeds = nil
		for _, one := range strings.Split(text, ",") {
			seed, err := strconv.ParseInt(one, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, seed)
		}
	} else {
		seeds = append(seeds, rand.Int63n(1_000_000))
	}
	for _, seed := range seeds {
		t.Run(strconv.FormatInt(seed, 10), func(t *testing.T) { newPlayed(t, seed).play(steps) })
	}
}

const steps = 40

var fileNames = []string{"pilot/a.go", "pilot/b.go", "pilot/b.go", "security/ca.go"}

func newPlayed(t *testing.T, seed int64) *played {
	s := &played{world: gateWorld(t, ""), r: rand.New(rand.NewSource(seed)), typed: map[line]string{}, hidden: map[line]bool{}, pulls: map[int]*told{}, asked: map[int]string{}}
	_, err := s.gh.CreateUser(robot)
	s.do(err)
	s.do(s.gh.AddCollaborator(demoRepo, robot, "write"))
	s.do(s.gh.AddTeamMember("istio", "wg-networking", "frank", "active"))
	files := map[string]string{}
	for _, f := range fileNames {
		files[f] = "package p\n\nfunc A() {\n\tfirst()\n\tsecond()\n}\n\nfunc B() {\n\tthird()\n}\n"
	}
	for _, branch := range []string{"master", demoBranch} {
		s.do2(s.gh.As("alice").Push(demoRepo, branch, files, "Begin"))
	}
	s.do(s.gh.As("alice").CreateBranch(demoRepo, "feature", demoBranch))
	s.policy(gatePolicy + expertsAlways + "  second_manager: true\n  automation: [{name: bumps, accounts: [{id: " + itoa(s.accountOf(robot)) + "}]}]\n")
	return s
}

// play goes on by a number of steps, and looks at all pull requests after each.
func (s *played) play(n int) {
	for s.step = 1; s.step <= n && !s.t.Failed(); s.step++ {
		lost := s.r.Intn(8) == 0
		if lost {
			s.gh.FaultHooks(sandbox.HookFault{Drop: true})
		}
		what := s.act()
		if what == "" {
			what = "nothing comes of it"
		}
		s.settle()
		if lost {
			s.gh.ClearHookFaults()
			what += " (no webhook of it arrives)"
			s.resync()
		}
		if s.r.Intn(20) == 0 {
			what += " (and the database is lost)"
			s.stop()
			s.newDatabase()
			s.start()
		}
		s.diary = append(s.diary, fmt.Sprintf("%2d. %s", s.step, what))
		s.look()
	}
	s.t.Logf("%d times green\n%s", s.greens, strings.Join(s.diary, "\n"))
}

// look holds each verdict to the oracle.
func (s *played) look() {
	for _, pr := range s.gh.PRs(demoRepo) {
		for source, who := range s.asked {
			if pr.Head == headName(source, demoBranch) && s.pulls[pr.Number] == nil {
				s.begin(pr.Number, who)
			}
		}
		p := s.pulls[pr.Number]
		if pr.Base != demoBranch || pr.State != "open" || p == nil {
			continue
		}
		p.lines = s.shown(pr)
		if s.gate(pr.Number).Conclusion != "success" {
			continue
		}
		s.greens++
		if why := s.wrong(p); why != "" {
			run := s.gate(pr.Number)
			s.t.Errorf("#%d is green, and must not be: %s\nThe story:\n%s\nThe check says: %s\n%s", pr.Number, why, strings.Join(s.diary, "\n"), run.Title, run.Summary)
		}
	}
}

// shown are the lines by which a pull request differs from where it left its base, as its page
// shows them.
func (s *played) shown(pr sandbox.PR) map[line]bool {
	out, err := exec.CommandContext(s.t.Context(), "git", "-C", s.gh.GitDir(demoRepo), "diff", "--unified=0", "--no-renames", s.gh.Branch(demoRepo, pr.Base)+"..."+pr.HeadSHA).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	lines, file := map[line]bool{}, ""
	for one := range strings.Lines(string(out)) {
		one = strings.TrimSpace(one)
		switch {
		case strings.HasPrefix(one, "+++ b/"):
			file = strings.TrimPrefix(one, "+++ b/")
		case strings.HasPrefix(one, "--- "):
		case strings.HasPrefix(one, "+"), strings.HasPrefix(one, "-"):
			lines[line(one[:1]+file+" "+strings.TrimSpace(one[1:]))] = true
		}
	}
	return lines
}
