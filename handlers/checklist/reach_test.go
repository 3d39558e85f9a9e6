package checklist

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// everybodys is a GitHub whose repositories everybody may see.
type everybodys struct{ facts.GitHub }

func (everybodys) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

// agreeing adds to sources what the right to look at other repositories rests on.
func agreeing(s *facts.Sources) *facts.Sources {
	s.Owned.Home, s.Owned.PartOf = Home, PartOf
	if s.GitHub == nil {
		s.GitHub = everybodys{}
	}
	return s
}

func (shelf) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}

func (oneHead) Visibility(context.Context, github.Repo) (github.Visibility, error) {
	return github.Public, nil
}
