package handlers

import (
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/handlers/checklist"
	"github.com/istio-ecosystem/slipway/handlers/cherrypick"
	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/handlers/help"
	"github.com/istio-ecosystem/slipway/handlers/milestone"
	"github.com/istio-ecosystem/slipway/handlers/policy"
	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Deps is what capabilities are made of. Each takes from it what it reads; the
// GitHub side is one client that fulfils every handler's own small interface.
type Deps struct {
	GitHub interface {
		facts.GitHub
		freeze.GitHub
		cherrypick.GitHub
		releasebranch.GitHub
		policy.GitHub
		releasenotes.GitHub
		build.GitHub
		checklist.GitHub
		Teams
		Writers
	}
	Policies  *config.Policies
	Snapshots facts.PullSnapshots
	Events    reconcile.Facts
	Git       Git
	Merger    releasenotes.Merger
	Memory    checklist.Looks
	Calendars facts.Calendars
	Sealer    effect.Sealer
	Now       func() time.Time
}

// Git is what capabilities have done in git.
type Git interface {
	cherrypick.Picker
	facts.Git
}

// All lists the capabilities, one line each.
func All(d Deps) (registry *reconcile.Registry, err error) {
	roles := Roles{Policies: d.Policies, Teams: d.GitHub, Writers: d.GitHub}
	patient := roles
	patient.Patient = true
	from := &facts.Sources{GitHub: d.GitHub, Policies: d.Policies, Seen: d.Snapshots, Events: d.Events, Git: d.Git, Calendars: d.Calendars, Sealer: d.Sealer}
	checklists := &checklist.Handler{GitHub: d.GitHub, From: from, Looks: d.Memory, Followers: []reconcile.Key{freeze.Dated}, Blocked: build.Blocked, Sealer: d.Sealer, Now: d.Now}
	freezes := &freeze.Handler{GitHub: d.GitHub, From: from, Sealer: d.Sealer, Now: d.Now}
	picks := &cherrypick.Handler{GitHub: d.GitHub, Policies: d.Policies, Snapshots: d.Snapshots, Roles: roles, Picker: d.Git, From: from, Sealer: d.Sealer, Now: d.Now}
	notes := &releasenotes.Handler{GitHub: d.GitHub, From: from, Merger: d.Merger, Sealer: d.Sealer, Now: d.Now}
	branches := &releasebranch.Handler{GitHub: d.GitHub, From: from, Sealer: d.Sealer, Now: d.Now}
	builds := &build.Handler{GitHub: d.GitHub, From: from, Sealer: d.Sealer, Now: d.Now}
	from.Owned = facts.Owned{
		Held: freezes.Held, Faithful: branches.Faithful,
		Dates: checklists.Calendar,
		Pick:  picks.PickOf, StandsFor: branches.StandsFor, PickState: picks.PickState, LeaveOut: cherrypick.LeaveOut, PickPull: picks.PickPull,
		Manages: func(l *facts.Look, r facts.Role) (reconcile.RoleDecision, error) {
			if r.Instead != "" {
				return patient.inTeams(l.Context(), l.Repo, r.Who, reconcile.RoleDecision{Teams: strings.Fields(r.Instead)})
			}
			return patient.Manages(l.Context(), l.Repo, r.Branch, r.Who)
		},
		MayAsk: func(l *facts.Look, r facts.Role) (reconcile.RoleDecision, error) {
			return patient.Contributes(l.Context(), l.Repo, r.Branch, r.Who)
		},
		Failed:    picks.Failed,
		Approvers: branches.Approvers, SourceBranch: releasebranch.SourceBranch,
		Home: checklist.Home, PartOf: checklist.PartOf, Tracking: checklists.Tracking, UnderWay: checklists.UnderWay,
		Blockers: checklists.Blockers, BlockersHere: checklist.BlockersHere, Trapped: checklist.Trapped, Traps: checklists.Traps, TrapPlaces: checklists.TrapPlaces,
		Starters: build.Starters,
	}
	gates := gate.Set{Now: d.Now, From: from, Gates: []gate.One{gate.Of(freezes.Gate()), gate.Of(branches.Gate()), gate.Of(notes.Gate()), gate.Of(builds.Check()), gate.Of(milestone.Gate)}}
	checklists.Checks, freezes.Checks, picks.Asked = gates.Checks(), gates.Checks(), gates.Asked
	branches.Others = gates.OfProposals(freeze.Name, releasebranch.Name).Asked
	registry, err = reconcile.NewRegistry(
		gates.Capability(),
		gates.Joined(milestone.Name, reconcile.Capability{}),
		gates.Joined(freeze.Name, freezes.Capability()),
		picks.Capability(),
		gates.Joined(releasebranch.Name, reconcile.Capability{Commands: branches.Commands(), After: branches.After}),
		gates.Joined(releasenotes.Name, notes.Capability()),
		(&policy.Handler{GitHub: d.GitHub, Policies: d.Policies, From: from, Snapshots: d.Snapshots, Roles: roles, Gates: previews(gates)}).Capability(),
		checklists.Capability(),
		gates.Joined(build.Name, builds.Capability()),
		(&help.Help{GitHub: d.GitHub, Policies: d.Policies, Roles: roles, Commands: func() []command.Command { return registry.Commands() }}).Capability(),
	)
	return registry, err
}

// previews are what a change of the policy is shown by.
func previews(s gate.Set) []policy.Gate {
	var all []policy.Gate
	for _, p := range s.Previews() {
		all = append(all, p)
	}
	return all
}

// Sections lists the policy's sections, one line each.
func Sections() []config.SectionType {
	return []config.SectionType{
		config.Declare[config.Versions](config.VersionsName),
		config.Declare[freeze.Settings](freeze.Name),
		config.Declare[cherrypick.Settings](cherrypick.Name),
		config.Declare[releasebranch.Settings](releasebranch.Name),
		config.Declare[releasenotes.Settings](releasenotes.Name),
		config.Declare[build.Settings](build.Name),
		config.Declare[checklist.Settings](checklist.Name),
		config.Declare[milestone.Settings](milestone.Name),
	}
}
