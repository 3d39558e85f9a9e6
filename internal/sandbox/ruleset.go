package sandbox

import (
	"fmt"
	"path"
	"strings"
)

// Ruleset is a repository's ruleset: what it forbids for the refs that it names, for everybody but those who may pass it by.
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
type Ruleset struct {
	Refs []string // patterns of full names, such as refs/heads/release-*; a star takes no slash

	Creation, Update, Deletion, ForcePush bool // none may be made, changed, deleted, or moved to what doesn't follow

	// Signatures says that only commits whose signatures GitHub verifies may be pushed. A pull request's merge isn't held to
	// that here.
	Signatures bool

	PullRequest bool     // changes come by pull requests alone
	Checks      []string // required status checks, whoever makes them; a push by git is not held to them
	AppChecks   []string // required checks that are bound to our App
	OtherChecks []string // required checks that are bound to another App, which never reports
	Queue       bool     // merges go through a merge queue
	// Reviewed says that pull requests need an approval. Nobody is held to that here: it is what GitHub tells, also to
	// whoever may pass by the rules.
	Reviewed bool

	Bypass []string // logins of those whom it doesn't hold
}

type ruleset struct {
	id int64
	Ruleset
}

// AddRuleset adds a ruleset to a repository and returns its id.
func (s *Server) AddRuleset(full string, rules Ruleset) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err != nil {
		return 0, err
	}
	for _, p := range rules.Refs {
		if _, err := path.Match(p, ""); err != nil {
			return 0, fmt.Errorf("sandbox: %q is no pattern of refs: %w", p, err)
		}
	}
	id := s.id()
	r.rulesets = append(r.rulesets, &ruleset{id, rules})
	return id, nil
}

// RemoveRulesets takes all rulesets off a repository.
func (s *Server) RemoveRulesets(full string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(full)
	if err == nil {
		r.rulesets = nil
	}
	return err
}

func (x *ruleset) names(ref string) bool {
	for _, p := range x.Refs {
		if matched, _ := path.Match(p, ref); matched { // AddRuleset has seen that it is a pattern
			return true
		}
	}
	return false
}

func (x *ruleset) holds(a actor) bool { return a.user == nil || !contains(x.Bypass, a.user.login) }

// GitHub's words for what a rule forbids.
const (
	noCreation  = "Cannot create ref due to creations being restricted."
	noUpdate    = "Cannot update this protected ref."
	noDeletion  = "Cannot delete this branch"
	noForcePush = "Cannot force-push to this branch"
	byPullOnly  = "Changes must be made through a pull request."
	unverifieds = "Commits must have verified signatures."
)

// violations are the words of the rules that forbid a move of a ref, which a pull request's merge may be.
func (s *Server) violations(a actor, r *repo, ref, after string, merge *pull) (words []string) {
	before, there := r.refs[ref]
	for _, x := range r.rulesets {
		if !x.names(ref) || !x.holds(a) {
			continue
		}
		words = appendIf(words, x.Signatures && merge == nil && s.bringsUnverified(r, after), unverifieds)
		switch {
		case !there:
			words = appendIf(words, x.Creation, noCreation)
		case after == zeroSHA:
			words = appendIf(words, x.Deletion, noDeletion)
		default:
			words = appendIf(words, x.Update, noUpdate)
			words = appendIf(words, x.PullRequest && merge == nil, byPullOnly)
			words = appendIf(words, x.ForcePush && merge == nil && r.git.mergeBase(before, after) != before, noForcePush)
			head := after
			if merge != nil {
				head = merge.headSHA
			}
			for _, name := range x.Checks {
				words = appendIf(words, !s.passes(r, head, name, false), expected(name))
			}
			for _, name := range x.AppChecks {
				words = appendIf(words, !s.passes(r, head, name, true), expected(name))
			}
			for _, name := range x.OtherChecks {
				words = appendIf(words, true, expected(name))
			}
		}
	}
	return words
}

