package replay

import (
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// Check is what one check said of a pull request.
type Check struct {
	Name       string
	Conclusion string
	Title      string
	Failed     []Rule   `json:",omitempty"` // what it asks for and doesn't have
	Warned     []string `json:",omitempty"`
}

// Holds says whether it holds a merge back.
func (c Check) Holds() bool {
	return c.Conclusion != "success" && c.Conclusion != "neutral" && c.Conclusion != "skipped"
}

// Rule is a line of a check that isn't met.
type Rule struct{ Name, Text string }

// ReadCheck reads what a check says to people: rules stand in a table, findings in a list, most with a mark.
func ReadCheck(name, conclusion, title, text string) Check {
	c := Check{Name: name, Conclusion: conclusion, Title: title}
	var items []Rule // of the first list
	ended := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if cells := strings.Split(line, " | "); len(cells) >= 3 && strings.HasPrefix(line, "| ") && cells[1] == "❌" {
			c.Failed = append(c.Failed, Rule{strings.TrimPrefix(cells[0], "| "), strings.TrimSuffix(strings.Join(cells[2:], " | "), " |")})
		} else if text, found := strings.CutPrefix(line, "- ❌ "); found {
			c.Failed = append(c.Failed, Rule{Text: text})
		} else if text, found := strings.CutPrefix(line, "- ⚠️ "); found {
			c.Warned = append(c.Warned, text)
		} else if text, found := strings.CutPrefix(line, "- "); found {
			if !ended {
				items = append(items, Rule{Text: text})
			}
		} else {
			ended = len(items) > 0
		}
	}
	if c.Holds() && len(c.Failed) == 0 {
		c.Failed = items[:min(len(items), maxItems)] // what is wrong without a mark
	}
	return c
}

const maxItems = 5

// Who had to be asked before a pull request might merge, from nobody on. Each includes those before.
const (
	Nobody  = "nobody"
	Manager = "a release manager"
	Second  = "a second release manager"
	Experts = "the experts"
	Held    = "held" // and still it might not
)

// Outcome is what the program said of a change that was really merged.
type Outcome struct {
	Event
	Asked    string    // whom it took
	Opened   []Check   // before anybody had approved
	Final    []Check   // when it was merged, with every approval that it may have
	Origin   Origin    // from history alone
	Doubled  []string  `json:",omitempty"` // what the program said twice
	Requests Requests  // that the program made meanwhile
	Played   time.Time // by the replay's clock
}

// Origin is where a change comes from, as `slipway provenance` says it.
type Origin struct {
	Verdict provenance.Verdict
	Commits []string      `json:",omitempty"` // its sources
	Waited  time.Duration // from when its last source was merged
}

// Requests are counts of requests to GitHub.
type Requests struct{ Reads, Unchanged, Writes, Git int }

// Plus is the sum.
func (r Requests) Plus(o Requests) Requests {
	return Requests{r.Reads + o.Reads, r.Unchanged + o.Unchanged, r.Writes + o.Writes, r.Git + o.Git}
}

// The rules of the check of release branches that no clone can tell whether they were met: descriptions, labels and approvals aren't in it.
const (
	Issue         = "Issue"
	IssueOrNote   = "Issue or release note"
	Note          = "Release note"
	Justification = "Justification"
	Blocker       = "Release blocker"
)

// Asks says whether the program asked for something by a rule, when the pull request was opened.
func (o Outcome) Asks(rule string) bool {
	for _, c := range o.Opened {
		for _, r := range c.Failed {
			if r.Name == rule || rule == Issue && r.Name == IssueOrNote {
				return true
			}
		}
	}
	return false
}
