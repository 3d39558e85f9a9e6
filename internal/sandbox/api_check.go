package sandbox

import (
	"strings"
	"time"
	"unicode/utf8"
)

var conclusions = []string{"action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"}
var runStatuses = []string{"queued", "in_progress", "completed", "waiting", "requested", "pending"}

func createRun(c *call) (reply, error) {
	name, err := c.need("name")
	if err != nil {
		return reply{}, err
	}
	sha, err := c.need("head_sha")
	if err != nil {
		return reply{}, err
	}
	if strings.TrimSpace(name) == "" {
		return reply{}, invalid("CheckRun", "name", "missing_field", "")
	}
	if c.s.unknown(c.repo, sha) {
		return reply{}, unprocessable("No commit found for SHA: %s", sha)
	}
	now := c.s.now()
	run := &checkRun{sha: sha, name: name, status: "queued", created: now, ofApp: true}
	if err := c.fillRun(run, true); err != nil {
		return reply{}, err
	}
	c.s.addRun(c.actor, c.repo, run)
	return created(c.s.checkRunObj(c.repo, run))
}

// addRun files a complete check run. The caller holds the lock.
func (s *Server) addRun(a actor, r *repo, run *checkRun) {
	run.id, run.suite = s.id(), s.suiteFor(r, run.sha, run.ofApp)
	run.suite.runs = append(run.suite.runs, run)
	run.suite.updated = s.now()
	r.checks = append(r.checks, run)
	r.checkByID[run.id] = run
	r.checksBySHA[run.sha] = append(r.checksBySHA[run.sha], run)
	s.emitCheck("created", r, run, a)
	if run.status == "completed" {
		s.completed(a, r, run)
	}
}

// completed tells of a finished check run, and of its suite when that was the last one.
func (s *Server) completed(a actor, r *repo, run *checkRun) {
	s.emitCheck("completed", r, run, a)
	if st, _ := suiteState(latestOf(run.suite.runs)); st == "completed" && run.ofApp {
		s.emitSuite("completed", r, run.suite, a)
	}
	s.mergeWaiting(r, run.sha)
}

func (s *Server) suiteFor(r *repo, sha string, ours bool) *checkSuite {
	key := sha
	if !ours {
		key += " other"
	}
	u := r.suites[key]
	if u == nil {
		u = &checkSuite{id: s.id(), sha: sha, created: s.now(), updated: s.now()}
		for ref, at := range r.refs {
			if b, isBranch := strings.CutPrefix(ref, "refs/heads/"); isBranch && at == sha {
				u.branch = b
			}
		}
		r.suites[key], r.suiteByID[u.id] = u, u
	}
	return u
}

// ForeignCheck makes a check run by another App, as some CI would.
func (s *Server) ForeignCheck(repo, sha, name, status, conclusion string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return 0, err
	}
	now := s.now()
	run := &checkRun{sha: sha, name: name, status: status, conclusion: conclusion, created: now, started: &now}
	if conclusion != "" {
		run.status, run.completed = "completed", &now
	}
	s.addRun(actor{user: s.ghost}, r, run)
	return run.id, nil
}

// FinishForeignCheck completes a check run of another App.
func (s *Server) FinishForeignCheck(repo string, id int64, conclusion string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(repo)
	if err != nil {
		return err
	}
	run := r.checkByID[id]
	if run == nil || run.ofApp {
		return errNotFound
	}
	now := s.now()
	run.status, run.conclusion, run.completed = "completed", conclusion, &now
	s.completed(actor{user: s.ghost}, r, run)
	return nil
}

// fillRun takes the fields that create and update share.
func (c *call) fillRun(run *checkRun, create bool) error {
	status, _, err := c.str("status")
	if err != nil {
		return err
	}
	conclusion, concluded, err := c.str("conclusion")
	if err != nil {
		return err
	}
	switch {
	case status != "" && !contains(runStatuses, status):
		return unprocessable("Invalid request.\n\nFor 'properties/status', %s is not a possible value. Must be one of the following: queued, in_progress, completed, waiting, requested, pending.", status)
	case concluded && !contains(conclusions, conclusion):
		return unprocessable("Invalid request.\n\nFor 'properties/conclusion', %s is not a possible value.", conclusion)
	case status == "completed" && !concluded && run.conclusion == "":
		return unprocessable("Invalid request.\n\n\"conclusion\" wasn't supplied.")
	}
	for field, into := range map[string]*string{"external_id": &run.external, "details_url": &run.details} {
		if v, given, err := c.str(field); err != nil {
			return err
		} else if given {
			*into = v
		}
	}
	if name, given, err := c.str("name"); err != nil {
		return err
	} else if given {
		run.name = name
	}
	if acts, given := c.body["actions"].([]any); given {
		if len(acts) > 3 {
			return unprocessable("Invalid request.\n\nNo more than 3 items are allowed; %d were supplied.", len(acts))
		}
		run.actions = acts
	}
	if err := c.runOutput(run); err != nil {
		return err
	}
	return c.runTimes(run, status, conclusion, create)
}

func (c *call) runTimes(run *checkRun, status, conclusion string, create bool) error {
	now := c.s.now()
	started, err := c.when("started_at")
	if err != nil {
		return err
	}
	completed, err := c.when("completed_at")
	if err != nil {
		return err
	}
	if started != nil {
		run.started = started
	} else if create {
		run.started = &now
	}
	switch {
	case conclusion != "" || completed != nil && run.conclusion != "": // a conclusion completes a run by itself
		run.status, run.completed = "completed", &now
		if conclusion != "" {
			run.conclusion = conclusion
		}
		if completed != nil {
			run.completed = completed
		}
	case status != "" && status != "completed": // back to work: the old conclusion is gone
		run.status, run.conclusion, run.completed = status, "", nil
	}
	return nil
}

