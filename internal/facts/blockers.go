package facts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// PickStanding is how far a pick onto a branch has come, as far as it was asked of us.
type PickStanding struct {
	// There says that the branch holds the change, or that the policy leaves all of it out.
	There bool
	// Asked says that somebody asks for it; Conflict, that it waits for somebody to resolve one.
	Asked, Conflict bool
	// Number is the pull request, or of a conflict the issue, by which it comes; 0 for none yet.
	Number int
}

// PickState is how far the pick of a pull request onto a branch has come.
var PickState = Fact[PickOnto, PickStanding]{
	Name: "pick's standing", Fresh: EachLook, Unknown: Retry, Told: true, From: []Need{Policy},
	Read: func(l *Look, p PickOnto) (PickStanding, error) { return l.from.Owned.PickState(l, p) },
}

// BlockerList is what holds a release back.
type BlockerList struct {
	// Unknown says that they couldn't be counted: All is no answer then. Why says why, as a
	// phrase; "" for no more than that.
	Unknown bool
	Why     string
	Branch  release.Branch // of the release
	All     []Blocker
	Freed   []Freed
}

// Blocker is an issue, or a pull request, that the policy says holds a release back.
type Blocker struct {
	Repo   github.Repo
	Number int
	Title  string // as somebody wrote it
	URL    string // for people
	Open   bool
	// Here says that it is of the repository of the tracking issue, and Hidden that this one is more
	// private than where it is told of.
	Here, Hidden bool
	Off          *TakenOff // nil: it has its label and its milestone
	// Fixes are merged, and not on the release's branch yet. Unclear says why nobody can tell
	// whether there are some, as a phrase.
	Fixes   []MissingFix
	Unclear string
}

// TakenOff is how an issue ceased to look like a blocker by the doing of somebody who doesn't
// manage the release.
type TakenOff struct {
	Event int64       // of GitHub's; negative where there is none
	Who   github.User // zero: nobody is known
	How   string      // what that one did, as a phrase in Markdown: "took its label off"
	// Unsure says that it is unknown whether that one manages the release.
	Unsure bool
}

// MissingFix is a pull request that fixes a blocker and isn't on the branch that it has to be on.
type MissingFix struct {
	github.Fix
	// Onto is that branch: the release's, or before the cut the one that changes are picked from.
	Onto release.Branch
	// Astray says that it is on another branch than these alone.
	Astray bool
	Pick   PickStanding
}

