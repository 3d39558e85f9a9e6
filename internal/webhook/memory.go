package webhook

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	smallBody      = 1 << 20
	memoryForSmall = 28 << 20
	memoryForLarge = 4 * maxBody

	// patience is how long GitHub waits for an answer. While a request waits,
	// its body is unread, and net/http doesn't notice that the sender is gone.
	patience = 10 * time.Second
)

// memory bounds the bodies in flight to 128 MiB, counted as they are sent; a
// body is in flight until its delivery is stored. Small ones have a share of
// their own: a semaphore serves in order, and they, which is nearly all that
// GitHub sends, would stand behind every large one.
type memory struct{ small, large *semaphore.Weighted }

func newMemory() memory {
	return memory{semaphore.NewWeighted(memoryForSmall), semaphore.NewWeighted(memoryForLarge)}
}

// take waits for room for a body of a length, which is negative when nobody was
// told it.
func (m memory) take(ctx context.Context, length int64) (free func(), err error) {
	if length < 0 || length > maxBody {
		length = maxBody
	}
	share := m.large
	if length <= smallBody {
		share = m.small
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if share.Acquire(ctx, length) != nil {
		return nil, &turnedAway{http.StatusServiceUnavailable, "too many large deliveries at once; deliver it again"}
	}
	return func() { share.Release(length) }, nil
}
