package freeze

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// known is everything that the verdict on one pull request rests on.
type known struct {
	state
	PR       github.PullRequest
	PushedBy int64        // who pushed all of it, GitHub's own merges apart; 0 unless it can matter and is known
	Same     []string     // the commits that the head is the same change as, if an exemption may be for one
	Files    github.Files // empty unless they can matter
	Undone   facts.Undone // what it takes back exactly; empty unless it can matter
	Set      []labelled   // exempting labels that the pull request carries
}

// labelled is an exempting label and who set it.
type labelled struct {
	Label string
	By    github.User // zero: GitHub doesn't say
	May   bool        // By is a release manager of the branch
	// Unclear says why nobody can tell now: GitHub doesn't show yet who set it,
	// or not the teams of the release managers. It doesn't count then, and stays.
	Unclear string
}

// onBranch are the freezes that are in force for the pull request's branch.
func (f known) onBranch() []Freeze { return holding(f.Freezes, f.PR.Base, f.Now) }

// held are those that hold the pull request: of one that is about some alone, while nobody
// knows what it changes, each.
func (f known) held() []Freeze {
	return slices.DeleteFunc(f.onBranch(), func(h Freeze) bool { return !f.reached(h) })
}

// reached reports whether a freeze is about the pull request.
func (f known) reached(h Freeze) bool {
	if !h.partial() || f.PR.Number == 0 || f.labelled(h.Labels) {
		return true
	}
	return len(h.Paths) > 0 && (!f.Files.Complete || slices.ContainsFunc(f.Files.Paths, func(name string) bool { return fits(h.Paths, name) }))
}

func (f known) labelled(labels []string) bool {
	return slices.ContainsFunc(f.PR.Labels, func(has string) bool {
		return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, has) })
	})
}

func fits(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return config.PathPattern(p).Match(name) })
}

// doubtful are those that may hold it besides, as nobody can tell.
func (f known) doubtful() []Freeze {
	return slices.DeleteFunc(f.doubts(f.PR.Base), func(h Freeze) bool { return !f.reached(h) })
}

// mayHold are those that hold it, or may.
func (f known) mayHold() []Freeze { return slices.Concat(f.held(), f.doubtful()) }

// filesMatter reports whether the verdict depends on which files the pull
// request changes; they cost a request.
func (f known) filesMatter() bool {
	held := f.mayHold() // nothing is known of the files yet
	if len(held) == 0 {
		return false
	}
	if _, byOther := f.exception(); byOther {
		return false
	}
	return len(f.Settings.Exceptions.Paths) > 0 || slices.ContainsFunc(held, func(h Freeze) bool {
		return len(h.Exceptions.Paths) > 0 || len(h.Paths) > 0 && !f.labelled(h.Labels)
	})
}

// revertMatters reports the same of what it takes back.
func (f known) revertMatters() bool {
	held := f.mayHold()
	_, byOther := f.exception()
	return len(held) > 0 && !byOther && (f.Settings.Exceptions.Reverts ||
		slices.ContainsFunc(held, func(h Freeze) bool { return h.Exceptions.Reverts }))
}

// exemptedBefore reports an exemption for another commit of the pull request, which may
// be what it was before GitHub itself merged the branch into it.
func (f known) exemptedBefore() bool {
	return slices.ContainsFunc(f.held(), func(h Freeze) bool {
		return slices.ContainsFunc(h.Exemptions, func(e Exemption) bool {
			was := f.PR
			was.Head = e.Commit
			return e.Commit != f.PR.Head && e.covers(was, f.Now)
		})
	})
}

// same reports whether a commit is the same change as the head.
func (f known) same(commit string) bool {
	return commit == f.PR.Head || slices.Contains(f.Same, commit)
}

