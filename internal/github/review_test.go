package github_test

import (
	"slices"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestBringers: who may have brought a commit is everybody whose move may have.
func TestBringers(t *testing.T) {
	app, alice, bob := github.User{ID: 1, Bot: true}, github.User{ID: 2}, github.User{ID: 3}
	commits := []github.ComparedCommit{{ID: "a", Parents: []string{"base"}}, {ID: "b", Parents: []string{"a"}}, {ID: "c", Parents: []string{"b"}}}
	made, more := github.HeadMove{After: "a", By: app}, github.HeadMove{Before: "a", After: "b", By: alice}
	for name, tc := range map[string]struct {
		id    string
		moves []github.HeadMove
		want  []github.User
	}{
		"by one":                    {"b", []github.HeadMove{made, more, {Before: "b", After: "c", By: bob}}, []github.User{alice}},
		"as it was made":            {"a", []github.HeadMove{made, more}, []github.User{{}}},
		"and its branch restored":   {"b", []github.HeadMove{made, more, {After: "c", By: alice}}, []github.User{alice, {}}},
		"twice by one":              {"b", []github.HeadMove{made, more, {Before: "a", After: "c", By: alice}}, []github.User{alice}},
		"below what was rewritten":  {"b", []github.HeadMove{made, more, {Before: "gone", After: "c", By: bob}}, []github.User{alice, bob}},
		"and nobody knows by whom":  {"b", []github.HeadMove{made, {Before: "a", After: "b"}}, []github.User{{}}},
		"by no move that was shown": {"b", []github.HeadMove{made}, nil},
	} {
		if got := github.Bringers(tc.id, commits, tc.moves); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}
