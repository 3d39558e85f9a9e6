package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// freezeSection is a section as a handler would declare it.
type freezeSection struct {
	Label   string        `yaml:"label"`
	Grace   time.Duration `yaml:"grace"`
	Strict  bool          `yaml:"strict"`
	Max     int           `yaml:"max"`
	Windows []struct {
		Branches []string `yaml:"branches"`
		Start    string   `yaml:"start"`
	} `yaml:"windows"`
	Limits map[string]int `yaml:"limits"`
}

func (s *freezeSection) SetDefaults() { s.Label = "code-freeze" }

func (s freezeSection) Validate() error {
	var faults []error
	if s.Label == "" {
		faults = append(faults, config.At("label", errors.New("is empty")))
	}
	for i, w := range s.Windows {
		if w.Start == "" {
			faults = append(faults, config.At(fmt.Sprintf("windows[%d].start", i), errors.New("is missing")))
		}
	}
	if s.Max < 0 {
		faults = append(faults, errors.New("max and grace don't go together"))
	}
	return errors.Join(faults...)
}

func parse(text string) (*config.Policy, error) {
	return config.ParsePolicy("o/r:.github/slipway.yml", []byte(text), config.Declare[freezeSection]("freeze"), config.Declare[rich]("rich"))
}

func TestPolicyFaults(t *testing.T) {
	const ok = "branches: [\"release-*\"]\n"
	tests := []struct{ name, text, want string }{
		{"empty", "", "line 1, column 1: the file is empty: want at least branches"},
		{"only comments", "# nothing\n", "line 1, column 1: the file is empty: want at least branches"},
		{"a text", "hello", "line 1, column 1: the file: want a group of keys, found a text"},
		{"a list", "- a\n- b\n", "line 1, column 1: the file: want a group of keys, found a list"},
		{"no branches", "release_managers: [a]\n", `line 1, column 1: branches: is missing or empty: want patterns of the governed branches, like ["release-*"]`},
		{"null branches", "branches:\n", "line 1, column 1: branches: want a list, found nothing"},
		{"typo", ok + "freze:\n  label: x\n", `line 2, column 1: unknown key "freze"; did you mean "freeze"?`},
		{"nothing near", ok + "windows: 1\n", `line 2, column 1: unknown key "windows"; known are branches, extends, fails_by_design, freeze, proposals, release_managers, repositories, rich, timezone`},
		{"typo in a section", ok + "freeze:\n  lable: x\n", `line 3, column 3: unknown key "freeze.lable"; did you mean "label"?`},
		{"number for text", "branches: [1.30]\n", `line 1, column 12: branches[0]: want a text, found a number; put it in quotes: "1.30"`},
		{"text for list", "branches: release-*\n", "line 1, column 11: branches: want a list, found a text"},
		{"bad pattern", "branches: [\"release-[\", ok]\n", `line 1, column 12: branches[0]: "release-[" is not a pattern: want one as in path.Match, like "release-*" or "release-1.[23]?"`},
		{"full ref", "branches: [refs/heads/main]\n", `line 1, column 12: branches[0]: "refs/heads/main": give the branch's short name, without refs/heads/`},
		{"org/slug", ok + "release_managers: [istio/rm]\n", `line 2, column 20: release_managers[0]: "istio/rm": give the team's slug alone; it is a team of the organisation that owns the repository`},
		{"display name", ok + "release_managers:\n  - \"Release Managers\"\n", `line 3, column 5: release_managers[0]: "Release Managers" is not a team's slug: want it as in the team's address, like "release-managers-{major}-{minor}"`},
		{"placeholder", ok + "release_managers: [\"rm-{mayor}\"]\n", `line 2, column 20: release_managers[0]: "rm-{mayor}": unknown placeholder "{mayor}"; did you mean "{major}"?`},
		{"twice", ok + ok, "line 2, column 1: not valid YAML: mapping key \"branches\" already defined at [1:1]"},
		{"bool", ok + "freeze:\n  strict: maybe\n", "line 3, column 11: freeze.strict: want true or false, found a text"},
		{"duration", ok + "freeze: {grace: 3 days}\n", `line 2, column 17: freeze.grace: want a duration like 30s or 24h, found "3 days"`},
		{"int", ok + "freeze: {max: 99999999999999999999}\n", `line 2, column 15: freeze.max: want a whole number, found "99999999999999999999"`},
		{"section is a list", ok + "freeze: []\n", "line 2, column 1: freeze: want a group of keys, found a list"},
		{"own checks", ok + "freeze:\n  label: \"\"\n  windows:\n    - branches: [a]\n  max: -1\n",
			"line 2, column 1: freeze: max and grace don't go together; line 3, column 10: freeze.label: is empty; line 5, column 7: freeze.windows[0].start: is missing"},
		{"own checks keep quiet about what was not read", ok + "freeze:\n  label: 7\n", `line 3, column 10: freeze.label: want a text, found a number; put it in quotes: "7"`},
		{"two documents", ok + "---\n" + ok, "line 3, column 1: a second YAML document starts here; the file is to be one"},
		{"tag", "branches: !!binary aaaa\n", "line 1, column 11: a YAML tag (!) is not allowed here"},
		{"merge key", "a: &a {}\n<<: *a\n", "line 2, column 1: the merge key << is not allowed here"},
		{"unknown alias", "branches: *nowhere\n", "line 1, column 1: branches is an alias of something that is not there"},
		{"alias of itself", "branches: &a [*a]\n", "line 1, column 15: branches[0]: want a pattern like \"release-*\", found a list"},
		{"tab", "branches:\n\t- a\n", "line 2, column 1: not valid YAML: "},
		{"not UTF-8", "branches: [\xff]\n", "line 1, column 1: the file is not UTF-8"},
		{"all at once", "brunches: [a]\nbranches: [\"[\"]\nrelease_managers: 5\nfreeze: {label: []}\n",
			`line 1, column 1: unknown key "brunches"; did you mean "branches"?; line 2, column 12: branches[0]: "["`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(tt.text)
			var faults config.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error is %v, want Faults", err)
			}
			if !strings.HasPrefix(faults.Error(), tt.want) {
				t.Errorf("got  %s\nwant %s", faults.Error(), tt.want)
			}
			if !strings.HasPrefix(err.Error(), "policy o/r:.github/slipway.yml: line ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is not one line that names the file: %q", err.Error())
			}
		})
	}
}

