package git

import "sync"

// memory keeps what was read of objects and made of them. An object never
// changes, so what is known stays true as long as its repository is the same
// making. It is bounded, and everything is forgotten when it is full: all of it
// can be read again. What is kept is shared, so nobody may change it.
type memory struct {
	mu    sync.Mutex
	known map[string]any
	bytes int
}

// maxMemory bounds a memory, in bytes: the history of a source branch of several
// years, and some hundred changes.
const maxMemory = 32 << 20

func (m *memory) get(key string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.known[key]
	return v, ok
}

// put keeps a value that takes so many bytes, about.
func (m *memory) put(key string, v any, bytes int) {
	bytes += len(key) + 200
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || m.bytes+bytes > maxMemory {
		m.known, m.bytes = map[string]any{}, 0
	}
	if _, ok := m.known[key]; !ok && bytes <= maxMemory {
		m.known[key] = v
		m.bytes += bytes
	}
}

// remember returns what is known under a key, or makes and keeps it.
func remember[V any](m *memory, key string, size func(V) int, made func() (V, error)) (V, error) {
	if known, ok := m.get(key); ok {
		return known.(V), nil
	}
	v, err := made()
	if err == nil {
		m.put(key, v, size(v))
	}
	return v, err
}
