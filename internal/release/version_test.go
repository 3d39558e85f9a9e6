package release

import (
	"slices"
	"strings"
	"testing"
)

func version(t *testing.T, text string) Version {
	t.Helper()
	v, err := Scheme{}.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseVersion(t *testing.T) {
	for _, text := range []string{"1.31.0", "1.31.0-alpha.0", "1.31.0-beta.11", "1.31.0-rc.2", "1.31.14", "0.0.0", "10.200.3-rc.0"} {
		if v := version(t, text); v.String() != text {
			t.Errorf("%s became %s", text, v)
		}
	}
	for text, want := range map[string]string{
		"1.15-beta.0":            `"1.15-beta.0" is not a version; did you mean 1.15.0-beta.0?`,
		"1.15":                   "did you mean 1.15.0?",
		"v1.15.1":                "did you mean 1.15.1?",
		"1.15.0-rc2":             "did you mean 1.15.0-rc.2?",
		"1.15.0-RC.2":            "did you mean 1.15.0-rc.2?",
		"1.15.0.beta.1":          "did you mean 1.15.0-beta.1?",
		"1.15.0 beta 1":          "did you mean 1.15.0-beta.1?",
		"1.15.0-beta":            "did you mean 1.15.0-beta.0?",
		"1.x.x-alpha.0":          `is not a version: want MAJOR.MINOR.PATCH`,
		"1.4-alpha.3fe936d47128": "is not a version: want",
		"branch":                 "is not a version: want",
		"":                       `"" is not a version`,
		"1.15.0\n":               "is not a version",
		"1.15.0-gamma.1":         "is not a version: want",
		"1.15.0-rc.1-2":          "is not a version: want",
		"1.015.0":                `has a number that begins with 0; did you mean 1.15.0?`,
		"1.15.0-rc.00":           "did you mean 1.15.0-rc.0?",
		"1.15.99999999":          "too large",
		"1.99999999":             "is not a version: want",
		strings.Repeat("1.", 99): "is not a version",
	} {
		_, err := Scheme{}.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", text, err, want)
		}
	}
}

func TestVersionsInOrder(t *testing.T) {
	var sorted []Version
	for _, text := range []string{
		"1.30.9", "1.31.0-alpha.0", "1.31.0-alpha.2", "1.31.0-alpha.10", "1.31.0-beta.0", "1.31.0-rc.0", "1.31.0", "1.31.1-alpha.0", "1.31.1", "1.32.0-alpha.0", "2.0.0",
	} {
		sorted = append(sorted, version(t, text))
	}
	shuffled := slices.Clone(sorted)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, Version.Compare)
	if !slices.Equal(shuffled, sorted) {
		t.Errorf("sorted: %v", shuffled)
	}
}

func TestFollows(t *testing.T) {
	for _, tc := range []struct {
		before, next string
		want         Order
	}{
		{"", "1.31.0-alpha.0", First}, {"", "1.31.4", First},
		{"1.31.0-alpha.0", "1.31.0-alpha.0", Again},
		{"1.31.0-alpha.0", "1.31.0-alpha.1", Next}, {"1.31.0-alpha.3", "1.31.0-beta.0", Next},
		{"1.31.0-alpha.0", "1.31.0-alpha.2", Gap}, {"1.31.0-alpha.0", "1.31.0-beta.1", Gap},
		{"1.31.0-alpha.0", "1.31.0-rc.0", Gap}, {"1.31.0-alpha.0", "1.31.0", Gap},
		{"1.31.0-beta.1", "1.31.0-beta.2", Next}, {"1.31.0-beta.1", "1.31.0-rc.0", Next}, {"1.31.0-beta.1", "1.31.0", Next},
		{"1.31.0-beta.1", "1.31.0-rc.1", Gap},
		{"1.31.0-rc.0", "1.31.0-rc.1", Next}, {"1.31.0-rc.0", "1.31.0", Next}, {"1.31.0-rc.0", "1.31.0-beta.5", Back},
		{"1.31.0-rc.0", "1.31.1", Gap},
		{"1.31.0", "1.31.1", Next}, {"1.31.0", "1.31.2", Gap}, {"1.31.0", "1.31.0-rc.5", Back}, {"1.31.9", "1.31.10", Next},
		{"1.31.0", "1.31.1-rc.0", Next},
		{"1.30.0-alpha.5", "1.31.0-alpha.0", Next}, {"1.30.0-alpha.5", "1.32.0-alpha.0", Next}, {"1.30.0-alpha.5", "1.31.0-alpha.1", Gap}, {"1.31.0-alpha.0", "1.30.0-alpha.1", Back},
	} {
		var before Version
		if tc.before != "" {
			before = version(t, tc.before)
		}
		if got := version(t, tc.next).Follows(before); got != tc.want {
			t.Errorf("%s after %q: %s, want %s", tc.next, tc.before, got, tc.want)
		}
	}
}

