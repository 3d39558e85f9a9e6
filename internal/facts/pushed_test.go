package facts_test

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// TestTraced: a move that nobody was told of leaves a gap.
func TestTraced(t *testing.T) {
	ann, bob := github.User{ID: 3}, github.User{ID: 4}
	opened := github.HeadMove{After: "a", By: ann}
	for name, tt := range map[string]struct {
		moves []github.HeadMove
		head  string
		want  bool
	}{
		"opened":                      {[]github.HeadMove{opened}, "a", true},
		"pushed to":                   {[]github.HeadMove{{Before: "a", After: "b", By: bob}, opened}, "b", true},
		"put back":                    {[]github.HeadMove{opened, {Before: "a", After: "b", By: bob}, {Before: "b", After: "a", By: bob}}, "a", true},
		"a head that nobody told of":  {[]github.HeadMove{opened}, "b", false},
		"a move in between is lost":   {[]github.HeadMove{opened, {Before: "b", After: "c", By: bob}}, "c", false},
		"a circle":                    {[]github.HeadMove{{Before: "a", After: "b", By: bob}, {Before: "b", After: "a", By: bob}}, "a", false},
		"the opening is lost":         {[]github.HeadMove{{Before: "a", After: "b", By: bob}}, "b", false},
		"by somebody who isn't known": {[]github.HeadMove{{After: "a"}}, "a", false},
		"nothing":                     {nil, "a", false},
	} {
		if got := facts.Traced(tt.moves, tt.head); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
