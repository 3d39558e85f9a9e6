package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// list is a section to which a repository may add.
type list struct {
	// Names.
	Names []string `yaml:"names"`
	// When.
	At config.Instant `yaml:"at"`
	// Other.
	Other string `yaml:"other"`
}

func (list) Validate() error   { return nil }
func (list) OwnKeys() []string { return []string{"names", "at"} }

func (l list) ValidateBranches(governed []config.BranchPattern) error {
	if len(l.Names) > 0 && l.Names[0] == string(governed[0]) {
		return config.At("names[0]", errors.New("is governed"))
	}
	return nil
}

func (l list) Extended(own config.Validator) (config.Validator, error) {
	o := own.(list)
	if len(o.Names) > 0 && len(l.Names) > 0 && o.Names[0] == l.Names[0] {
		return l, config.At("names[0]", errors.New("is there already"))
	}
	l.Names = append(append([]string{}, l.Names...), o.Names...)
	l.At = o.At
	return l, nil
}

// TestAdditions: what stands beside extends adds to the policy, and faults of it are in its file.
func TestAdditions(t *testing.T) {
	const base = "branches: [main]\ntimezone: Asia/Tokyo\nlist: {names: [a], other: x}\nrepositories: {off: {list: \"off\"}}\n"
	for name, tt := range map[string]struct{ repo, own, names, fault string }{
		"nothing":             {"r", "", "a", ""},
		"a name":              {"r", "list: {names: [b]}\n", "a b", ""},
		"where it is off":     {"off", "list: {names: [b]}\n", "b", ""},
		"its zone":            {"r", "list: {at: 2026-08-19 17:00}\n", "a", ""},
		"a clash":             {"r", "list: {names: [a]}\n", "", "line 2, column 16: list.names[0]: is there already"},
		"of what is governed": {"r", "list: {names: [main]}\n", "", "line 2, column 16: list.names[0]: is governed"},
		"another key":         {"r", "list: {other: y}\n", "", `line 2, column 8: "list.other" stands beside extends: want extends alone or with list.names, list.at`},
		"another section":     {"r", "rest: {}\n", "", `line 2, column 1: "rest" stands beside extends`},
		"branches":            {"r", "branches: [x]\n", "", `line 2, column 1: "branches" stands beside extends`},
		"no keys":             {"r", "list: 5\n", "", "line 2, column 7: list: want a group of keys, found a number"},
		"of another kind":     {"r", "list: {names: 5}\n", "", "list.names: want a list"},
	} {
		gh := files{"o/" + tt.repo + ":.github/slipway.yml": "extends: o/base:p.yml\n" + tt.own, "o/base:p.yml": base}
		ps := config.NewPolicies(following{gh}, time.Now, config.Declare[list]("list"))
		for range 2 { // as read, and as remembered
			l, err := ps.Policy(t.Context(), github.Repo{Owner: "o", Name: tt.repo})
			if err != nil {
				t.Fatal(err)
			}
			if tt.fault != "" {
				if l.Fault == nil || !strings.Contains(l.Fault.Error(), tt.fault) || !strings.Contains(l.URL, tt.repo+":.github") || l.Policy != nil {
					t.Errorf("%s: %v of %s", name, l.Fault, l.URL)
				}
				continue
			}
			got, err := config.Section[list](l.Policy, "list")
			if err != nil || strings.Join(got.Names, " ") != tt.names || l.Policy.In.Name != "base" {
				t.Errorf("%s: %+v, %v, %v", name, got, err, l.Fault)
			}
			if tt.own != "" && l.Policy.OwnIn.Name != tt.repo {
				t.Errorf("%s: its own stands in %s", name, l.Policy.OwnIn)
			}
			if name == "its zone" && got.At.Time().UTC().Hour() != 8 {
				t.Errorf("%s: %s", name, got.At.Time())
			}
		}
	}
	faults, notes := config.CheckPolicy([]byte("extends: o/base\nlist: {at: soon}\n"), config.Declare[list]("list"))
	if len(faults) != 1 || len(notes) != 1 || !strings.Contains(faults[0].Message, `list.at: "soon" is not a time`) {
		t.Errorf("offline: %v, %v", faults, notes)
	}
}
