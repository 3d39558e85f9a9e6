package releasebranch

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Asked is which approvals a change needs, where neither reviews nor teams are
// known.
type Asked struct {
	Kind  string // what is asked for, in a few words that are the same for many changes
	Whose string // the areas, as a phrase; "" for none
}

// Asks says which approvals the gate would have asked for on a change: what
// `slipway replay branch` tells of history. codeOwners is the file of the source
// branch.
func Asks(found provenance.Finding, s Settings, codeOwners github.File, branch release.Branch) Asked {
	at := scope{settings: s, branch: branch}
	if s.CodeOwners {
		at.owners = readOwners(codeOwners)
	}
	var here, there []string
	override, managed := false, false
	for _, n := range needsOf(found, s, at.of(found.Files)) {
		switch {
		case n.managers:
			managed = true
		case n.area.Ownerless:
			override = true
			here = append(here, plain(n.area))
		case n.inherit:
			there = append(there, plain(n.area))
		default:
			here = append(here, plain(n.area))
		}
	}
	var whose []string
	if len(here) > 0 {
		whose = append(whose, "here: "+strings.Join(here, ", "))
	}
	if len(there) > 0 {
		whose = append(whose, "on the source: "+strings.Join(there, ", "))
	}
	asked := Asked{Kind: "nobody", Whose: strings.Join(whose, "; ")}
	switch {
	case override:
		asked.Kind = "an override, since files have no owner"
	case managed:
		asked.Kind = "a release manager"
	case len(here) > 0 && found.Verdict == provenance.Adapted:
		asked.Kind = "experts of what differs from its source"
	case len(here) > 0:
		asked.Kind = "experts of all of it"
	case len(there) > 0:
		asked.Kind = "nobody beyond who approved its source"
	}
	return asked
}

// DefaultSettings are the settings of a policy that says nothing about the gate.
func DefaultSettings() Settings {
	var s Settings
	s.SetDefaults()
	return s
}
