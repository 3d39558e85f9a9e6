package main

import (
	"context"
	"fmt"
	"os"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// gate says what the check of a release branch would have asked for a change.
type gate func(provenance.Finding) releasebranch.Asked

// gate is that of the policy given, or of the source branch's CODEOWNERS.
func (a branchAsk) gate(ctx context.Context, repo *git.Repository, source, branch release.Branch) (gate, error) {
	owners, err := ownersOf(ctx, repo, source)
	if err != nil {
		return nil, fmt.Errorf("CODEOWNERS of %s: %w", source, err)
	}
	settings := releasebranch.DefaultSettings()
	settings.CodeOwners = owners.Found
	if a.policy != "" {
		if settings, err = gateSettings(a.policy); err != nil {
			return nil, fmt.Errorf("--policy: %w", err)
		}
	}
	return func(f provenance.Finding) releasebranch.Asked { return releasebranch.Asks(f, settings, owners, branch) }, nil
}

func gateSettings(file string) (releasebranch.Settings, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return releasebranch.Settings{}, err
	}
	p, err := config.ParsePolicy(file, text, handlers.Sections()...)
	if err != nil {
		return releasebranch.Settings{}, err
	}
	return config.Section[releasebranch.Settings](p, releasebranch.Name)
}

// ownersOf reads the CODEOWNERS file that a local branch has.
func ownersOf(ctx context.Context, repo *git.Repository, branch release.Branch) (f github.File, err error) {
	tip, err := repo.ResolveBranch(ctx, branch)
	if err != nil {
		return f, err
	}
	for _, path := range github.CodeOwnersPaths {
		text, found, err := repo.File(ctx, tip, path)
		if err != nil || found {
			return github.File{Path: path, Text: string(text), Found: found}, err
		}
	}
	return f, nil
}
