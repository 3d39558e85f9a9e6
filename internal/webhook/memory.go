package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/semaphore"
)

// patience is how long GitHub waits for an answer. A body that hasn't arrived by then,
// or has found no room, is cut: GitHub keeps the delivery as failed.
const patience = 10 * time.Second

// firstRoom is what a body takes as it begins. It doubles as more arrives.
const firstRoom = 4 << 10

// memory bounds the bodies in flight to 156 MiB. What counts is what has arrived, whatever
// a request claims: a sender who claims much and sends a byte takes firstRoom. A body is
// in flight until its delivery is stored. Sizes have shares of their own: a semaphore
// serves in order, and small ones, which is nearly all that GitHub sends, would stand
// behind every large one.
type memory []share

// share is the room of all bodies up to a size.
type share struct {
	upTo int64
	room *semaphore.Weighted
	// whole has a body take at once all that it may come to need, which it has shown to
	// be large: several that wait for more while each holds a part would wait for ever.
	whole bool
}

func newMemory() memory {
	return memory{
		{64 << 10, semaphore.NewWeighted(28 << 20), false},
		{1 << 20, semaphore.NewWeighted(28 << 20), true},
		{maxBody + 1, semaphore.NewWeighted(4 * (maxBody + 1)), true}, // one more than the largest tells that it is too large
	}
}

// arriving is a body, as far as it has arrived.
type arriving struct {
	memory memory
	length int64 // as the sender claims; negative for unknown
	share  int   // in which it stands
	data   []byte
}

// read reads a body of a length, negative for unknown, to its end. free gives its room back, also after an error.
func (m memory) read(ctx context.Context, w http.ResponseWriter, body io.Reader, length int64) (data []byte, free func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if until, ok := ctx.Deadline(); ok {
		_ = http.NewResponseController(w).SetReadDeadline(until) // where there is a connection
	}
	b := &arriving{memory: m, length: length}
	for {
		if len(b.data) == cap(b.data) {
			if err := b.grow(ctx); err != nil {
				return nil, b.free, err
			}
		}
		n, err := body.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		switch {
		case len(b.data) > maxBody:
			return nil, b.free, tooLarge()
		case errors.Is(err, io.EOF):
			return b.data, b.free, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, b.free, &turnedAway{http.StatusRequestTimeout, "the body came too slowly; deliver it again"}
		case err != nil:
			return nil, b.free, err
		}
	}
}

func tooLarge() error {
	return &turnedAway{http.StatusRequestEntityTooLarge, "the body is larger than 25 MB"}
}

// grow gives more room to a body, in the next share where it has filled its own.
func (b *arriving) grow(ctx context.Context) error {
	have, share := int64(cap(b.data)), b.share
	if have == b.memory[share].upTo {
		share++
	}
	at := b.memory[share]
	want := min(max(firstRoom, 2*have), at.upTo)
	if at.whole {
		if want = at.upTo; b.length >= have && b.length < want { // and one more, to see its end
			want = b.length + 1
		}
	}
	more := want
	if share == b.share {
		more -= have
	}
	if at.room.Acquire(ctx, more) != nil {
		return &turnedAway{http.StatusServiceUnavailable, "too many deliveries of its size at once; deliver it again"}
	}
	grown := append(make([]byte, 0, want), b.data...)
	if share != b.share {
		b.free()
	}
	b.share, b.data = share, grown
	return nil
}

// free gives back the room that the body has.
func (b *arriving) free() {
	b.memory[b.share].room.Release(int64(cap(b.data)))
	b.data = nil
}