// bombs are texts whose size, depth or expansion is the attack.
func bombs() map[string]string {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9)+fmt.Sprintf("*%c", c-1))
	}
	manyKeys := strings.Builder{}
	for i := range 30_000 {
		fmt.Fprintf(&manyKeys, "k%d: v\n", i)
	}
	rest := func(item string) string { return "branches:\n" + strings.Repeat(item, 9_000) }
	return map[string]string{
		"bad patterns":    rest("- a b\n"),
		"bad zones":       "rich:\n  windows:\n" + strings.Repeat("  - {zone: Europe/Berln}\n", 2_500),
		"bad times":       "timezone: Europe/Berlin\nrich:\n  dates:\n" + manyDates(2_500),
		"bad keys":        "rich:\n  labels:\n" + strings.Repeat("    a,b: 7d\n", 1) + manyDates(2_500),
		"comments":        strings.Repeat("#\n", 125_000),
		"one long text":   "branches: [" + strings.Repeat("a", 250_000) + "]",
		"size":            "# " + strings.Repeat("x", 256<<10),
		"laughs":          laughs + "branches: *j\n",
		"laughs in place": laughs,
		"flow lists":      strings.Repeat("[", 100_000),
		"flow maps":       strings.Repeat("{a: ", 60_000),
		"block lists":     strings.Repeat("- ", 100_000) + "a",
		"keys":            strings.Repeat("? ", 100_000) + "a",
		"anchors":         strings.Repeat("&a ", 80_000) + "a",
		"tags":            strings.Repeat("! ", 100_000) + "a",
		"many keys":       manyKeys.String(),
		"quotes":          strings.Repeat("'", 250_000),
		"long list":       "branches:\n" + strings.Repeat("- a\n", 60_000),
		"indent": func() string {
			var b strings.Builder
			for i := range 700 {
				b.WriteString(strings.Repeat(" ", i) + "k:\n")
			}
			return b.String()
		}(),
	}
}

// manyDates are local times that don't exist.
func manyDates(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    d%d: 2026-03-29 02:30\n", i)
	}
	return b.String()
}

// TestPolicyCaps: what fits a cap exactly is read, one more is not.
func TestPolicyCaps(t *testing.T) {
	const head = "branches: [a]\n"
	aliases := func(n int) string {
		return "branches: &b [a]\nrich:\n  windows:\n" + strings.Repeat("  - {start: 2026-01-01 00:00, branches: *b}\n", n)
	}
	deep := func(n int) string {
		return head + "rich: " + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "\n"
	}
	block := func(n int) string { return "- " + strings.Repeat("- ", n-1) + "a\n" }
	size := func(n int) string { return head + strings.Repeat("#", n-len(head)) }
	for _, tt := range []struct{ name, text, want string }{
		{"size fits", size(256 << 10), ""},
		{"size", size(256<<10 + 1), "line 1, column 1: the file is larger than 256 KiB"},
		{"aliases fit", aliases(100), ""},
		{"aliases", aliases(101), "line 104, column 41: more than 100 aliases"},
		{"flow fits", deep(32), "line 2, column 1: rich: want a group of keys, found a list"},
		{"flow", deep(34), "line 2, column 39: nested more than 32 deep"},
		{"blocks fit", block(32), "line 1, column 1: the file: want a group of keys, found a list"},
		{"blocks", block(33), "line 1, column 65: nested more than 32 deep"},
		{"values fit", "branches: [" + strings.Repeat("a,", 200) + "]\n", ""},
		{"values", "branches: [" + strings.Repeat("a,", 201) + "]\n", "line 1, column 1: branches: has 201 entries: want at most 200 entries"},
		{"tokens", head + "release_managers: [" + strings.Repeat("a,", 10_000) + "]\n", "line 2, column 20012: the file holds too much; it is not read any further"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(tt.text)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "policy o/r:.github/slipway.yml: "+tt.want)) {
				t.Errorf("got  %.300v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestPolicyBombs(t *testing.T) {
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := parse(text)
			var faults config.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error is %v, want Faults", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
			if len(faults) > 51 || len(err.Error()) > 20_000 {
				t.Errorf("%d faults in %d bytes", len(faults), len(err.Error()))
			}
		})
	}
}

