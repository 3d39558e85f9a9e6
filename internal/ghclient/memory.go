package ghclient

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// Nobody but our App can change its check runs, so what we last wrote is what
// GitHub shows. Memory is wrong only when a write came between another write and
// its being remembered, or when the program died there. Hence a mark with a
// random token stands in memory from before a write until it is remembered:
//
//   - a mark that is found says that nobody knows: GitHub is asked;
//   - what was written is remembered only in the place of its own mark. If
//     something else is there, two wrote at once, and nobody knows whose write
//     GitHub took last: a new mark says so, and keeps the other from being
//     remembered too;
//   - what was only read is remembered in the place of what stood there before the
//     read, or not at all.
//
// Only age takes anything out, so "nothing there" can't hide a write between two
// looks.
//
// A head that is new has none of our runs, and isn't asked for them: its webhook was
// signed and is newer than what was known of the pull request, which had another
// head. So this database is older than the head, and has had its mark from before
// any write there. It outlasts what says that the head is new, by age and by size,
// and both are forgotten together. A lost database knows of no other head until a
// read or a webhook has shown one, and that is as new as what follows it.
// Two cases are left: a commit that was a head before, longer ago than is remembered,
// and a database that was put back to an earlier state. There a second run of the name
// is made, which is the one that GitHub then shows and counts. A look that would only
// change a run always asks.

// knownRun is what is remembered of a check run. ID is 0 for none.
type knownRun struct {
	ID          int64  `json:"id,omitempty"`
	URL         string `json:"url,omitempty"`
	Hash        string `json:"hash,omitempty"` // of its checkForm, if that is known
	Completed   bool   `json:"completed,omitempty"`
	Annotations int    `json:"annotations,omitempty"`
	Notes       string `json:"notes,omitempty"` // hash of the annotations, if that is known
	Partly      bool   `json:"-"`
	None        bool   `json:"none,omitempty"`    // a look that would only have changed one found none
	Pending     string `json:"pending,omitempty"` // the token of a mark
	// Title is what it says, and Holds that it holds merges back; both only with Hash.
	Title string    `json:"title,omitempty"`
	AsOf  time.Time `json:"as_of,omitzero"` // when the look began that wrote it
	Holds bool      `json:"holds,omitempty"`
}

func checkKey(e effect.CheckRun) string { return github.CheckCacheKey(e.Repo, e.Commit, e.Name) }

func pendingRun() knownRun { return knownRun{Pending: rand.Text()} }

// newer reports whether a look that began after this one wrote the run. What this one
// knows may be older then, though it writes last. An instant in the future is of a
// clock that was wrong, and says nothing.
func (k knownRun) newer(ctx context.Context, now time.Time) bool {
	asOf, known := reconcile.ReadNoOlderThan(ctx)
	return known && k.AsOf.After(asOf) && !k.AsOf.After(now)
}

// again has the key looked at anew, by when both looks are over.
func (c *Client) again(e effect.CheckRun) error {
	return &reconcile.RetryAfterError{At: c.opts.Now().Add(betweenLooks), Err: fmt.Errorf("%s: another look wrote it meanwhile", e.Key())}
}

const betweenLooks = 2 * time.Second

// rememberRun puts what was written in the place of its mark; alone is false when
// something else is there by now, and then nobody knows.
func (c *Client) rememberRun(ctx context.Context, key string, was []byte, k knownRun) (alone bool, err error) {
	alone, err = c.opts.Cache.Swap(ctx, key, was, runMemo.form(k), runMemo.Kept)
	if err != nil || alone {
		return alone, err
	}
	return false, runMemo.put(ctx, c, key, pendingRun())
}
