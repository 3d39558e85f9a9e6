package ghclient

import (
	"container/list"
	"sync"
)

// lru is a bounded httpcache.Cache: when it grows over its budget, what was
// used longest ago goes first.
type lru struct {
	mu     sync.Mutex
	budget int // bytes
	used   int
	order  *list.List // front: used last
	items  map[string]*list.Element
}

type lruItem struct {
	key   string
	value []byte
}

func newLRU(budget int) *lru {
	return &lru{budget: budget, order: list.New(), items: map[string]*list.Element{}}
}

// Get implements httpcache.Cache.
func (l *lru) Get(key string) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.items[key]
	if !ok {
		return nil, false
	}
	l.order.MoveToFront(e)
	return e.Value.(lruItem).value, true
}

// Set implements httpcache.Cache. A value over the whole budget isn't kept.
func (l *lru) Set(key string, value []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(key)
	if len(value) > l.budget {
		return
	}
	l.items[key] = l.order.PushFront(lruItem{key: key, value: value})
	l.used += len(key) + len(value)
	for l.used > l.budget {
		l.drop(l.order.Back().Value.(lruItem).key)
	}
}

// Delete implements httpcache.Cache and does nothing. httpcache deletes an entry
// when a request for it comes to anything but 200, such as the 401 of a token
// that was just revoked; the entry is as good as before, because none is ever
// used without GitHub's word that it still holds.
func (l *lru) Delete(string) {}

func (l *lru) drop(key string) {
	e, ok := l.items[key]
	if !ok {
		return
	}
	l.used -= len(key) + len(e.Value.(lruItem).value)
	l.order.Remove(e)
	delete(l.items, key)
}