// when takes a time from the body.
func (c *call) when(field string) (*time.Time, error) {
	v, given, err := c.str(field)
	if err != nil || !given {
		return nil, err
	}
	t, perr := time.Parse(time.RFC3339, v)
	if perr != nil {
		return nil, unprocessable("Invalid request.\n\nFor 'properties/%s', %q is not a valid date-time.", field, v)
	}
	return &t, nil
}

func (c *call) runOutput(run *checkRun) error {
	v, given := c.body["output"]
	if !given || v == nil {
		return nil
	}
	out, isObj := v.(obj)
	if !isObj {
		return badType("output", v, "an object")
	}
	sub := &call{body: out}
	title, err := sub.text("title")
	if err != nil {
		return err
	}
	summary, err := sub.text("summary")
	if err != nil {
		return err
	}
	if summary == nil {
		return unprocessable("Invalid request.\n\n\"summary\" wasn't supplied.")
	}
	text, err := sub.text("text")
	if err != nil {
		return err
	}
	if err := c.outputFits("summary", summary); err != nil {
		return err
	}
	if err := c.outputFits("text", text); err != nil {
		return err
	}
	rows, _ := out["annotations"].([]any)
	if len(rows) > 50 {
		return unprocessable("Invalid request.\n\nNo more than 50 items are allowed; %d were supplied.", len(rows))
	}
	if title != nil {
		run.title = title
	}
	run.summary = summary
	if text != nil {
		run.txt = text
	}
	return run.annotate(rows)
}

const maxOutput = 65535

// outputFits holds a text of a check's output to both of GitHub's limits, characters by its schema and bytes by its database:
// https://github.com/github/docs/issues/35252
func (c *call) outputFits(field string, text *string) error {
	switch {
	case text == nil:
		return nil
	case utf8.RuneCountInString(*text) > maxOutput:
		return unprocessable("Invalid request.\n\nOnly 65535 characters are allowed; %d were supplied.", utf8.RuneCountInString(*text))
	case len(*text) > maxOutput && !c.s.opts.CharactersOnly:
		return invalid("CheckRun", field, "custom", field+" exceeds a maximum bytesize of 65535")
	}
	return nil
}

func (run *checkRun) annotate(rows []any) error {
	for _, x := range rows {
		a, isObj := x.(obj)
		if !isObj || a["path"] == nil || a["start_line"] == nil || a["end_line"] == nil || a["annotation_level"] == nil || a["message"] == nil {
			return unprocessable("Invalid request.\n\nFor 'properties/annotations', a required key is missing.")
		}
		o := obj{"blob_href": "", "title": nil, "raw_details": nil, "start_column": nil, "end_column": nil}
		for k, v := range a {
			o[k] = v
		}
		run.annotations = append(run.annotations, o)
	}
	return nil
}

func (c *call) pathRun() (*checkRun, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	if run := c.repo.checkByID[id]; run != nil {
		return run, nil
	}
	return nil, errNotFound
}

func getRun(c *call) (reply, error) {
	run, err := c.pathRun()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.checkRunObj(c.repo, run))
}

// patchRun: only the App that made a check run may change it.
func patchRun(c *call) (reply, error) {
	run, err := c.pathRun()
	if err != nil {
		return reply{}, err
	}
	if !run.ofApp {
		return reply{}, &Error{Status: 403, Message: "Invalid app_id `" + c.path["id"] + "` - check run can only be modified by the GitHub App that created it."}
	}
	was := run.status
	next := *run
	if err := c.fillRun(&next, false); err != nil {
		return reply{}, err
	}
	*run = next
	run.suite.updated = c.s.now()
	if run.status == "completed" && was != "completed" {
		c.s.completed(c.actor, c.repo, run)
	}
	return ok(c.s.checkRunObj(c.repo, run))
}

// filterRuns applies check_name, status, app_id and filter; the newest come first.
func (c *call) filterRuns(all []*checkRun) []*checkRun {
	var out []*checkRun
	seen := map[string]bool{}
	latest := c.q.Get("filter") != "all"
	for k := len(all) - 1; k >= 0; k-- {
		run := all[k]
		app := "other"
		if run.ofApp {
			app = itoa(c.s.app.ID)
		}
		if latest {
			if seen[app+run.name] {
				continue
			}
			seen[app+run.name] = true
		}
		if n := c.q.Get("check_name"); n != "" && n != run.name {
			continue
		}
		if st := c.q.Get("status"); st != "" && st != run.status {
			continue
		}
		if id := c.q.Get("app_id"); id != "" && id != app {
			continue
		}
		out = append(out, run)
	}
	return out
}

func listRunsForRef(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	return wrapped(c, "check_runs", c.filterRuns(c.repo.checksBySHA[sha]), func(x *checkRun) obj { return c.s.checkRunObj(c.repo, x) })
}

func listSuitesForRef(c *call) (reply, error) {
	sha, err := c.resolveRef()
	if err != nil {
		return reply{}, err
	}
	var all []*checkSuite
	for _, key := range []string{sha, sha + " other"} {
		u := c.repo.suites[key]
		if id := c.q.Get("app_id"); u == nil || id != "" && (id == itoa(c.s.app.ID)) != (key == sha) {
			continue
		}
		all = append(all, u)
	}
	return wrapped(c, "check_suites", all, func(u *checkSuite) obj { return c.s.suiteObj(c.repo, u) })
}
