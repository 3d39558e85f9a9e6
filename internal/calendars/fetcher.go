package calendars

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/ical"
)

// How long what is known is believed, beside github.CalendarMemo.
const (
	keptGood   = 90 * 24 * time.Hour // the last good one
	keptFault  = time.Hour           // that there is none, where none ever was
	againAfter = 5 * time.Minute     // what was no good
	newPerHour = 30                  // addresses that nobody has asked before
)

// Memory keeps what was fetched across restarts.
type Memory interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// Fetcher implements facts.Calendars. Its fields are set once.
type Fetcher struct {
	List      config.Addresses
	Memory    Memory
	Now       func() time.Time
	UserAgent string
	Roots     *x509.CertPool // whose certificates are good; nil: the machine's

	mu    sync.Mutex
	turns map[string]*sync.Mutex // of the addresses that are listed and were asked for
	asked []time.Time            // when an address was asked that nobody had before, within the hour
}

// seen is what is remembered of an address.
type seen struct {
	ical.Copy
	At            time.Time // it was asked last
	Tag, Modified string    // of the good one, as the server names it
}

// fresh reports whether it needn't be asked again yet.
func (s seen) fresh(now time.Time) bool {
	kept := github.CalendarMemo.Kept
	if s.Fault != "" {
		kept = againAfter
	}
	return !s.At.IsZero() && now.Sub(s.At) < kept
}

// Calendar implements facts.Calendars. While somebody else asks an address, the last good one is
// taken as it is.
func (f *Fetcher) Calendar(ctx context.Context, address string) (ical.Copy, error) {
	if !f.List.Has(address) {
		return ical.Copy{Unlisted: true}, nil
	}
	s, err := f.recall(ctx, address)
	if err != nil || s.fresh(f.Now()) {
		return s.Copy, err
	}
	turn := f.turn(address)
	if !turn.TryLock() {
		if s.Text != "" {
			return s.Copy, nil
		}
		turn.Lock()
	}
	defer turn.Unlock()
	if s, err = f.recall(ctx, address); err != nil || s.fresh(f.Now()) {
		return s.Copy, err
	}
	if s.At.IsZero() && !f.mayAskNew() {
		return ical.Copy{Fault: fmt.Sprintf("it waits its turn: Slipway asks %d new addresses an hour at most", newPerHour)}, nil
	}
	s = f.ask(ctx, address, s)
	if err := ctx.Err(); err != nil {
		return ical.Copy{}, err // it was us who ended it
	}
	return s.Copy, f.keep(ctx, address, s)
}

// ask brings what is known of an address to what it has now.
func (f *Fetcher) ask(ctx context.Context, address string, s seen) seen {
	now := f.Now().UTC()
	s.At = now
	got, fault := f.get(ctx, address, s)
	if fault == "" && !got.unchanged {
		if _, err := ical.Read(got.text, time.UTC); err != nil {
			fault = err.Error()
		}
	}
	switch {
	case fault != "":
		if s.Since.IsZero() {
			s.Since = now
		}
		s.Fault = fault
	case got.unchanged:
		s.Fault, s.Since = "", time.Time{}
	default:
		s.Copy, s.Tag, s.Modified = ical.Copy{Text: got.text}, got.tag, got.modified
	}
	return s
}

// keyOf is where an address is remembered: by a sum, since it may hold a secret.
func keyOf(address string) string {
	return fmt.Sprintf("%s/%x", github.CalendarMemo.Name, sha256.Sum256([]byte(address)))
}

func (f *Fetcher) recall(ctx context.Context, address string) (s seen, err error) {
	raw, ok, err := f.Memory.Get(ctx, keyOf(address))
	if err != nil {
		return s, fmt.Errorf("what is remembered of a calendar: %w", err)
	}
	if !ok || json.Unmarshal(raw, &s) != nil {
		return seen{}, nil
	}
	return s, nil
}

func (f *Fetcher) keep(ctx context.Context, address string, s seen) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	kept := keptGood
	if s.Text == "" {
		kept = keptFault
	}
	return f.Memory.Put(ctx, keyOf(address), raw, kept)
}

// turn lets one at a time ask an address.
func (f *Fetcher) turn(address string) *sync.Mutex {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.turns == nil || len(f.turns) > 1000 {
		f.turns = map[string]*sync.Mutex{} // two may ask at once then, which does no harm
	}
	if f.turns[address] == nil {
		f.turns[address] = &sync.Mutex{}
	}
	return f.turns[address]
}

// mayAskNew counts an address that nobody has asked before: anybody may propose a policy that names
// many below a beginning that is listed.
func (f *Fetcher) mayAskNew() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.Now()
	for len(f.asked) > 0 && now.Sub(f.asked[0]) >= time.Hour {
		f.asked = f.asked[1:]
	}
	if len(f.asked) >= newPerHour {
		return false
	}
	f.asked = append(f.asked, now)
	return true
}
