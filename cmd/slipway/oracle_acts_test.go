package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// act has somebody do something, and says what in a sentence; "" if it wasn't possible.
func (s *played) act() string {
	acts := []struct {
		weight int
		do     func() string
	}{
		{3, s.opens}, {1, s.opensAnothers}, {1, s.bumps}, {3, s.pushes}, {1, s.rewrites}, {14, s.reviews}, {1, s.dismisses}, {1, s.editsBase},
		{3, s.updates}, {2, s.movesBranch}, {3, s.merges}, {4, s.picksOne}, {1, s.commands},
	}
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	for range 20 { // until something comes of it
		at := s.r.Intn(total)
		for _, a := range acts {
			if at -= a.weight; at < 0 {
				if what := a.do(); what != "" {
					return what
				}
				break
			}
		}
	}
	return ""
}

func oneOf[T any](s *played, list []T) (one T) {
	if len(list) == 0 {
		return one
	}
	return list[s.r.Intn(len(list))]
}

// open is one of the open pull requests; its Number is 0 if there are none.
func (s *played) open(so func(sandbox.PR) bool) sandbox.PR {
	return oneOf(s, slices.DeleteFunc(s.gh.PRs(demoRepo), func(pr sandbox.PR) bool { return s.pulls[pr.Number] == nil || !so(pr) }))
}

func isOpen(pr sandbox.PR) bool { return pr.State == "open" }

// types puts a new line into a file, or takes one away, and notes who did.
func (s *played) types(who, repo, ref string) (file, text string) {
	file = oneOf(s, fileNames)
	text, _ = s.gh.File(repo, ref, file)
	lines := strings.Split(text, "\n")
	at := min(3+s.r.Intn(max(len(lines)-5, 1)), len(lines)-1)
	note := func(l line) {
		if s.typed[l] == "" {
			s.typed[l] = who
		}
	}
	if s.r.Intn(6) == 0 && strings.HasPrefix(lines[at], "\t") {
		note(line("-" + file + " " + strings.TrimSpace(lines[at])))
		lines = slices.Delete(lines, at, at+1)
	} else {
		s.count++
		one := fmt.Sprintf("do(%d)", s.count)
		note(line("+" + file + " " + one))
		lines = slices.Insert(lines, at, "\t"+one)
	}
	return file, strings.Join(lines, "\n")
}

func (s *played) begin(n int, by string) *told {
	s.pulls[n] = &told{number: n, made: map[string]bool{by: true}}
	return s.pulls[n]
}

// opens has somebody open a pull request with a change of theirs.
func (s *played) opens() string {
	who, base := oneOf(s, everyone), oneOf(s, []string{"master", "master", demoBranch, demoBranch, "feature"})
	return s.opened(who, base)
}

// bumps is the automation account's pull request.
func (s *played) bumps() string { return s.opened(robot, demoBranch) }

func (s *played) opened(who, base string) string {
	file, text := s.types(who, demoRepo, base)
	pr, err := s.gh.As(who).OpenPR(demoRepo, sandbox.PROptions{Base: base, Head: fmt.Sprintf("change-%d", s.step), Title: fmt.Sprintf("Change of step %d", s.step),
		Files: map[string]string{file: text}, Fork: who == "mallory"})
	if err != nil {
		return ""
	}
	s.begin(pr.Number, who)
	return fmt.Sprintf("%s opens #%d against %s, with a change of %s", who, pr.Number, base, file)
}

// opensAnothers has somebody open a pull request with what is on a branch of others.
func (s *played) opensAnothers() string {
	who, base := oneOf(s, writers), oneOf(s, []string{"master", demoBranch})
	from := s.open(func(pr sandbox.PR) bool { return isOpen(pr) && pr.HeadRepo == demoRepo })
	head := "feature"
	if from.Number != 0 && s.r.Intn(2) == 0 {
		head = fmt.Sprintf("copy-%d", s.step)
		if s.gh.As(who).CreateBranch(demoRepo, head, from.Head) != nil {
			return ""
		}
	}
	pr, err := s.gh.As(who).OpenPR(demoRepo, sandbox.PROptions{Base: base, Head: head, Title: fmt.Sprintf("What is on %s", head)})
	if err != nil {
		return ""
	}
	s.begin(pr.Number, who)
	if head == "feature" {
		return fmt.Sprintf("%s opens #%d against %s, from feature", who, pr.Number, base)
	}
	return fmt.Sprintf("%s copies the branch of #%d and opens #%d of it against %s", who, from.Number, pr.Number, base)
}

