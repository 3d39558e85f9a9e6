package facts

import (
	"testing"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// TestProposalHeld: a proposal is what Slipway wrote, to the byte, for the base that it was for.
func TestProposalHeld(t *testing.T) {
	file := func(path, text string) github.ChangedFile {
		return github.ChangedFile{Path: path, Blob: github.BlobID(text)}
	}
	wrote := Proposal{ByID: 1}.Holding(effect.Files{Base: "release-1.31", Files: map[string]string{"a": "1\n", "b": "2\n"}})
	a, b := file("a", "1\n"), file("b", "2\n")
	renamed := b
	renamed.Was = "c"
	for name, tc := range map[string]struct {
		p     Proposal
		base  release.Branch
		files []github.ChangedFile
		want  bool
	}{
		"as it was written":       {wrote, "release-1.31", []github.ChangedFile{b, a}, true},
		"one byte more":           {wrote, "release-1.31", []github.ChangedFile{a, file("b", "2\n\n")}, false},
		"one file more":           {wrote, "release-1.31", []github.ChangedFile{a, b, file("c", "")}, false},
		"one file less":           {wrote, "release-1.31", []github.ChangedFile{a}, false},
		"texts changed places":    {wrote, "release-1.31", []github.ChangedFile{file("a", "2\n"), file("b", "1\n")}, false},
		"one is gone":             {wrote, "release-1.31", []github.ChangedFile{a, {Path: "b", Gone: true}}, false},
		"one takes another's way": {wrote, "release-1.31", []github.ChangedFile{a, renamed}, false},
		"another base":            {wrote, "release-1.30", []github.ChangedFile{a, b}, false},
		"a record of old":         {Proposal{ByID: 1}, "release-1.31", nil, false},
	} {
		if got := tc.p.held(tc.base, github.Changes{Files: tc.files, Complete: true}); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if wrote.held("release-1.31", github.Changes{Files: []github.ChangedFile{a, b}}) {
		t.Error("of a list that isn't complete nobody knows")
	}
}
