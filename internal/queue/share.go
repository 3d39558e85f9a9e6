package queue

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/riverqueue/river/riverdriver"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// The classes of work, each with workers of its own: so a command waits for no check.
const (
	usual    = "usual"
	commands = "commands"
	answers  = "answers" // that change nothing
)

// share is how many keys of one repository are worked at once.
func (o Options) share(class string) int {
	if class == usual {
		return o.Workers
	}
	return max(1, o.Workers/2)
}

// most is how many keys of a class are worked at once: more than one repository's.
func (o Options) most(class string) int { return o.share(class) + max(1, o.share(class)/2) }

// workers is how many keys are worked at once in all.
func (o Options) workers() int { return o.most(usual) + o.most(commands) + o.most(answers) }

// classOf is the class of a key: of the keys of comments, and of all others.
func classOf(k reconcile.Key) string {
	switch k.Handler {
	case reconcile.CommandHandler:
		return commands
	case reconcile.QuestionHandler, reconcile.RefusalHandler:
		return answers
	}
	return usual
}

// laneOf is the queue, in River's sense, of a key's jobs: its class, its owner and its
// repository. River's names are short, so it has what the two come to.
func laneOf(k reconcile.Key) string {
	sum := func(s string) []byte { all := sha256.Sum256([]byte(strings.ToLower(s))); return all[:8] }
	return fmt.Sprintf("%s-%x-%x", classOf(k), sum(k.Repo.Owner), sum(k.Repo.Name))
}

// held counts what is being worked, by lane, by class and owner, and by class.
type held map[string]int

// names are what a lane counts for. One that isn't ours (a job of an earlier version) is
// a repository of its own.
func names(lane string) (repo, owner, class string) {
	part := strings.Split(lane, "-")
	if len(part) != 3 {
		return lane, lane + "-", usual
	}
	return lane, part[0] + "-" + part[1], part[0]
}

func (h held) add(lane string, n int) {
	repo, owner, class := names(lane)
	h[repo] += n
	h[owner] += n
	h[class] += n
}

// room is how many more of a lane may be worked. One owner leaves a worker to others.
func (h held) room(o Options, lane string) int {
	repo, owner, class := names(lane)
	return min(o.share(class)-h[repo], o.most(class)-1-h[owner], o.most(class)-h[class])
}

// fairly is River's driver, whose jobs are fetched from all lanes by their shares, and
// whose notices never leave the process: they come whenever we have changed something.
// River's own would tell of jobs that were inserted, not of shares that are free again,
// and would be a write for each. Another replica finds what we leave by polling.
type fairly[T any] struct {
	riverdriver.Driver[T]
	q *Queue
}

// SupportsListenNotify keeps River from writing notices.
func (fairly[T]) SupportsListenNotify() bool { return false }

// GetListener returns the listener to our own.
func (d fairly[T]) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return listener(d.q.bell)
}

// GetExecutor implements riverdriver.Driver.
func (d fairly[T]) GetExecutor() riverdriver.Executor { return fetcher{d.Driver.GetExecutor(), d.q} }

// fetcher fetches for River's one producer, which calls it in turn.
type fetcher struct {
	riverdriver.Executor
	q *Queue
}

// JobGetAvailable implements riverdriver.Executor. What is being worked is read from the
// rows, so nothing has to be given back, whatever becomes of a run.
func (f fetcher) JobGetAvailable(ctx context.Context, p *riverdriver.JobGetAvailableParams) (*riverdriver.JobGetAvailableResult, error) {
	all := &riverdriver.JobGetAvailableResult{DecodeErrors: map[int64]error{}}
	lanes, err := f.q.store.Lanes(ctx, p.Now)
	if err != nil || len(lanes) == 0 {
		return all, err
	}
	running, err := f.q.store.Running(ctx, p.ClientID)
	if err != nil {
		return nil, err
	}
	now := held{}
	for lane, n := range running {
		now.add(lane, n)
	}
	// Who has least comes first; then who has waited longest.
	slices.SortStableFunc(lanes, func(a, b string) int { return cmp.Compare(now[a], now[b]) })
	for free := p.MaxToLock; free > 0 && len(lanes) > 0; {
		part := max(1, free/len(lanes))
		var more []string
		for _, lane := range lanes {
			n := min(free, part, now.room(f.q.opts, lane))
			if n <= 0 {
				continue
			}
			of := *p
			of.Queue, of.MaxToLock = lane, n
			got, err := f.Executor.JobGetAvailable(ctx, &of)
			if err != nil && len(all.Jobs) == 0 {
				return nil, err
			}
			if err != nil { // those that were fetched are ours to work
				f.q.log.Error("fetch jobs", "lane", lane, "error", err)
				return all, nil
			}
			all.Jobs = append(all.Jobs, got.Jobs...)
			maps.Copy(all.DecodeErrors, got.DecodeErrors)
			now.add(lane, len(got.Jobs))
			if free -= len(got.Jobs); len(got.Jobs) == n {
				more = append(more, lane)
			}
		}
		lanes = more
	}
	return all, nil
}
