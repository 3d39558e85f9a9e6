package schema_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/schema"
)

// Mode is how strictly something is done.
type Mode string

// Values implements config.Choice.
func (Mode) Values() []string { return []string{"strict", "lenient"} }

// Span is from one instant to another; windows have its keys.
type Span struct {
	// When it begins.
	Start config.Instant `yaml:"start" required:"yes" example:"2026-08-19 17:00"`
	// When it ends. It never does without.
	End *config.Instant `yaml:"end" example:"2026-08-26 17:00"`
}

// Window is one window.
type Window struct {
	Span `yaml:",inline"`
	// Which branches it is for; all governed ones without.
	Branches []config.BranchPattern `yaml:"branches" max:"20"`
	// The zone of its times.
	Zone config.Zone `yaml:"zone"`
	// Why, for people.
	Reason string `yaml:"reason" required:"yes" max:"30" example:"the release is being cut"`
	// How strict it is.
	Mode Mode `yaml:"mode"`
}

// SetDefaults is what a window is without more.
func (w *Window) SetDefaults() { w.Mode = "strict" }

// Limits are a group of their own.
type Limits struct {
	// At most so many.
	Max int `yaml:"max" min:"1" max:"9"`
	// A share of the whole.
	Share float64 `yaml:"share" example:"0.5"`
	// Of package time.
	Grace time.Duration `yaml:"grace"`
}

// Rich is a section with all that a section may have.
//
// It has a second paragraph.
type Rich struct {
	// Windows, in any order.
	Windows []Window `yaml:"windows"`
	// Numeric ids of accounts.
	Accounts []int64 `yaml:"accounts" example:"[49699333]"`
	// For how long each label counts.
	Labels map[config.Label]config.Duration `yaml:"labels"`
	// Windows with names.
	Named map[string]Window    `yaml:"named"`
	Paths []config.PathPattern `yaml:"paths"` // which paths are let through
	// Who may.
	Teams []config.TeamSlug `yaml:"teams" required:"yes"`
	// Limits of it all.
	Limits *Limits `yaml:"limits"`
	// Whether it is on.
	On bool `yaml:"enabled"`
	// For experts, not in the examples.
	Hidden string `yaml:"hidden" example:"-"`
}

// SetDefaults implements the defaults of a section.
func (r *Rich) SetDefaults() {
	r.Paths = []config.PathPattern{"docs/**", "*.md"}
}

// SetDefaults implements the defaults of a group.
func (l *Limits) SetDefaults() { l.Max = 3; l.Grace = 90 * time.Second }

// Validate implements config.Validator.
func (r Rich) Validate() error { return nil }

var root = filepath.Join("..", "..")

func rich() ([]config.SectionType, config.Shape, *schema.Comments) {
	sections := []config.SectionType{config.Declare[Rich]("rich")}
	return sections, config.DescribePolicy(sections...), schema.NewComments(root, "github.com/istio-ecosystem/slipway")
}

func TestRich(t *testing.T) {
	sections, top, comments := rich()
	text, err := schema.Policy(top, nil, comments)
	if err != nil {
		t.Fatal(err)
	}
	zones := `"` + strings.Join(config.Zones(), "\",\n        \"") + `"`
	golden.Check(t, "rich.schema.json", strings.Replace(string(text), zones, `"[the zones]"`, 1))
	pages, err := schema.Pages(sections, comments, nil)
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "rich.md", pages["policy/rich.md"])
	golden.Check(t, "rich-index.md", pages["policy.md"])
}