// TestNextOf: what it names is what Follows calls the next, and all of it on one
// branch.
func TestNextOf(t *testing.T) {
	for text, want := range map[string]string{
		"1.31.0-alpha.2": "1.31.0-alpha.3 1.31.0-beta.0",
		"1.31.0-beta.0":  "1.31.0-beta.1 1.31.0-rc.0 1.31.0",
		"1.31.0-rc.1":    "1.31.0-rc.2 1.31.0",
		"1.31.0":         "1.31.1",
	} {
		var got []string
		for _, v := range NextOf(version(t, text)) {
			got = append(got, v.String())
			if o := v.Follows(version(t, text)); o != Next {
				t.Errorf("%s after %s is %s", v, text, o)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("after %s: %s, want %s", text, got, want)
		}
	}
}

func TestVersionOfBranch(t *testing.T) {
	for _, tc := range []struct {
		version           string
		branch            Branch
		belongs, numbered bool
	}{
		{"1.31.0", "release-1.31", true, true},
		{"1.31.0-alpha.0", "release-1.31", true, true},
		{"1.3.1", "release-1.31", false, true},
		{"1.31.0", "release-1.30", false, true},
		{"2.31.0", "release-1.31", false, true},
		{"1.31.0-alpha.0", "master", false, false},
	} {
		if belongs, numbered := version(t, tc.version).Of(tc.branch); belongs != tc.belongs || numbered != tc.numbered {
			t.Errorf("%s of %s: %t, %t", tc.version, tc.branch, belongs, numbered)
		}
	}
}

func TestVersionsIn(t *testing.T) {
	for text, want := range map[string]string{
		"Trigger build of 1.4.0-beta.3 (#59)":        "1.4.0-beta.3",
		"Trigger 1.29.0-rc2 build (#2252)":           "1.29.0",
		"[release-1.22] trigger 1.22.0 beta.0 build": "1.22.0",
		"Trigger beta.5 build (#65)":                 "",
		"Trigger 1.28.alpha.0":                       "",
		"1.28.1 and 1.28.2-rc.0":                     "1.28.1 1.28.2-rc.0",
		"":                                           "",
	} {
		var got []string
		for _, v := range (Scheme{}).In(text, Version{}) {
			got = append(got, v.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q names %s, want %s", text, got, want)
		}
	}
}

// TestPairsIn: two numbers in a title are a version where something says so.
func TestPairsIn(t *testing.T) {
	pep440 := Scheme{Form: PEP440Form, Tag: "v{version}"}
	for text, want := range map[string]string{
		"Publish with Go 1.21":             "",
		"Publish 5.2":                      "5.2",
		"Trigger build of 5.1 (#3)":        "5.1",
		"Go on to v5.1":                    "5.1",
		"Bump dev1.21 and Python 3.12":     "",
		"Publish 5.1.x, 3.12-slim":         "",
		"What 5.2 needs":                   "5.2",
		"5.1.3 and 5.1rc1, by Python 3.12": "5.1.3 5.1rc1",
	} {
		var got []string
		for _, v := range pep440.In(text, Version{Major: 5, Minor: 2, Stage: Final, Scheme: pep440}) {
			got = append(got, v.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q names %s, want %s", text, got, want)
		}
	}
}
