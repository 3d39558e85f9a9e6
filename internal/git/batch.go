package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// MissingError says which object a repository doesn't have. In a shallow or
// partial clone that is nothing wrong: the object was never fetched.
type MissingError struct{ ID string }

// Error names the object.
func (e *MissingError) Error() string { return "the repository has no object " + e.ID }

// batch is a git process that stays and answers one question after the other: a
// start costs as much as forty answers. It looks again when it doesn't find an
// object, so it sees new ones. It ends with its repository's use.
type batch struct {
	program *Program
	call    call

	mu   sync.Mutex
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	said *tail
}

// object is one object as it is stored.
type object struct {
	kind string // "commit", "tree", "blob", "tag"
	size int64
	body []byte // nil when only asked about
}

// read returns an object's content; a *MissingError if there is no such object.
func (b *batch) read(ctx context.Context, id string) (object, error) {
	return b.object(ctx, "contents", id, maxObject)
}

// begin returns an object's content up to max bytes.
func (b *batch) begin(ctx context.Context, id string, max int) (o object, err error) {
	if !isID(id) {
		return o, fmt.Errorf("%q is not an object id", id)
	}
	err = b.ask(ctx, "contents "+id+"\n", func(out *bufio.Reader) (err error) {
		if o, err = readHead(out, id); err != nil {
			return err
		}
		o.body = make([]byte, min(o.size, int64(max)))
		if _, err = io.ReadFull(out, o.body); err == nil {
			_, err = io.CopyN(io.Discard, out, o.size-int64(len(o.body))+1)
		}
		return err
	})
	return o, err
}

// stat returns an object without its content.
func (b *batch) stat(ctx context.Context, id string) (object, error) {
	return b.object(ctx, "info", id, 0)
}

// object asks a git cat-file, for at most max bytes of content.
func (b *batch) object(ctx context.Context, question, id string, max int64) (o object, err error) {
	if !isID(id) {
		return o, fmt.Errorf("%q is not an object id", id)
	}
	err = b.ask(ctx, question+" "+id+"\n", func(out *bufio.Reader) (err error) {
		o, err = readObject(out, question, id, max)
		return err
	})
	return o, err
}

// ask sends one question and reads its answer. A process that fails or whose
// asker leaves is ended: what it would write next can't be told apart.
func (b *batch) ask(ctx context.Context, question string, answer func(*bufio.Reader) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.start(); err != nil {
		return err
	}
	cmd := b.cmd
	stop := context.AfterFunc(ctx, func() { cmd.Cancel() }) // it may run beside end
	_, err := io.WriteString(b.in, question)
	if err == nil {
		err = answer(b.out)
	}
	if err == nil || isMissing(err) {
		if !stop() {
			b.end()
			return fmt.Errorf("git %s: %w", b.call.args[0], context.Cause(ctx))
		}
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) { // it ended by itself, and said why
		b.in.Close()
		if ended := b.cmd.Wait(); ended != nil {
			err = b.program.failed(ctx, b.call, ended, b.said)
		}
	}
	stop()
	b.end()
	if ctx.Err() != nil {
		return fmt.Errorf("git %s: %w", b.call.args[0], context.Cause(ctx))
	}
	if isTooLarge(err) {
		return err
	}
	return fmt.Errorf("%w: %w", errDamaged, err)
}

func (b *batch) start() error {
	if b.cmd != nil {
		return nil
	}
	cmd := b.program.command(context.Background(), b.call)
	b.said = &tail{}
	cmd.Stderr = b.said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git %s: %w", b.call.args[0], err)
	}
	b.cmd, b.in, b.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

// readHead reads what kind an object is, and how long.
func readHead(out *bufio.Reader, id string) (object, error) {
	line, err := out.ReadString('\n')
	if err != nil {
		return object{}, fmt.Errorf("git cat-file %s: %w", id, err)
	}
	f := strings.Fields(line)
	if len(f) == 2 && f[1] == "missing" {
		return object{}, &MissingError{ID: id}
	}
	if len(f) != 3 {
		return object{}, fmt.Errorf("git cat-file %s answers %q", id, line)
	}
	o := object{kind: f[1]}
	if o.size, err = strconv.ParseInt(f[2], 10, 64); err != nil || o.size < 0 {
		return object{}, fmt.Errorf("git cat-file %s answers %q", id, line)
	}
	return o, nil
}

func readObject(out *bufio.Reader, question, id string, max int64) (object, error) {
	o, err := readHead(out, id)
	if err != nil || question == "info" {
		return o, err
	}
	if o.size > max {
		return object{}, &TooLargeError{fmt.Sprintf("an object of more than %d MB", max>>20)}
	}
	o.body = make([]byte, o.size+1)
	if _, err := io.ReadFull(out, o.body); err != nil {
		return object{}, fmt.Errorf("git cat-file %s: %w", id, err)
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
