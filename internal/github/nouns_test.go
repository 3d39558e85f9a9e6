package github_test

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]struct{ login, harmless, owner bool }{
		"alice":                   {true, true, true},
		"-ACE-":                   {true, true, true}, // https://github.com/shinnn/github-username-regex/issues/7
		"0--0":                    {true, true, true},
		"alice_corp":              {true, true, true},
		"dependabot[bot]":         {true, true, false},
		"[bot]":                   {false, true, false},
		"a.b":                     {false, true, false},
		"ålice":                   {false, true, false},
		"":                        {false, true, false},
		"a/b":                     {false, false, false},
		"..\\b":                   {false, false, false},
		"a b":                     {false, false, false},
		"a\nb":                    {false, false, false},
		"a\u202eb":                {false, false, false},
		"a\xffb":                  {false, false, false},
		strings.Repeat("a", 101):  {false, true, false},
		strings.Repeat("a", 1000): {false, false, false},
	} {
		_, err := github.ParseRepo(name + "/r")
		if github.IsLogin(name) != want.login || github.IsHarmless(name) != want.harmless || (err == nil) != want.owner {
			t.Errorf("%q: a login: %t, harmless: %t, an owner: %v", name, github.IsLogin(name), github.IsHarmless(name), err)
		}
	}
	for _, name := range []string{"o/.", "o/..", "o/r/x", "o/", "/r", "o/r?x", "o/r#x", "../r"} {
		if r, err := github.ParseRepo(name); err == nil {
			t.Errorf("%q is %s", name, r)
		}
	}
}
