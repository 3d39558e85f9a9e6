package gate_test

import (
	"slices"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/golden"
)

// moodySection is a section with a check.
type moodySection struct {
	config.Enforcement `yaml:",inline"`
}

func (moodySection) Validate() error { return nil }

// TestModes: what each gate says by the mode of its section, without its knowing of it.
func TestModes(t *testing.T) {
	pulls := func(mode string) func(*testing.T) string {
		return func(t *testing.T) string {
			w := newWorld(t)
			p, err := config.ParsePolicy("x", []byte(policyText+mode), config.Declare[moodySection]("moody"))
			if err != nil {
				t.Fatal(err)
			}
			w.policy = config.Loaded{Policy: p.For(repo), URL: "https://github.com/istio/istio/blob/master/.github/slipway.yml"}
			w.moods[2] = "loud" // it has an effect beside its check
			w.reported = []github.RememberedRun{{Name: "slipway/moody", Holds: true}}
			w.members = []int{2}
			text := ""
			for _, key := range []string{"gate pr/1", "gate pr/2", "gate " + gate.Group + "/" + github.MergeGroup{Head: a, Ref: "refs/heads/gh-readonly-queue/release-1.29/pr-2-" + b}.ID()} {
				plan, err := w.plan(t, key)
				if err != nil {
					t.Fatal(err)
				}
				text += wrote(plan.Effects) + "; "
			}
			l := facts.NewLook(t.Context(), w.set().From, repo, noon)
			asked, err := w.set().Asked(l, "release-1.29")
			if err != nil {
				t.Fatal(err)
			}
			seen, err := w.set().Previews()[0].Verdicts(t.Context(), repo, w.policy, []github.PullRequest{w.pulls[2]})
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(asked, "slipway/moody") {
				text += "waited for; "
			}
			return text + "preview " + string(seen[2].State)
		}
	}
	enforced := "moody #1 pass; moody #2 block, unlabel #2; moody #0 block; waited for; preview block"
	reports := "moody #1 neutral; moody #2 neutral; moody #0 neutral; preview neutral"
	for name, tc := range map[string]struct{ policy, want string }{
		"nothing is said":                 {"", enforced},
		"it enforces":                     {"moody: {mode: enforce}\n", enforced},
		"it reports":                      {"moody: {mode: report}\n", reports},
		"it is off":                       {"moody: {mode: off}\n", "moody #1 neutral if present; moody #2 neutral if present; ; preview "},
		"on that branch alone":            {"moody: {modes: [{branches: [release-1.29], mode: report}]}\n", "moody #1 pass; moody #2 neutral; moody #0 neutral; preview neutral"},
		"everywhere but there":            {"moody: {mode: report, modes: [{branches: [release-1.29], mode: enforce}]}\n", "moody #1 neutral; moody #2 block, unlabel #2; moody #0 block; waited for; preview block"},
		"the first that fits counts":      {"moody: {modes: [{branches: [\"release-*\"], mode: report}, {branches: [release-1.29], mode: enforce}]}\n", reports},
		"in this repository":              {"repositories: {istio: {moody: report}}\n", reports},
		"in another repository":           {"repositories: {api: {moody: report}}\n", enforced},
		"in this repository all the same": {"moody: {mode: report}\nrepositories: {istio: {moody: enforce}}\n", enforced},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pulls(tc.policy)(t); got != tc.want {
				t.Errorf("got\n%s, want\n%s", got, tc.want)
			}
		})
	}
}

// TestReportTexts: the text of a check that only reports.
func TestReportTexts(t *testing.T) {
	w := newWorld(t)
	p, err := config.ParsePolicy("x", []byte(policyText+"moody: {mode: report}\n"), config.Declare[moodySection]("moody"))
	if err != nil {
		t.Fatal(err)
	}
	w.policy = config.Loaded{Policy: p, URL: "https://github.com/istio/istio/blob/master/.github/slipway.yml"}
	w.gates = []gate.One{gate.Of(w.moody())}
	for n, name := range map[int]string{1: "report-would-pass", 2: "report-would-hold-back"} {
		plan, err := w.plan(t, "gate "+gate.PullID(gate.Pull, n))
		if err != nil {
			t.Fatal(err)
		}
		v := plan.Effects[0].(effect.CheckRun).Verdict
		golden.Check(t, name+".md", v.Title+"\n\n"+v.Detail)
	}
}
