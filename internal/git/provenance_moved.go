package git

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

func (r *Repository) moved(ctx context.Context, q provenance.Question) (map[string]provenance.Moved, error) {
	return nil, nil
}
