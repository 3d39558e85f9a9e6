package gate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Gate is a check on pull requests. F is what it knows of one.
type Gate[F any] struct {
	Name  string // of its section of the policy, which says its mode, and of its own keys
	Check string // of the check run: "slipway/freeze"
	Needs []facts.Need
	// Read reads what the judgement rests on, of an open pull request with the fields
	// that are declared. It isn't asked where no policy can be read.
	Read func(l *facts.Look, pr github.PullRequest) (F, error)
	// Judge is pure: same facts, same verdict.
	Judge func(F) Verdict
	// NotKnown judges by what was read before a fact that isn't known and holds; nil is
	// that this blocks. When to look again, and the cause for the log, the kit adds.
	NotKnown func(F, *facts.NotKnown) Verdict

	// Asked reports whether the policy asks for the check in a repository; nil is always.
	Asked func(l *facts.Look) (bool, error)
	// Concerns reports whether pull requests against a branch are judged; nil is those
	// of governed branches.
	Concerns func(l *facts.Look, base release.Branch) (bool, error)
	// Settled says what holds for a merge queue's group whatever is in it, nil if that
	// depends on it; nil is that it depends.
	Settled func(l *facts.Look, branch release.Branch) (*effect.Verdict, error)
	// Group says what holds for a group by what is said of its members, where that
	// takes facts; nil is that each of them has to pass. complete is false when some can't be told.
	Group func(l *facts.Look, branch release.Branch, members []Member, complete bool) (effect.Verdict, error)

	// Proposals says that what Slipway itself proposes gets past it as the policy says, whatever it
	// says of others. A gate that judges just that, such as of trigger files, doesn't.
	Proposals bool

	// Costly says that a judgement costs more than requests that are remembered: the others' checks
	// don't wait for it, and the preview of a policy, which is about many, goes without.
	Costly bool
	// Foresee reads in the place of Read, for the preview of a policy, what costs no more than that.
	Foresee func(l *facts.Look, pr github.PullRequest) (F, error)

	Texts Texts
}

// Verdict is what a gate says of a pull request.
type Verdict struct {
	effect.Verdict
	Reason      string              // for the log; "" is the title
	RequeueAt   time.Time           // when to look again without an event; zero for never
	Annotations []effect.Annotation // at lines of its files
	Effects     []effect.Effect     // beside the check
	Stale       []string            // facts that follow from what it says, by their ids
	Firm        bool                // nothing that Slipway proposes gets past it, since somebody objects
	IfPresent   bool                // it only brings up to date what was reported before
}

// Texts are what a gate says where it doesn't judge. What is left out, the kit says.
type Texts struct {
	Broken func(config.Loaded) effect.Verdict // no policy can be read
	Freed  func(release.Branch) effect.Verdict
	Spared func(release.Branch) effect.Verdict // governed, and not judged; nil is Freed
	Off    func(config.Loaded) effect.Verdict  // the policy doesn't ask for it any more
}

// Member is a pull request of a merge queue's group, with what is said of it.
type Member struct {
	PR github.PullRequest
	Verdict
}

func (t Texts) withDefaults() Texts {
	if t.Broken == nil {
		t.Broken = broken
	}
	if t.Freed == nil {
		t.Freed = freed
	}
	if t.Off == nil {
		t.Off = off
	}
	return t
}

func broken(p config.Loaded) effect.Verdict {
	return effect.Verdict{State: effect.Block, Title: "The policy can't be read", Detail: fmt.Sprintf(
		"[The policy](%s) has faults, and no earlier version is good, so this check lets nothing through.\n\n"+
			"**Next step:** merge a change that mends the file; this check then runs again by itself.", p.URL)}
}

func notKnown(n *facts.NotKnown) Verdict {
	what, next, _ := n.Told()
	return Verdict{Verdict: effect.Verdict{State: effect.Block, Title: "Not all can be found out",
		Detail: fmt.Sprintf("%s, so this check lets nothing through.\n\n**Next step:** %s.", what, next)}}
}

func freed(b release.Branch) effect.Verdict {
	return effect.Verdict{State: effect.Neutral, Title: string(b) + " is not governed", Detail: fmt.Sprintf(
		"Nothing is asked of pull requests against %s. What this check said before no longer holds.", effect.Code(string(b)))}
}

func off(p config.Loaded) effect.Verdict {
	return effect.Verdict{State: effect.Neutral, Title: "The policy doesn't ask for this any more", Detail: fmt.Sprintf(
		"[The policy](%s) doesn't ask for this check any more. What it said before was about the time when it did.", p.URL)}
}

// Stale adds to a text that the policy in force is not the newest.
func Stale(p config.Loaded, text string) string {
	if p.Fault == nil || p.Policy == nil {
		return text
	}
	return fmt.Sprintf("%s\n\n**The newest [policy](%s) has faults**, so [the last good one](%s) stays in force until they are mended:\n\n%s",
		text, p.URL, p.GoodURL, Faults(p))
}

// maxFault is how much of a fault is shown, in characters.
const maxFault = 300

// Faults lists what is wrong with the newest policy.
func Faults(p config.Loaded) string {
	var faults config.Faults
	if !errors.As(p.Fault, &faults) {
		return "- " + effect.Inert(p.Fault.Error(), maxFault) + "\n"
	}
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "- %s\n", effect.Inert(f.String(), maxFault))
	}
	return b.String()
}

// maxTitle is how much of a member's title a group's text shows, in characters.
const maxTitle = 200

func group(members []Member, complete bool) effect.Verdict {
	var b strings.Builder
	held := 0
	for _, m := range members {
		if m.State != effect.Pass && m.State != effect.Neutral {
			held++
		}
		fmt.Fprintf(&b, "- #%d: %s\n", m.PR.Number, effect.Inert(m.Title, maxTitle))
	}
	switch {
	case held > 0:
		return effect.Verdict{State: effect.Block, Title: fmt.Sprintf("Pull requests of the group that may not merge: %d", held),
			Detail: b.String() + "\n**Next step:** see the check of each on its own page.\n"}
	case !complete || len(members) == 0:
		return effect.Verdict{State: effect.Block, Title: "Not all of the group can be told", Detail: b.String() +
			"\nGitHub doesn't say which pull requests this group is made of, as with a queue that rebases. **Next step:** merge them one by one.\n"}
	}
	return effect.Verdict{State: effect.Pass, Title: "Each pull request of the group may merge", Detail: b.String()}
}
