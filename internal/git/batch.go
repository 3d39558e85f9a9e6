package git

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// MissingError says which object a repository doesn't have. In a shallow or
// partial clone that is nothing wrong: the object was never fetched.
type MissingError struct{ ID string }

// Error names the object.
func (e *MissingError) Error() string { return "the repository has no object " + e.ID }

// batch is a git cat-file that stays: a start costs as much as forty reads.
// It looks again when it doesn't find something, so it sees new objects.
type batch struct {
	program *Program
	call    call

	mu  sync.Mutex
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// object is one object as it is stored.
type object struct {
	kind string // "commit", "tree", "blob", "tag"
	size int64
	body []byte // nil when only asked about
}

// read returns an object's content; a *MissingError if there is no such object.
func (b *batch) read(ctx context.Context, id string) (object, error) {
	return b.ask(ctx, "contents", id)
}

// stat returns an object without its content.
func (b *batch) stat(ctx context.Context, id string) (object, error) {
	return b.ask(ctx, "info", id)
}

// ask sends one question and reads its answer. A process that fails or whose
// asker leaves is ended: what it would write next can't be told apart.
func (b *batch) ask(ctx context.Context, question, id string) (object, error) {
	if !isID(id) {
		return object{}, fmt.Errorf("%q is not an object id", id)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	if err := b.start(); err != nil {
		return object{}, err
	}
	stop := context.AfterFunc(ctx, func() { b.cmd.Cancel() })
	o, err := b.answer(question, id)
	if !stop() || err != nil && !isMissing(err) {
		b.end()
		if ctx.Err() != nil {
			return object{}, fmt.Errorf("git cat-file: %w", context.Cause(ctx))
		}
	}
	return o, err
}

func (b *batch) start() error {
	if b.cmd != nil {
		return nil
	}
	c := b.call
	c.args = []string{"cat-file", "--batch-command"}
	cmd := b.program.command(context.Background(), c)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	b.cmd, b.in, b.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

func (b *batch) answer(question, id string) (object, error) {
	if _, err := io.WriteString(b.in, question+" "+id+"\n"); err != nil {
		return object{}, fmt.Errorf("%w: git cat-file: %w", errDamaged, err)
	}
	line, err := b.out.ReadString('\n')
	if err != nil {
		return object{}, fmt.Errorf("%w: git cat-file %s: %w", errDamaged, id, err)
	}
	f := strings.Fields(line)
	if len(f) == 2 && f[1] == "missing" {
		return object{}, &MissingError{ID: id}
	}
	if len(f) != 3 {
		return object{}, fmt.Errorf("%w: git cat-file %s answers %q", errDamaged, id, line)
	}
	o := object{kind: f[1]}
	if o.size, err = strconv.ParseInt(f[2], 10, 64); err != nil || o.size < 0 {
		return object{}, fmt.Errorf("%w: git cat-file %s answers %q", errDamaged, id, line)
	}
	if question == "info" {
		return o, nil
	}
	if o.size > maxOutput {
		return object{}, errTooMuch
	}
	o.body = make([]byte, o.size+1)
	if _, err := io.ReadFull(b.out, o.body); err != nil {
		return object{}, fmt.Errorf("%w: git cat-file %s: %w", errDamaged, id, err)
	}
	o.body = o.body[:o.size]
	return o, nil
}

// end stops the process; the next question starts another.
func (b *batch) end() {
	if b.cmd == nil {
		return
	}
	b.in.Close()
	b.cmd.Cancel()
	_ = b.cmd.Wait() // it was killed; how it ended says nothing
	b.cmd = nil
}

func (b *batch) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end()
}
