package store

import (
	"context"
	"strconv"
	"time"
)

// Cache is a bounded map of bytes with an expiry, for answers of GitHub that
// can be asked for again. It survives a restart but nothing depends on that.
type Cache struct{ s *Store }

// Cache returns the store's cache.
func (s *Store) Cache() Cache { return Cache{s} }

// Get returns the value of a key, and whether there is one that has not expired.
func (c Cache) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	ok, err = c.s.row(ctx, "SELECT value FROM cache WHERE key = ? AND expires_at > ?",
		[]any{text(key), c.s.now().UnixMicro()}, &value)
	return value, ok, err
}

// Put keeps a value for a time.
func (c Cache) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return c.s.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.putCache(ctx, key, value, ttl) })
}

// epochKey holds the instant of the last Forget. It lives far longer than any
// read takes; once it has expired, a read that began before counts as stale,
// which costs one read more.
const (
	epochKey = "\x01epoch"
	epochTTL = 30 * 24 * time.Hour
)

// Epoch returns the instant of the last Forget, in Unix microseconds, or 0.
func (c Cache) Epoch(ctx context.Context) (int64, error) {
	value, ok, err := c.Get(ctx, epochKey)
	if !ok || err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(value), 10, 64)
}

// PutIf is Put for what was read after Epoch returned epoch: it keeps nothing
// if somebody has called Forget since. What was read before a change must not
// outlive the event that told of the change.
func (c Cache) PutIf(ctx context.Context, key string, value []byte, ttl time.Duration, epoch int64) error {
	return c.s.Update(ctx, func(ctx context.Context, tx Tx) error {
		// Writing the row locks it, also where there was none: a Forget comes
		// either before this look or after this put.
		var now []byte
		_, err := tx.row(ctx, `INSERT INTO cache (key, value, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at RETURNING value`,
			[]any{epochKey, []byte("0"), c.s.now().Add(epochTTL).UnixMicro()}, &now)
		if err != nil || string(now) != strconv.FormatInt(epoch, 10) {
			return err
		}
		return tx.putCache(ctx, key, value, ttl)
	})
}

func (tx Tx) putCache(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if value == nil {
		value = []byte{} // NULL otherwise
	}
	_, err := tx.exec(ctx, `INSERT INTO cache (key, value, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
		text(key), value, tx.now().Add(ttl).UnixMicro())
	return err
}

// Swap puts a value in the place of another, or of none for nil, and reports
// whether it did: it does nothing when something else is there.
func (c Cache) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) (done bool, err error) {
	err = c.s.Update(ctx, func(ctx context.Context, tx Tx) error {
		done, err = tx.swapCache(ctx, key, old, value, ttl)
		return err
	})
	return done, err
}

// Supersede is Swap for a value that we have just changed on GitHub. With it a
// new epoch begins: a read that is under way may not have seen the change.
func (c Cache) Supersede(ctx context.Context, key string, old, value []byte, ttl time.Duration) (done bool, err error) {
	err = c.s.Update(ctx, func(ctx context.Context, tx Tx) error {
		// The epoch first, as everybody locks.
		if err := tx.beginEpoch(ctx); err != nil {
			return err
		}
		done, err = tx.swapCache(ctx, key, old, value, ttl)
		return err
	})
	return done, err
}

func (tx Tx) swapCache(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if value == nil {
		value = []byte{}
	}
	now, until := tx.now(), tx.now().Add(ttl).UnixMicro()
	query, args := `INSERT INTO cache (key, value, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
		WHERE cache.expires_at <= ?`, []any{text(key), value, until, now.UnixMicro()}
	if old != nil {
		query = "UPDATE cache SET value = ?, expires_at = ? WHERE key = ? AND value = ? AND expires_at > ?"
		args = []any{value, until, text(key), old, now.UnixMicro()}
	}
	n, err := tx.exec(ctx, query, args...)
	return n == 1, err
}

// Forget deletes every key with a prefix. The empty prefix is every key.
func (c Cache) Forget(ctx context.Context, prefix string) error {
	return c.s.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.ForgetCache(ctx, prefix) })
}

// ForgetCache deletes every cached value whose key has a prefix, and begins a
// new epoch.
func (tx Tx) ForgetCache(ctx context.Context, prefix string) error {
	if err := tx.beginEpoch(ctx); err != nil {
		return err
	}
	prefix = text(prefix)
	query, args := "DELETE FROM cache WHERE key <> ? AND key >= ?", []any{epochKey, prefix}
	if end := after(prefix); end != "" {
		query, args = query+" AND key < ?", append(args, end)
	}
	_, err := tx.exec(ctx, query, args...)
	return err
}

func (tx Tx) beginEpoch(ctx context.Context) error {
	now := strconv.FormatInt(tx.now().UnixMicro(), 10)
	return tx.putCache(ctx, epochKey, []byte(now), epochTTL)
}

// after returns the smallest text greater than every text with the prefix, or
// "" if there is none. It steps by whole characters: PostgreSQL wants UTF-8,
// whose bytes sort as its characters do.
func after(prefix string) string {
	runes := []rune(prefix)
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; r {
		case '\U0010FFFF':
			continue
		case '\uD7FF': // next would be a surrogate, which no text holds
			runes[i] = '\uE000'
		default:
			runes[i] = r + 1
		}
		return string(runes[:i+1])
	}
	return ""
}
