package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/replay"
)

// journal is what a replay has come to so far: a line for each change that was judged. A line that a
// process didn't finish is dropped.
type journal struct {
	file     *os.File
	outcomes map[string]replay.Outcome // by repository, branch and commit
	trackers []replay.Tracker
	hours    map[time.Time]replay.Requests
}

// entry is a line: what one event came to, and the requests of the time since the line before.
type entry struct {
	Of      string                        `json:",omitempty"` // the first line: which program played by which policy
	Outcome *replay.Outcome               `json:",omitempty"`
	Tracker *replay.Tracker               `json:",omitempty"`
	Hours   map[time.Time]replay.Requests `json:",omitempty"`
}

// openJournal reads what there is, which has to be of the same.
func openJournal(path, of string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f, outcomes: map[string]replay.Outcome{}, hours: map[time.Time]replay.Requests{}}
	in, whole := bufio.NewReader(f), int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		var one entry
		if err == nil {
			err = json.Unmarshal(bytes.TrimSpace(line), &one)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if whole == 0 && one.Of != of {
			return nil, errors.Join(fmt.Errorf("%s is of another policy, or of another version of Slipway: remove it, or name another directory", path), f.Close())
		}
		whole += int64(len(line))
		j.take(one)
	}
	if err := f.Truncate(whole); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err = f.Seek(whole, io.SeekStart); err == nil && whole == 0 {
		err = j.add(entry{Of: of})
	}
	return j, err
}

func judgedAs(e replay.Event) string { return e.Repo + " " + string(e.Branch) + " " + e.Commit }

func (j *journal) take(e entry) {
	if e.Outcome != nil {
		j.outcomes[judgedAs(e.Outcome.Event)] = *e.Outcome
	}
	if e.Tracker != nil {
		j.trackers = append(slices.DeleteFunc(j.trackers, func(t replay.Tracker) bool { return t.Version == e.Tracker.Version }), *e.Tracker)
	}
	for hour, spent := range e.Hours {
		j.hours[hour] = j.hours[hour].Plus(spent)
	}
}

// add writes a line.
func (j *journal) add(e entry) error {
	j.take(e)
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// played is how many of the events, the first ones, were played before.
func (j *journal) played(events []replay.Event) (n int) {
	for i, e := range events {
		if _, was := j.outcomes[judgedAs(e)]; was && e.Kind == replay.Merge {
			n = i + 1
		}
	}
	return n
}

// of are the outcomes of the events, in their order.
func (j *journal) of(events []replay.Event) (all []replay.Outcome) {
	for _, e := range events {
		if o, was := j.outcomes[judgedAs(e)]; was && e.Kind == replay.Merge {
			all = append(all, o)
		}
	}
	return all
}

func (j *journal) close() error { return j.file.Close() }