// Freed is a release manager's word that something holds a release back no more.
type Freed struct {
	Repo   string    `json:"repo,omitempty"` // its name; "": that of the tracking issue
	Number int       `json:"n"`
	By     string    `json:"by"`
	ByID   int64     `json:"by_id"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	// Until is the first version that it holds back again; "" for none.
	Until string `json:"until,omitempty"`
}

// Is reports whether the word is about a blocker.
func (f Freed) Is(b Blocker) bool {
	return f.Number == b.Number && (f.Repo == "" && b.Here || strings.EqualFold(f.Repo, b.Repo.Name))
}

// Covers reports whether the word is about a version. One that can't be read is about none.
func (f Freed) Covers(v release.Version) bool {
	until, err := v.Scheme.Recorded(f.Until)
	return f.Until == "" || err == nil && v.Compare(until) < 0
}

// Name is how people name on the tracking issue what the word is about.
func (f Freed) Name() string { return fmt.Sprintf("%s#%d", f.Repo, f.Number) }

// Line says whose word it is, in Markdown without a full stop.
func (f Freed) Line() string {
	text := f.Name() + " by " + effect.Code(f.By)
	if f.Until != "" {
		text += " before " + effect.Code(f.Until)
	}
	return text + ": " + effect.Inert(f.Reason, maxRefused)
}

// Blocking are those that hold a version back.
func (b BlockerList) Blocking(v release.Version) (list []Blocker) {
	return slices.DeleteFunc(slices.Clone(b.All), func(one Blocker) bool {
		return slices.ContainsFunc(b.Freed, func(f Freed) bool { return f.Is(one) && f.Covers(v) })
	})
}

// Spared are the words by which something doesn't hold a version back.
func (b BlockerList) Spared(v release.Version) (list []Freed) {
	return slices.DeleteFunc(slices.Clone(b.Freed), func(f Freed) bool { return !f.Covers(v) })
}

// Says tells what blocks a version, as a sentence without its full stop; "" if nothing does. of
// says of what they are: " of 1.31.0", or "".
func (b BlockerList) Says(v release.Version, of string) string {
	open, closed := 0, 0
	for _, one := range b.Blocking(v) {
		if one.Open {
			open++
		} else {
			closed++
		}
	}
	var parts []string
	if open > 0 {
		parts = append(parts, effect.Count(open, "blocker"+of+" is", "blockers"+of+" are")+" open")
	}
	if closed > 0 {
		parts = append(parts, fmt.Sprintf("the fix of %s%s isn't known to be on %s", effect.Count(closed, "blocker", "blockers"), of, b.Branch))
	}
	return strings.Join(parts, ", and ")
}

// maxBlockerTitle is how much of a title is shown, in characters.
const maxBlockerTitle = 100

// Name is how people name it on the tracking issue.
func (b Blocker) Name() string {
	if b.Here {
		return fmt.Sprintf("#%d", b.Number)
	}
	return fmt.Sprintf("%s#%d", b.Repo, b.Number)
}

// Line names a blocker and says what is left to do, in Markdown without a full stop, for
// whatever repository.
func (b Blocker) Line() string {
	if b.Hidden {
		return "one that isn't shown here, since its repository is more private"
	}
	return fmt.Sprintf("[%s](%s)", b.Name(), b.URL) + b.left()
}

// AtHome is the same for the tracking issue, where numbers are links by themselves.
func (b Blocker) AtHome() string { return b.Name() + b.left() }

func (b Blocker) left() string {
	text := " " + effect.Inert(b.Title, maxBlockerTitle)
	if b.Off != nil {
		text += ": " + b.Off.told() + ", so it still counts"
	}
	if b.Unclear != "" {
		text += ": it is closed, and " + b.Unclear
	}
	for _, f := range b.Fixes {
		where := "isn't on " + effect.Code(string(f.Onto)) + " yet"
		if f.Astray {
			where = "is only on " + effect.Code(string(f.Base))
		}
		text += fmt.Sprintf(": fixed by [%s](%s), which %s; %s", numbered(b.Repo, f.Repo, f.Number), f.URL, where, f.lacks(b.Repo))
	}
	return text
}

// numbered names a pull request, one of another repository in full.
func numbered(here, in github.Repo, n int) string {
	if same(here, in) {
		return fmt.Sprintf("#%d", n)
	}
	return fmt.Sprintf("%s#%d", in, n)
}

// lacks says what is missing until a fix is where it has to be, as a phrase in Markdown.
func (f MissingFix) lacks(here github.Repo) string {
	pick := numbered(here, f.Repo, f.Pick.Number)
	if f.URL != "" {
		pick = fmt.Sprintf("[%s](%s/%d)", pick, f.URL[:strings.LastIndexByte(f.URL, '/')], f.Pick.Number) // GitHub leads from a pull request's address to an issue's
	}
	switch p := f.Pick; {
	case p.Conflict && p.Number != 0:
		return "its pick has a conflict, see " + pick
	case p.Number != 0:
		return "its pick " + pick + " is open"
	case p.Asked:
		return "its pick is asked for, and not open yet"
	}
	return fmt.Sprintf("no pick of it is asked for: comment %s there", effect.Code("/cherry-pick "+string(f.Onto)))
}

// told says who took it off, as a phrase in Markdown.
func (o TakenOff) told() string {
	switch {
	case o.Who.Login == "":
		return o.How
	case o.Unsure:
		return effect.Code(o.Who.Login) + " " + o.How + ", and whether they manage the release is unknown"
	}
	return effect.Code(o.Who.Login) + " " + o.How + ", and doesn't manage the release"
}
