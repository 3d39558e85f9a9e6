package bench

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// Clock is one clock for several processes: the machine's, moved forward by what
// stands in a file.
type Clock struct {
	mu   sync.Mutex // of who moves it; only one process does
	file *os.File
}

// ClockVariable names the file in a process's environment. Only a slipway that was
// built as a test looks at it.
const ClockVariable = "SLIPWAY_TEST_CLOCK"

// OpenClock opens the clock of a file, which it makes if there is none.
func OpenClock(path string) (*Clock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &Clock{file: file}, nil
}

// Variable is what a process that shares the clock has in its environment.
func (c *Clock) Variable() string { return ClockVariable + "=" + c.file.Name() }

func (c *Clock) ahead() time.Duration {
	var raw [8]byte
	if _, err := c.file.ReadAt(raw[:], 0); err != nil && !errors.Is(err, io.EOF) {
		panic(err) // a clock can't say that it doesn't know
	}
	return time.Duration(binary.LittleEndian.Uint64(raw[:]))
}

// Now is what time it is.
func (c *Clock) Now() time.Time { return time.Now().Round(0).Add(c.ahead()) }

// Advance moves it on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var raw [8]byte
	binary.LittleEndian.PutUint64(raw[:], uint64(c.ahead()+d))
	if _, err := c.file.WriteAt(raw[:], 0); err != nil {
		panic(err)
	}
}
