package checklist

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// A commit whose checks have all succeeded is remembered: what is reported of it
// later is about something else. One whose checks are under way is asked for again
// after a while. And a look asks for as many as it has requests left for; the step is
// open in any case as long as one of them isn't green.

// greenKept is how long a commit is remembered as green, and checksCost how many
// requests its checks take. While some are under way, they are asked for again after
// whileChecksRun: nobody tells the checklist how they come out.
const (
	greenKept      = 30 * 24 * time.Hour
	checksCost     = 2
	whileChecksRun = 10 * time.Minute
)

// checksIn looks at the status checks of a branch's head, once all that the step
// needs is done.
func (p *probing) checksIn(l *facts.Look, step Step) (found, error) {
	if len(undone(p.Tracker.Record, step)) > 0 {
		return found{Unknown: true}, nil
	}
	var want []config.CheckPattern
	for _, c := range step.Probe.Checks {
		want = append(want, config.CheckPattern(p.fill(string(c))))
	}
	ref := p.ref(step.Probe)
	tip, err := p.h.tips().Of(l, release.Branch(ref))
	if err != nil || tip == "" {
		return found{}, err
	}
	key := greenKey(l.Repo, tip, want, p.design)
	f, known, err := p.recallChecks(key)
	if err != nil || known {
		p.running = p.running || f.Unknown
		return f, err
	}
	if p.files <= 0 {
		p.putOff = true
		return found{Unknown: true}, nil
	}
	p.files -= checksCost
	list, there, err := p.h.From.GitHub.StatusChecks(l.Context(), l.Repo, tip)
	if err != nil || !there {
		return found{}, err
	}
	if f = checksFound(list, want, p.design); f.URL == "" {
		f.URL = fmt.Sprintf("%s/%s/commits/%s", p.web, l.Repo, ref)
	}
	p.running = p.running || f.Unknown
	return f, p.keepChecks(key, f)
}

// greenKey names a commit and what was asked of it.
func greenKey(repo github.Repo, tip string, want, design []config.CheckPattern) string {
	return fmt.Sprintf("green/%s/%s/%s", strings.ToLower(repo.String()), tip, hashOf(fmt.Sprint(want, design)))
}

// recallChecks is what is remembered of a commit's checks.
func (p *probing) recallChecks(key string) (f found, ok bool, err error) {
	raw, ok, err := p.h.Looks.Get(p.look.Context(), key)
	var was recalled
	if err != nil || !ok || json.Unmarshal(raw, &was) != nil || !p.Now.Before(was.Until) {
		return f, false, err
	}
	return was.Found, true, nil
}

// recalled is how a commit's checks were, and until when that is believed.
type recalled struct {
	Found found
	Until time.Time
}

// keepChecks remembers how a commit's checks are. One that failed is run again, and
// is asked for each time that it is looked at.
func (p *probing) keepChecks(key string, f found) error {
	ttl := greenKept
	switch {
	case f.Unknown:
		ttl = whileChecksRun - time.Second // the look at that instant asks anew
	case !f.Yes:
		return nil
	}
	raw, err := json.Marshal(recalled{f, p.Now.Add(ttl)})
	if err != nil {
		return err
	}
	return p.h.Looks.Put(p.look.Context(), key, raw, ttl)
}
