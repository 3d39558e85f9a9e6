package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestNeverReadTwice: a text that a process didn't survive is told so, and not read again.
func TestNeverReadTwice(t *testing.T) {
	const key = "reading/command istio/istio comment/900"
	dead := newHouse(t)
	dead.memory[key] = []byte(`"another process"`)
	if f, err := dead.work("command comment/900", reconcile.Attempt{N: 2}); err != nil || len(dead.ran) != 0 || !strings.Contains(f.Reason, "isn't read again") {
		t.Errorf("%+v, %v, ran %v", f, err, dead.ran)
	}
	golden.Check(t, "never-read.md", dead.reply(t))

	// Who died later, while it carried the command out, has read it: it is carried out again.
	late := newHouse(t)
	late.memory[key] = []byte(`"read"`)
	if _, err := late.work("command comment/900", reconcile.Attempt{N: 2}); err != nil || len(late.ran) != 1 {
		t.Errorf("%v, ran %v", err, late.ran)
	}

	// So it is where the note of the end can't be kept.
	full := newHouse(t)
	full.Memory = &onceFull{Memory: full}
	if _, err := full.work("command comment/900", reconcile.Attempt{N: 1}); err == nil || len(full.ran) != 0 {
		t.Errorf("%v, ran %v", err, full.ran)
	}
	if _, err := full.work("command comment/900", reconcile.Attempt{N: 2}); err != nil || len(full.ran) != 1 {
		t.Errorf("%v, ran %v", err, full.ran)
	}
	if got := string(full.memory[key]); got != `"read"` {
		t.Errorf("remembers %s", got)
	}
}

// TestShortTextIsReadAgain: a kill, of which no text of this length is the cause, must not lose
// its command.
func TestShortTextIsReadAgain(t *testing.T) {
	for _, long := range []bool{false, true} {
		h := newHouse(t)
		if long {
			h.ask.Text += strings.Repeat("\nand so on", harmless)
		}
		notes := &noted{Memory: h}
		h.Memory = notes
		if _, err := h.work("command comment/900", reconcile.Attempt{N: 1}); err != nil {
			t.Error(err)
		}
		if begun := len(notes.values) == 2; begun != long || notes.values[len(notes.values)-1] != `"read"` {
			t.Errorf("long %v: noted %q", long, notes.values)
		}
	}
}

// noted is a Memory that tells what was kept of reading.
type noted struct {
	Memory
	values []string
}

func (m *noted) Put(ctx context.Context, key string, v []byte, ttl time.Duration) error {
	if strings.HasPrefix(key, "reading/") {
		m.values = append(m.values, string(v))
	}
	return m.Memory.Put(ctx, key, v, ttl)
}

// onceFull is a Memory that once can't keep that a text was read.
type onceFull struct {
	Memory
	failed bool
}

func (m *onceFull) Put(ctx context.Context, key string, v []byte, ttl time.Duration) error {
	if !m.failed && string(v) == `"read"` {
		m.failed = true
		return errors.New("the disk is full")
	}
	return m.Memory.Put(ctx, key, v, ttl)
}

// TestTalk: a text that shows a command in code is asked nothing about, and answered nothing.
func TestTalk(t *testing.T) {
	h := newHouse(t)
	h.ask.Text, h.ask.Unsigned = "```\n/ship it now\n```", true
	h.untold = errors.New("GitHub was asked")
	f, err := h.work("command comment/900", reconcile.Attempt{N: 1})
	if err != nil || f.Reason != "it only talks about commands" || len(f.Enqueue) > 0 || len(h.recorder.Effects()) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}
