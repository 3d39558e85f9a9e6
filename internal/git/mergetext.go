package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// MergeText lays what changed from base to theirs onto ours, line by line. Where
// both changed the same lines ours stays, and kept counts these places.
func (p *Program) MergeText(ctx context.Context, base, ours, theirs string) (merged string, kept int, err error) {
	dir, err := os.MkdirTemp("", "slipway-merge-")
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	args := []string{"merge-file", "-p", "-q"}
	var names []string
	for _, one := range []struct{ name, text string }{{"ours", ours}, {"base", base}, {"theirs", theirs}} {
		name := filepath.Join(dir, one.name)
		if err := os.WriteFile(name, []byte(one.text), 0o600); err != nil {
			return "", 0, err
		}
		names = append(names, name)
	}
	out, err := p.run(ctx, call{args: append(args, names...)})
	if kept = codeOf(err); kept > 0 && kept < 128 { // the number of conflicts
		out, err = p.run(ctx, call{args: append(append(args, "--ours"), names...)})
	} else {
		kept = 0
	}
	if err != nil {
		return "", 0, fmt.Errorf("merge texts: %w", err)
	}
	return string(out), kept, nil
}