// pushes has somebody push to a pull request, under a name of their choice.
func (s *played) pushes() string {
	pr := s.open(isOpen)
	who := oneOf(s, writers)
	if pr.HeadRepo != demoRepo || s.r.Intn(3) == 0 && slices.Contains(everyone, pr.Author) {
		who = pr.Author
	}
	if pr.Number == 0 || pr.Author == robot && s.r.Intn(2) == 0 {
		who = robot
	}
	if pr.Number == 0 {
		return ""
	}
	before := maps.Clone(s.typed)
	file, text := s.types(who, pr.HeadRepo, pr.HeadSHA)
	named := ""
	switch s.r.Intn(3) {
	case 0:
		if _, err := s.gh.As(who).PushToPR(demoRepo, pr.Number, map[string]string{file: text}, "More"); err != nil {
			return ""
		}
	case 1:
		named = " as an author whom GitHub doesn't know"
		s.pushNamed(who, unlinked, pr.HeadRepo, pr.Head, file, text)
	default:
		other := oneOf(s, writers)
		named = " as if " + other + " were the author"
		s.pushNamed(who, fmt.Sprintf("%s <%d+%s@users.noreply.github.com>", other, s.accountOf(other), other), pr.HeadRepo, pr.Head, file, text)
	}
	for l := range s.typed {
		s.hidden[l] = s.hidden[l] || before[l] == "" && named != ""
	}
	s.pushed(who, pr)
	return fmt.Sprintf("%s pushes a change of %s to #%d%s", who, file, pr.Number, named)
}

// pushed notes that somebody took part in all pull requests from a branch.
func (s *played) pushed(who string, to sandbox.PR) {
	for _, pr := range s.gh.PRs(demoRepo) {
		if p := s.pulls[pr.Number]; p != nil && pr.State == "open" && pr.Head == to.Head && pr.HeadRepo == to.HeadRepo {
			p.made[who] = true
		}
	}
}

// rewrites has somebody put another commit in place of a pull request's newest.
func (s *played) rewrites() string {
	pr := s.open(func(pr sandbox.PR) bool { return isOpen(pr) && pr.HeadRepo == demoRepo })
	who := oneOf(s, writers)
	if pr.Number == 0 {
		return ""
	}
	file, text := s.types(who, demoRepo, pr.HeadSHA)
	if _, err := s.gh.As(who).ForcePush(demoRepo, pr.Head, map[string]string{file: text}, "All of it"); err != nil {
		return ""
	}
	s.pushed(who, pr)
	return fmt.Sprintf("%s rewrites the newest commit of #%d and changes %s", who, pr.Number, file)
}

// reviews has somebody approve, or object.
func (s *played) reviews() string {
	who, state := oneOf(s, append([]string{"erin", "frank", "sam", "erin", "frank", "sam", manager}, everyone...)), "APPROVE"
	if s.r.Intn(7) == 0 {
		state = "REQUEST_CHANGES"
	}
	gated := s.r.Intn(2) == 0 // what waits for somebody is looked at first
	pr := s.open(func(pr sandbox.PR) bool {
		if gated {
			return isOpen(pr) && pr.Base == demoBranch && s.gate(pr.Number).Conclusion != "success"
		}
		return isOpen(pr) || pr.Merged && s.r.Intn(6) == 0
	})
	if pr.Number == 0 || pr.Author == who {
		return ""
	}
	shown := s.pulls[pr.Number].lines
	if isOpen(pr) {
		shown = s.shown(pr)
	}
	id, err := s.gh.As(who).Review(demoRepo, pr.Number, state, "said by "+who)
	if err != nil {
		return ""
	}
	s.heard(pr.Number, word{who: who, state: state, id: id, shown: shown})
	return fmt.Sprintf("%s %s #%d", who, map[string]string{"APPROVE": "approves", "REQUEST_CHANGES": "objects to"}[state], pr.Number)
}

func (s *played) heard(n int, v word) {
	v.at = s.step
	s.pulls[n].words = append(s.pulls[n].words, v)
}