// TestRichAgrees holds schema and decoder to each other over a section that has
// everything.
func TestRichAgrees(t *testing.T) {
	sections, top, comments := rich()
	text, err := schema.Policy(top, nil, comments)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("x.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("x.json")
	if err != nil {
		t.Fatal(err)
	}
	whole, missing := schema.Whole(top, nil)
	if len(missing) > 0 {
		t.Errorf("no examples of %v", missing)
	}
	const ok = "branches: [a]\nrich:\n  teams: [a]\n  "
	for _, tt := range []struct {
		name, text string
		good       bool
	}{
		{"whole", whole, true},
		{"small", ok, true},
		{"window", ok + "windows: [{start: 2026-08-19 17:00, reason: x}]", true},
		{"zone", ok + "windows: [{start: 2026-08-19 17:00, reason: x, zone: UTC}]", true},
		{"number", ok + "limits: {share: 1, max: 9}", true},
		{"switch", ok + "enabled: false", true},

		{"required in a section", "branches: [a]\nrich: {}", false},
		{"required is empty", "branches: [a]\nrich: {teams: []}", false},
		{"required in a list", ok + "windows: [{reason: x}]", false},
		{"required text is empty", ok + "windows: [{start: 2026-08-19 17:00, reason: \"\"}]", false},
		{"text too long", ok + "windows: [{start: 2026-08-19 17:00, reason: 0123456789 0123456789 0123456789}]", false},
		{"no time", ok + "windows: [{start: 2026-08-19, reason: x}]", false},
		{"month", ok + "windows: [{start: 2026-13-19 17:00, reason: x}]", false},
		{"choice", ok + "windows: [{start: 2026-08-19 17:00, reason: x, mode: strikt}]", false},
		{"zone's name", ok + "windows: [{start: 2026-08-19 17:00, reason: x, zone: Berlin}]", false},
		{"login for an id", ok + "accounts: [dependabot]", false},
		{"id in quotes", ok + "accounts: [\"7\"]", false},
		{"label's name", ok + "labels: {\"a,b\": 7d}", false},
		{"duration", ok + "labels: {a: 7}", false},
		{"duration's unit", ok + "labels: {a: 7w}", false},
		{"named", ok + "named: {a: {start: 2026-08-19 17:00}}", false},
		{"path", ok + "paths: [/docs]", false},
		{"folder", ok + "paths: [docs/]", false},
		{"exception", ok + "paths: [\"!docs\"]", false},
		{"backslash", ok + "paths: ['docs\\*']", false},
		{"minimum", ok + "limits: {max: 0}", false},
		{"maximum", ok + "limits: {max: 10}", false},
		{"fraction", ok + "limits: {max: 1.5}", false},
		{"text for a number", ok + "limits: {share: half}", false},
		{"number for a duration", ok + "limits: {grace: 5}", false},
		{"text for a switch", ok + "enabled: \"yes\"", false},
		{"unknown in a list", ok + "windows: [{start: 2026-08-19 17:00, reason: x, until: y}]", false},
		{"null list", ok + "windows:", false},
		{"null in a list", ok + "windows: [null]", false},
	} {
		_, err := config.ParsePolicy("x", []byte(tt.text), sections...)
		asJSON, jsonErr := yaml.YAMLToJSON([]byte(tt.text))
		if jsonErr != nil {
			t.Fatalf("%s: %v", tt.name, jsonErr)
		}
		v, jsonErr := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
		if jsonErr != nil {
			t.Fatalf("%s: %v", tt.name, jsonErr)
		}
		if verdict := compiled.Validate(v); (verdict == nil) != tt.good || (err == nil) != tt.good {
			t.Errorf("%s: the schema says %v, the decoder says %v\n%s", tt.name, verdict, err, asJSON)
		}
	}
}

// bare has a key that says nothing about itself.
type bare struct {
	Silent string `yaml:"silent"`
}

func (bare) Validate() error { return errors.New("never right") }

func TestKeysWithoutCommentsAreRefused(t *testing.T) {
	_, _, comments := rich()
	sections := []config.SectionType{config.Declare[bare]("bare")}
	top := config.DescribePolicy(sections...)
	if _, err := schema.Policy(top, nil, comments); err == nil || !strings.Contains(err.Error(), "bare.Silent has no comment") {
		t.Errorf("%v", err)
	}
	if _, err := schema.Pages(sections, comments, nil); err == nil || !strings.Contains(err.Error(), "give their fields a tag example: bare.silent") {
		t.Errorf("%v", err)
	}
	if _, err := comments.Field(reflect.TypeFor[struct{ A int }](), "A"); err == nil || !strings.Contains(err.Error(), "has no name") {
		t.Errorf("%v", err)
	}
}

// TestWorkedExamplesAreHeldToSlipway: a section without an example that works has no page.
func TestWorkedExamplesAreHeldToSlipway(t *testing.T) {
	sections, _, _ := rich()
	const good = "What it is for.\n\n```yaml\nbranches: [a]\nrich: {teams: [b]}\n```\n"
	for name, tc := range map[string]struct{ text, want string }{
		"none":                   {"", "each section has a worked example"},
		"no policy":              {"What it is for.\n\nA story.\n", "has no policy"},
		"a policy with a fault":  {"What it is for.\n\n```yaml\nbranches: [a]\nrich: {}\n```\n", "no good policy with the section rich"},
		"without the section":    {"What it is for.\n\n```yaml\nbranches: [a]\n```\n", "no good policy with the section rich"},
		"a mistake that is none": {good + "\n## Mistakes\n\n```yaml\nrich: {teams: [b]}\n```\n", "nothing is wrong with a mistake"},
		"a mistake elsewhere":    {good + "\n## Mistakes\n\n```yaml\nrich: {teams: [b]}\ntimezone: Mars\n```\n", `of no key of the section ("timezone")`},
	} {
		dir := t.TempDir()
		here := filepath.Join(dir, "internal", "schema")
		source, err := os.ReadFile("schema_test.go")
		if err == nil {
			err = os.MkdirAll(filepath.Join(here, "testdata"), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(here, "schema_test.go"), source, 0o644)
		}
		if err == nil && tc.text != "" {
			err = os.WriteFile(filepath.Join(here, "testdata", "example.md"), []byte(tc.text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err = schema.Pages(sections, schema.NewComments(dir, "github.com/istio-ecosystem/slipway"), nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
