package laws

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/schema"
)

// generated compares a file of the tree with what the code makes of it. With
// -update it writes the code's.
func generated(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v); run go test ./internal/laws -update", name, err)
	}
}

// istios is what Istio's policy has at a path, to stand as the example of a key
// that has none of its own.
func istios(t *testing.T) schema.Examples {
	var policy map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "config/istio/slipway.yml")), &policy); err != nil {
		t.Fatal(err)
	}
	return func(path string) string {
		var at any = policy
		for part := range strings.SplitSeq(path, ".") {
			group, ok := at.(map[string]any)
			if !ok {
				return ""
			}
			at = group[part]
		}
		if at == nil {
			return ""
		}
		text, err := yaml.MarshalWithOptions(at, yaml.Flow(true))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
}

func described() (config.Shape, *schema.Comments) {
	return config.DescribePolicy(handlers.Sections()...), schema.NewComments(root, module)
}

func TestSchemasAndPages(t *testing.T) {
	top, comments := described()
	policy, err := schema.Policy(top, config.Beside(handlers.Sections()...), comments)
	if err != nil {
		t.Fatal(err)
	}
	generated(t, "config/slipway.schema.json", string(policy))
	settings, err := schema.Settings(config.Keys())
	if err != nil {
		t.Fatal(err)
	}
	generated(t, "config/settings.schema.json", string(settings))
	pages, err := schema.Pages(handlers.Sections(), comments, istios(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range pages {
		generated(t, "docs/"+name, text)
	}
	// A page whose section is gone would go on being read.
	files(t, func(name, _ string) {
		if rest, docs := strings.CutPrefix(name, "docs/"); docs && strings.HasPrefix(rest, "policy/") && pages[rest] == "" {
			t.Errorf("%s is of no section of the policy", name)
		}
	})
}

// compiled is a schema of the tree, ready to judge a YAML text.
func compiled(t *testing.T, name string) func(text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		asJSON, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			return err
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			return err
		}
		return s.Validate(v)
	}
}

// TestShippedFilesFitTheirSchema: and the policy with every key, which the page
// shows, is one that Slipway takes.
func TestShippedFilesFitTheirSchema(t *testing.T) {
	policy, settings := compiled(t, "config/slipway.schema.json"), compiled(t, "config/settings.schema.json")
	top, _ := described()
	whole, _ := schema.Whole(top, istios(t))
	texts := map[string]string{
		"config/minimal.yml":       read(t, "config/minimal.yml"),
		"config/istio/slipway.yml": read(t, "config/istio/slipway.yml"),
		"the policy of every key":  whole,
	}
	examples, err := filepath.Glob(filepath.Join(root, "config", "examples", "*.yml"))
	if err != nil || len(examples) < 8 {
		t.Errorf("only %d examples are looked at (%v)", len(examples), err)
	}
	for _, file := range examples {
		name := "config/examples/" + filepath.Base(file)
		texts[name] = read(t, name)
	}
	for name, text := range texts {
		faults, _ := config.CheckPolicy([]byte(text), handlers.Sections()...)
		if err := policy(text); err != nil || len(faults) > 0 {
			t.Errorf("%s: the schema says %v, Slipway says %v\n%s", name, err, faults, text)
		}
	}
	if err := settings(read(t, "config/example.settings.yml")); err != nil {
		t.Errorf("config/example.settings.yml: %v", err)
	}
}