// dismisses has somebody dismiss a review, which may be their own.
func (s *played) dismisses() string {
	pr := s.open(func(pr sandbox.PR) bool { return true })
	if pr.Number == 0 {
		return ""
	}
	p := s.pulls[pr.Number]
	who, i := oneOf(s, writers), s.r.Intn(len(p.words)+1)-1
	if i < 0 || p.words[i].id == 0 || p.words[i].dismissed != "" || s.gh.As(who).DismissReview(demoRepo, pr.Number, p.words[i].id) != nil {
		return ""
	}
	p.words[i].dismissed = who
	if p.words[i].state == "APPROVE" {
		p.words[i].state = "DISMISSED"
	}
	return fmt.Sprintf("%s dismisses what %s said of #%d", who, p.words[i].who, pr.Number)
}

func (s *played) editsBase() string {
	pr, base, who := s.open(isOpen), oneOf(s, []string{"master", demoBranch, demoBranch, "feature"}), oneOf(s, writers)
	if pr.Number == 0 || pr.Base == base || s.gh.As(who).EditBase(demoRepo, pr.Number, base) != nil {
		return ""
	}
	return fmt.Sprintf("%s has #%d go to %s in place of %s", who, pr.Number, base, pr.Base)
}

func (s *played) updates() string {
	pr, who := s.open(isOpen), oneOf(s, writers)
	if pr.Number == 0 || s.gh.As(who).UpdateBranch(demoRepo, pr.Number) != nil {
		return ""
	}
	return fmt.Sprintf("%s presses \"Update branch\" on #%d", who, pr.Number)
}

// movesBranch has somebody push straight to a branch.
func (s *played) movesBranch() string {
	who, branch := oneOf(s, writers), oneOf(s, []string{"master", demoBranch, "feature"})
	file, text := s.types(who, demoRepo, branch)
	if _, err := s.gh.As(who).Push(demoRepo, branch, map[string]string{file: text}, "Another change"); err != nil {
		return ""
	}
	s.pushed(who, sandbox.PR{Head: branch, HeadRepo: demoRepo})
	return fmt.Sprintf("%s pushes a change of %s to %s itself", who, file, branch)
}

// merges has somebody merge, onto the release branch only what is green.
func (s *played) merges() string {
	pr := s.open(func(pr sandbox.PR) bool {
		return isOpen(pr) && (pr.Base != demoBranch || s.gate(pr.Number).Conclusion == "success")
	})
	if pr.Number == 0 {
		return ""
	}
	who, method := oneOf(s, writers), oneOf(s, []string{"squash", "merge", "rebase"})
	shown := s.shown(pr)
	if _, err := s.gh.As(who).Merge(demoRepo, pr.Number, method); err != nil {
		return ""
	}
	s.pulls[pr.Number].lines = shown
	if pr.Base == "master" {
		s.pulls[pr.Number].merged = s.step
	}
	return fmt.Sprintf("%s merges #%d into %s (%s)", who, pr.Number, pr.Base, method)
}

// picksOne has somebody ask for a pick.
func (s *played) picksOne() string {
	from := s.open(func(pr sandbox.PR) bool { return pr.Merged && pr.Base == "master" })
	who := oneOf(s, writers)
	if from.Number == 0 || s.asked[from.Number] != "" {
		return ""
	}
	s.asked[from.Number] = who
	s.says(who, from.Number, "/cherry-pick "+demoBranch)
	return fmt.Sprintf("%s asks to pick #%d onto %s", who, from.Number, demoBranch)
}

// commands has somebody ask for an exemption or an override, or revoke one.
func (s *played) commands() string {
	pr := s.open(func(pr sandbox.PR) bool { return isOpen(pr) && pr.Base == demoBranch })
	who, say := oneOf(s, []string{manager, manager, "bob", "erin", "mallory"}), oneOf(s, []string{"/release override release-branch fine", "/release override revoke release-branch", "/release exempt fine"})
	if pr.Number == 0 {
		return ""
	}
	if who == manager && strings.Contains(say, "override") {
		p := s.pulls[pr.Number]
		if p.override = s.shown(pr); strings.Contains(say, "revoke") {
			p.override = nil
		}
	}
	s.says(who, pr.Number, say)
	return fmt.Sprintf("%s says %q on #%d", who, say, pr.Number)
}
