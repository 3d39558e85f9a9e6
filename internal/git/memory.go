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

// remember returns what is known under a key, or makes and keeps it. size is how
// many bytes it takes, about.
func remember[V any](m *memory, key string, size func(V) int, made func() (V, error)) (V, error) {
	m.mu.Lock()
	known, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return known.(V), nil
	}
	v, err := made()
	if err != nil {
		return v, err
	}
	bytes := 200 + len(key) + size(v)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || m.bytes+bytes > maxMemory {
		m.known, m.bytes = map[string]any{}, 0
	}
	if _, ok := m.known[key]; !ok && bytes <= maxMemory {
		m.known[key] = v
		m.bytes += bytes
	}
	return v, nil
}
