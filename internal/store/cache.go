package store

import (
	"context"
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
		[]any{text(key), time.Now().UnixMicro()}, &value)
	return value, ok, err
}

// Put keeps a value for a time.
func (c Cache) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if value == nil {
		value = []byte{} // NULL otherwise
	}
	return c.s.Update(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.exec(ctx, `INSERT INTO cache (key, value, expires_at) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
			text(key), value, time.Now().Add(ttl).UnixMicro())
		return err
	})
}

// Forget deletes every key with a prefix. The empty prefix is every key.
func (c Cache) Forget(ctx context.Context, prefix string) error {
	return c.s.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.ForgetCache(ctx, prefix) })
}

// ForgetCache deletes every cached value whose key has a prefix.
func (tx Tx) ForgetCache(ctx context.Context, prefix string) error {
	prefix = text(prefix)
	query, args := "DELETE FROM cache WHERE key >= ?", []any{prefix}
	if end := after(prefix); end != "" {
		query, args = query+" AND key < ?", append(args, end)
	}
	_, err := tx.exec(ctx, query, args...)
	return err
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