func TestPolicyRead(t *testing.T) {
	p, err := parse(`
branches: &b ["release-*", main]
release_managers: ["rm-{major}-{minor}", everyone]
freeze:
  grace: 36h
  windows:
    - branches: *b
      start: "2026-01-02"
  limits: {a: 1}
`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[freezeSection](p, "freeze")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{s.Label, s.Grace, s.Windows[0].Branches, s.Limits,
		p.Governs("release-1.30"), p.Governs("main"), p.Governs("master"), p.Governs("release-1/30"),
		p.ManagerTeams("release-1.30"), p.ManagerTeams("main")}
	want := []any{"code-freeze", 36 * time.Hour, []string{"release-*", "main"}, map[string]int{"a": 1},
		true, true, false, false,
		[]string{"rm-1-30", "everyone"}, []string{"everyone"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoPolicyGovernsNothing(t *testing.T) {
	var p *config.Policy
	if p.Governs("release-1.30") || p.ManagerTeams("release-1.30") != nil {
		t.Error("a missing policy governs something")
	}
	if _, err := config.Section[freezeSection](p, "freeze"); err == nil {
		t.Error("a missing policy has a section")
	}
}

type otherSection struct{}

func (otherSection) Validate() error { return errors.New("there is always something") }

func TestSections(t *testing.T) {
	text := []byte("branches: [a]\n")
	p, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := config.Section[freezeSection](p, "freeze"); err != nil || s.Label != "code-freeze" {
		t.Errorf("a section that is left out gives %+v, %v; want its defaults", s, err)
	}
	if _, err := config.Section[freezeSection](p, "picks"); err == nil {
		t.Error("an undeclared section was found")
	}
	if _, err := config.Section[otherSection](p, "freeze"); err == nil {
		t.Error("a section was read as another type")
	}
	freeze := config.Declare[freezeSection]("freeze")
	for _, twice := range [][]config.SectionType{{freeze, freeze}, {config.Declare[freezeSection]("branches")}} {
		var faults config.Faults
		if _, err := config.ParsePolicy("x", text, twice...); err == nil || errors.As(err, &faults) {
			t.Errorf("%s and %s: error is %v, want one about the declaration", twice[0].Name, twice[len(twice)-1].Name, err)
		}
	}
	_, err = config.ParsePolicy("x", text, config.Declare[otherSection]("other"))
	if want := "policy x: line 1, column 1: other: there is always something"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestShippedPolicies(t *testing.T) {
	for _, tt := range []struct {
		file   string
		branch release.Branch
		teams  []string
	}{
		{"minimal.yml", "release-1.30", []string{"release-managers"}},
		{"istio/slipway.yml", "release-1.30", []string{"release-managers-1-30"}},
	} {
		text, err := os.ReadFile(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := config.ParsePolicy(tt.file, text, handlers.Sections()...)
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
			continue
		}
		if !p.Governs(tt.branch) || p.Governs("master") {
			t.Errorf("%s: governs %s: %v, master: %v", tt.file, tt.branch, p.Governs(tt.branch), p.Governs("master"))
		}
		if diff := cmp.Diff(tt.teams, p.ManagerTeams(tt.branch)); diff != "" {
			t.Errorf("%s: teams: %s", tt.file, diff)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add("") // the other seeds are in testdata/fuzz
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parse(text)
		if err == nil {
			if len(p.Branches) == 0 {
				t.Error("a policy without branches was accepted")
			}
			return
		}
		var faults config.Faults
		if !errors.As(err, &faults) || len(faults) == 0 || len(faults) > 51 {
			t.Fatalf("error is %v", err)
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, fault := range faults {
			if fault.EndLine != 0 && (fault.EndLine < fault.Line || fault.EndLine == fault.Line && fault.EndColumn < fault.Column) {
				t.Errorf("fault %+v ends before it begins", fault)
			}
			if fault.Line < 1 || fault.Line > lines || fault.Column < 1 || fault.Message == "" || strings.Contains(fault.Message, "\n") {
				t.Errorf("fault %+v in a text of %d lines", fault, lines)
			}
		}
	})
}
