package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/handlers/checklist"
	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/replay"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// People whom no clone names, and who are assumed.
const (
	replayManager = "assumed-manager"
	replaySecond  = "assumed-second-manager"
	replayExpert  = "assumed-expert"
	replayMerger  = "assumed-merger"
)

// What the stand-in counts its own issues and pull requests from: above every number that is real.
const replayFirstNumber = 900_000

// replayClone is a repository of the project, and what its clone tells.
type replayClone struct {
	repo    *git.Repository
	objects string   // the directory of its objects
	owners  []string // people who own files by its CODEOWNERS
	history replay.History
}

// replayPolicy is the policy, as far as the replay has to know it.
type replayPolicy struct {
	text   string
	policy *config.Policy
	gate   releasebranch.Settings
	notes  releasenotes.Settings
	build  build.Settings
	plans  checklist.Settings
}

// identity tells apart what may judge differently: the policy, and the version of the program.
func (p replayPolicy) identity() string {
	sum := sha256.Sum256([]byte(versionText() + "\n" + p.text))
	return hex.EncodeToString(sum[:8])
}

func readReplayPolicy(file string) (p replayPolicy, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return p, err
	}
	if p.policy, err = config.ParsePolicy(file, text, handlers.Sections()...); err != nil {
		return p, err
	}
	p.text = string(text)
	if p.gate, err = config.Section[releasebranch.Settings](p.policy, releasebranch.Name); err != nil {
		return p, err
	}
	if p.notes, err = config.Section[releasenotes.Settings](p.policy, releasenotes.Name); err != nil {
		return p, err
	}
	if p.build, err = config.Section[build.Settings](p.policy, build.Name); err != nil {
		return p, err
	}
	p.plans, err = config.Section[checklist.Settings](p.policy, checklist.Name)
	return p, err
}

// buildReplay makes the organisation of the clones on a stand-in. Its people are those who made commits, and some that are assumed.
func buildReplay(ctx context.Context, gh *sandbox.Server, clones []*replayClone, p replayPolicy) error {
	org, _, _ := strings.Cut(clones[0].history.Repo, "/")
	b := &replayBuilder{gh: gh, org: org}
	for _, login := range []string{replayManager, replaySecond, replayExpert, replayMerger} {
		_, err := gh.CreateUser(login)
		b.try(err)
	}
	b.try(gh.CreateOrg(org, replayManager, replaySecond, replayExpert, replayMerger))
	b.try(gh.CreateRepo(org, ".github", sandbox.RepoOptions{Files: map[string]string{".github/slipway.yml": p.text}}))
	b.accounts(p.gate)
	for _, c := range clones {
		b.repository(c)
		for _, l := range c.history.Branches {
			for _, team := range p.policy.ManagerTeams(l.Branch) {
				b.team(c.history.Repo, team, replayManager, replaySecond)
			}
		}
		teams, people, err := b.owners(ctx, c)
		b.try(err)
		for _, team := range teams {
			b.team(c.history.Repo, team, replayExpert)
		}
		for _, login := range people {
			b.try(gh.AddCollaborator(c.history.Repo, login, "write"))
		}
		c.owners = people
	}
	b.assumed(clones, p.plans)
	if b.err != nil {
		return b.err
	}
	_, err := gh.Install(org, sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	return err
}

type replayBuilder struct {
	gh    *sandbox.Server
	org   string
	err   error
	teams []string
}

func (b *replayBuilder) try(err error) { b.err = errors.Join(b.err, err) }

// accounts gives the accounts that the policy names by their numbers these numbers.
func (b *replayBuilder) accounts(gate releasebranch.Settings) {
	for _, rule := range gate.Automation {
		for _, a := range rule.Accounts {
			b.try(b.gh.CreateAccount(a.Login, a.ID))
		}
	}
}

// repository makes a clone's repository as it was when the first release branch left the source branch.
func (b *replayBuilder) repository(c *replayClone) {
	full := c.history.Repo
	_, name, _ := strings.Cut(full, "/")
	b.try(b.gh.CreateRepo(b.org, name, sandbox.RepoOptions{Objects: c.objects, FirstNumber: replayFirstNumber, DefaultBranch: string(c.history.Source)}))
	if b.err != nil {
		return
	}
	b.try(b.gh.PutRef(full, c.history.Source.Ref(), c.history.Start))
	for _, login := range []string{replayManager, replaySecond, replayExpert, replayMerger} {
		b.try(b.gh.AddCollaborator(full, login, "write"))
	}
	for _, e := range replay.Events(nil, c.history) {
		if e.Author.Login == "" {
			continue
		}
		_, err := b.gh.CreateUser(e.Author.Login)
		b.try(err)
		b.try(b.gh.AddAddress(e.Author.Login, e.Author.Address))
	}
}

// assumed makes the repositories of a release of which there is no clone, so that its tracking issue finds them.
func (b *replayBuilder) assumed(clones []*replayClone, plans checklist.Settings) {
	for _, name := range plans.Repositories {
		if plans.Home != "" && !slices.ContainsFunc(clones, func(c *replayClone) bool { return c.history.Repo == b.org+"/"+string(name) }) {
			b.try(b.gh.CreateRepo(b.org, string(name), sandbox.RepoOptions{DefaultBranch: string(clones[0].history.Source)}))
		}
	}
}

func (b *replayBuilder) team(repo, slug string, members ...string) {
	if !slices.Contains(b.teams, slug) {
		b.teams = append(b.teams, slug)
		b.try(b.gh.CreateTeam(b.org, slug, members...))
	}
	b.try(b.gh.AddTeamRepo(b.org, slug, repo, "push"))
}

// owners are those that the source branch names now, and those that it named when the first of the release branches left it.
func (b *replayBuilder) owners(ctx context.Context, c *replayClone) (teams, people []string, err error) {
	now, err := ownersOf(ctx, c.repo, c.history.Source)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range github.CodeOwnersPaths {
		text, _, err := c.repo.File(ctx, c.history.Start, path)
		if err != nil {
			return nil, nil, err
		}
		now.Text += "\n" + string(text)
	}
	teams, people = ownersIn(b.org, now)
	return teams, people, nil
}

// ownersIn are the organisation's teams, and the people, that own something.
func ownersIn(org string, owners github.File) (teams, people []string) {
	for _, word := range strings.Fields(owners.Text) {
		name, is := strings.CutPrefix(word, "@")
		team, ofOrg := strings.CutPrefix(name, org+"/")
		switch {
		case !is || strings.Trim(strings.ReplaceAll(strings.ToLower(team), "_", "-"), "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		case ofOrg && !slices.Contains(teams, strings.ToLower(team)):
			teams = append(teams, strings.ToLower(team))
		case !ofOrg && !slices.Contains(people, name):
			people = append(people, name)
		}
	}
	return teams, people
}

// startReplay starts the program on the stand-in.
func startReplay(ctx context.Context, gh *sandbox.Server, dir string, in surroundings, log *diary) (*Program, error) {
	settings, err := config.Load("", demoSettings(gh, dir, "127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	// What is on the stand-in is new: a database of before knows another one.
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	p, err := newProgram(ctx, settings, zerolog.New(log).Level(zerolog.WarnLevel), in)
	if err != nil {
		return nil, err
	}
	if err := p.Start(ctx); err != nil {
		return nil, fmt.Errorf("start Slipway: %w", err)
	}
	gh.SetHook("http://"+p.Addr()+"/api/github/hook", gh.App().WebhookSecret)
	return p, nil
}