// bringsUnverified reports commits that no ref has yet and of which GitHub knows no signature.
func (s *Server) bringsUnverified(r *repo, after string) bool {
	if after == zeroSHA {
		return false
	}
	out, err := r.git.git("rev-list", after, "--not", "--all")
	if err != nil {
		return true
	}
	for _, sha := range strings.Fields(string(out)) {
		if c := r.git.commit(sha); c == nil || s.verification(c)["verified"] != true {
			return true
		}
	}
	return false
}

func expected(check string) string {
	return fmt.Sprintf("Required status check %q is expected.", check)
}

func appendIf(list []string, so bool, x string) []string {
	if so {
		list = append(list, x)
	}
	return list
}

// ruled refuses what rules forbid. The status differs by endpoint: 422 for refs, 409 for contents, 405 for merges.
func (s *Server) ruled(a actor, r *repo, ref, after string, merge *pull, status int) error {
	words := s.violations(a, r, ref, after, merge)
	if len(words) == 0 {
		return nil
	}
	return &Error{Status: status, Message: "Repository rule violations found\n\n" + strings.Join(words, "\n\n") + "\n\n"}
}

// pushLines are the rules for the hook that looks at pushes: a line each of what they forbid, for which refs, and its words.
func (s *Server) pushLines(a actor, r *repo) string {
	var b strings.Builder
	for _, x := range r.rulesets {
		if !x.holds(a) {
			continue
		}
		for _, p := range x.Refs {
			for _, rule := range []struct {
				on          bool
				move, words string
			}{{x.Creation, "create", noCreation}, {x.Update, "update", noUpdate}, {x.Deletion, "delete", noDeletion},
				{x.ForcePush, "force", noForcePush}, {x.PullRequest, "update", byPullOnly}, {x.Signatures, "unsigned", unverifieds}} {
				if rule.on {
					fmt.Fprintf(&b, "%s %s %s\n", rule.move, p, rule.words)
				}
			}
		}
	}
	return b.String()
}

// branchRules are the rules that hold for a branch, whether it is there or not. Anybody who sees the repository reads them.
func branchRules(c *call) (reply, error) {
	var rows []obj
	ref := "refs/heads/" + c.path["branch"]
	for _, x := range c.repo.rulesets {
		if !x.names(ref) {
			continue
		}
		row := func(kind string, parameters any) {
			o := obj{"type": kind, "ruleset_source_type": "Repository", "ruleset_source": c.repo.full(), "ruleset_id": x.id}
			if parameters != nil {
				o["parameters"] = parameters
			}
			rows = append(rows, o)
		}
		if x.Creation {
			row("creation", nil)
		}
		if x.Update {
			row("update", obj{"update_allows_fetch_and_merge": false})
		}
		if x.Deletion {
			row("deletion", nil)
		}
		if x.ForcePush {
			row("non_fast_forward", nil)
		}
		if x.Signatures {
			row("required_signatures", nil)
		}
		if x.PullRequest {
			row("pull_request", obj{"dismiss_stale_reviews_on_push": false, "require_code_owner_review": false, "require_last_push_approval": false,
				"required_approving_review_count": 0, "required_review_thread_resolution": false})
		}
		if x.Queue {
			row("merge_queue", obj{"check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5, "max_entries_to_merge": 5,
				"merge_method": "SQUASH", "min_entries_to_merge": 1, "min_entries_to_merge_wait_minutes": 5})
		}
		if len(x.Checks)+len(x.AppChecks)+len(x.OtherChecks) > 0 {
			row("required_status_checks", obj{"strict_required_status_checks_policy": false, "required_status_checks": c.s.ruleChecks(x)})
		}
	}
	return list(c, rows, func(o obj) obj { return o })
}

func (s *Server) ruleChecks(x *ruleset) []obj {
	rows := []obj{}
	for _, name := range x.Checks {
		rows = append(rows, obj{"context": name})
	}
	for _, name := range x.AppChecks {
		rows = append(rows, obj{"context": name, "integration_id": s.app.ID})
	}
	for _, name := range x.OtherChecks {
		rows = append(rows, obj{"context": name, "integration_id": s.app.ID + 1})
	}
	return rows
}