// judge says whether an open pull request of a governed branch may merge, and
// when to look again without an event.
func judge(f known) (v effect.Verdict, next time.Time) {
	held, doubts := f.held(), f.doubtful()
	if len(held)+len(doubts) == 0 {
		return open(f), time.Time{}
	}
	if why, ok := f.exception(); ok {
		return excepted(f, held, why), time.Time{}
	}
	var blocking []Freeze
	var granted []Exemption
	var excepting []string
	doubts = slices.DeleteFunc(doubts, func(h Freeze) bool {
		why, ok := f.exceptedOf(h)
		if ok {
			excepting = append(excepting, why)
		}
		return ok
	})
	for _, h := range held {
		if why, ok := f.exceptedOf(h); ok {
			excepting = append(excepting, why)
			continue
		}
		e, ok := h.exemption(f)
		if !ok {
			blocking = append(blocking, h)
			continue
		}
		granted = append(granted, e)
		if next.IsZero() || e.Until.Before(next) {
			next = e.Until
		}
	}
	switch {
	case len(blocking) > 0 && blocking[0].Tampered: // and so are all others
		return alteredFreeze(f, blocking[0]), time.Time{}
	case len(blocking) > 0:
		return frozen(f, blocking), time.Time{}
	case len(doubts) > 0: // it may be more than what it is exempt from
		return unclearFreeze(f, doubts[0]), f.Now.Add(unclearWait)
	case len(granted) == 0:
		return excepted(f, held, strings.Join(slices.Compact(excepting), "; ")), next
	}
	return exempted(f, held, granted), next
}

// exception finds what lets the pull request through every freeze, by the
// policy. It returns a phrase that completes "It may merge all the same: ...".
func (f known) exception() (why string, ok bool) {
	e := f.Settings.Exceptions
	if slices.ContainsFunc(f.mayHold(), func(h Freeze) bool { return len(h.Owners) > 0 }) {
		e.Labels = nil // a release manager's label, where others decide
	}
	return f.exceptedFrom(e)
}

// exceptedOf is the same for one freeze alone.
func (f known) exceptedOf(h Freeze) (why string, ok bool) {
	e := h.Exceptions
	if len(h.Owners) == 0 {
		e.Labels = slices.Concat(e.Labels, f.Settings.Exceptions.Labels)
	}
	return f.exceptedFrom(e)
}

// exceptedFrom is the same by the exceptions of the policy, or of one window.
func (f known) exceptedFrom(e Exceptions) (why string, ok bool) {
	if e.account(f.PR.Author.ID) && e.account(f.PushedBy) {
		return "its author, " + effect.Code(f.PR.Author.Login) + ", is an automation account that the policy excepts, " +
			"and so is who pushed its newest commit", true
	}
	for _, l := range f.Set {
		if l.May && e.label(l.Label) {
			return effect.Code(l.By.Login) + ", a release manager, gave it the label " + effect.Code(l.Label) +
				", which holds for later commits too", true
		}
	}
	if f.Files.Complete && len(f.Files.Paths) > 0 && len(e.Paths) > 0 && !slices.ContainsFunc(f.Files.Paths, func(name string) bool { return !fits(asTexts(e.Paths), name) }) {
		return "it changes only files that the policy excepts", true
	}
	if len(f.Undone.Of) > 0 && e.Reverts {
		return fmt.Sprintf("it takes back exactly %s, which is on this branch, and nothing else", strings.Join(f.Undone.Of, " and ")), true
	}
	return "", false
}

// byAccount reports a pull request of an automation account that is excepted.
// That isn't all there is to it: whoever may write can push to its branch.
func (f known) byAccount() bool { return f.isAccount(f.PR.Author.ID) }

func (f known) isAccount(id int64) bool {
	return f.Settings.Exceptions.account(id) || slices.ContainsFunc(f.mayHold(), func(h Freeze) bool { return h.Exceptions.account(id) })
}

func (e Exceptions) account(id int64) bool {
	return id != 0 && slices.ContainsFunc(e.Accounts, func(a Account) bool { return a.ID == id })
}

// label reports an exempting one. GitHub compares labels without case.
func (e Exceptions) label(name string) bool {
	return slices.ContainsFunc(e.Labels, func(l config.Label) bool { return strings.EqualFold(string(l), name) })
}

// exemptingLabels are those of the pull request's labels that the policy lets
// through, or a window that holds it.
func (f known) exemptingLabels() []string {
	var found []string
	for _, has := range f.PR.Labels {
		ofWindow := func(h Freeze) bool { return h.Exceptions.label(has) }
		if f.Settings.Exceptions.label(has) || slices.ContainsFunc(f.mayHold(), ofWindow) {
			found = append(found, has)
		}
	}
	return found
}