// TestSchemaAgreesWithSlipway: what an editor marks red is a fault, and what it
// lets pass is none, but for what a schema can't know.
func TestSchemaAgreesWithSlipway(t *testing.T) {
	policy := compiled(t, "config/slipway.schema.json")
	for _, tt := range []struct {
		name, text   string
		good, beyond bool // beyond the schema: only Slipway finds it
	}{
		{"small", "branches: [main]\n", true, false},
		{"reference", "extends: istio/community\n", true, false},
		{"reference with a path", "extends: istio/community:a/b.yml\n", true, false},
		{"whole", "branches: [\"release-*\"]\nrelease_managers: [\"rm-{major}\"]\ntimezone: Asia/Tokyo\nfreeze: {label: x}\n", true, false},
		{"no teams", "branches: [main]\nrelease_managers: []\n", true, false},
		{"empty section", "branches: [main]\nfreeze: {}\n", true, false},

		{"no branches", "release_managers: [a]\n", false, false},
		{"empty branches", "branches: []\n", false, false},
		{"null branches", "branches:\n", false, false},
		{"a text", "branches: main\n", false, false},
		{"a list", "- main\n", false, false},
		{"a number", "branches: [1.30]\n", false, false},
		{"a space", "branches: [a b]\n", false, false},
		{"empty pattern", "branches: [\"\"]\n", false, false},
		{"long pattern", "branches: [" + strings.Repeat("x", 201) + "]\n", false, false},
		{"many", "branches: [" + strings.Repeat("a,", 201) + "]\n", false, false},
		{"unknown key", "branches: [main]\nfreze: {}\n", false, false},
		{"unknown key in a section", "branches: [main]\nfreeze: {lable: x}\n", false, false},
		{"section is a list", "branches: [main]\nfreeze: []\n", false, false},
		{"null section", "branches: [main]\nfreeze:\n", false, false},
		{"unknown zone", "branches: [main]\ntimezone: Berlin\n", false, false},
		{"zone is a number", "branches: [main]\ntimezone: 2\n", false, false},
		{"org/team", "branches: [main]\nrelease_managers: [istio/rm]\n", false, false},
		{"team's name", "branches: [main]\nrelease_managers: [Release Managers]\n", false, false},
		{"placeholder", "branches: [main]\nrelease_managers: [\"rm-{patch}\"]\n", false, false},
		{"reference beside", "extends: istio/community\nbranches: [main]\n", false, false},
		{"reference with windows", "extends: istio/community\nfreeze: {windows: []}\n", true, false},
		{"reference with another key of a section", "extends: istio/community\nfreeze: {label: x}\n", false, false},
		{"bad reference", "extends: community\n", false, false},
		{"reference to another file", "extends: istio/community:README.md\n", false, false},

		{"bad pattern", "branches: [\"[\"]\n", false, true},
		{"full ref", "branches: [refs/heads/main]\n", false, true},
		{"reference out of the repository", "extends: istio/community:../a.yml\n", false, true},
		{"reference to a reference", "extends: istio/..\n", false, true},
	} {
		faults, _ := config.CheckPolicy([]byte(tt.text), handlers.Sections()...)
		err := policy(tt.text)
		if (len(faults) == 0) != tt.good || (err == nil) != (tt.good || tt.beyond) {
			t.Errorf("%s: the schema says %v, Slipway says %v", tt.name, err, faults)
		}
	}
}

func TestSettingsSchemaAgreesWithSlipway(t *testing.T) {
	settings := compiled(t, "config/settings.schema.json")
	for _, tt := range []struct {
		name, text   string
		good, beyond bool
	}{
		{"nothing", "{}\n", true, false},
		{"numbers", "workers: 4\npacing: {interval: 0, per_hour: 0}\ngithub: {app: {webhook_secret: 12345678}}\n", true, false},
		{"a secret's file", "seal: {secret_file: /run/seal}\n", true, false},
		{"unknown group", "sever: {}\n", false, false},
		{"unknown key", "server: {lisen: \":80\"}\n", false, false},
		{"no secret", "server: {listen_file: /x}\n", false, false},
		{"a value for a group", "server: x\n", false, false},
		{"a group for a value", "workers: {a: 1}\n", false, false},
		{"nothing for a value", "workers:\n", false, false},
		{"no number", "workers: many\n", false, false},
		{"out of range", "workers: 0\n", false, true},
		{"level", "log: {level: loud}\n", false, true},
	} {
		faults, _ := config.CheckSettings([]byte(tt.text))
		err := settings(tt.text)
		if (len(faults) == 0) != tt.good || (err == nil) != (tt.good || tt.beyond) {
			t.Errorf("%s: the schema says %v, Slipway says %v", tt.name, err, faults)
		}
	}
}

// TestZones holds config's list of time zones to those that the program carries.
// With -update it is written anew from Go's own table.
func TestZones(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	table, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(out)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skipf("SKIP: this Go has no table of time zones to compare with (%v)", err)
	}
	defer table.Close()
	var names []string
	for _, f := range table.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" { // the zone of a machine that has none
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	if *update {
		generated(t, "config/zones.txt", strings.Join(names, "\n")+"\n")
		return
	}
	// A newer Go may know more zones; what the list has must work.
	for _, z := range config.Zones() {
		if _, known := slices.BinarySearch(names, z); !known {
			t.Errorf("config/zones.txt has %s, which Go doesn't know", z)
		}
	}
	if !slices.IsSorted(config.Zones()) || len(config.Zones()) < 400 {
		t.Errorf("config/zones.txt is cut short or out of order: %d zones", len(config.Zones()))
	}
}
