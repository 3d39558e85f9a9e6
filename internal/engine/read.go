package engine

import (
	"context"
	"crypto/rand"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// allRead says of a text that reading it came to its end.
const allRead = "read"

// harmless is how long a text may be, in bytes, that can't end a process. One that is killed
// while it reads such a text reads it again: the command in it must not be lost by that.
const harmless = 2000

// read finds the commands of a text. fatal reports that a process ended while it read it:
// a stranger's long text that kills is never read twice. That it begins is noted before, and
// one text is read at a time, so that no other is blamed.
func (e *Engine) read(ctx context.Context, k reconcile.Key, text string) (lines []command.Found, fatal bool, err error) {
	e.reading.Lock()
	defer e.reading.Unlock()
	if e.process == "" {
		e.process = rand.Text()
	}
	key := "reading/" + k.String()
	var by string
	begun, err := e.recall(ctx, key, &by)
	if err != nil || begun && by != allRead && by != e.process { // this one lives
		return nil, err == nil, err
	}
	if by != allRead && len(text) > harmless {
		if err := e.remember(ctx, key, e.process, askWindow); err != nil {
			return nil, false, err
		}
	}
	lines = command.Parse(text, e.Registry.Commands())
	if by != allRead { // though the process is about to stop
		err = e.remember(context.WithoutCancel(ctx), key, allRead, askWindow)
	}
	return lines, false, err
}
