package sandbox

import (
	"encoding/json"
	"time"
)

// The state. All of it is guarded by Server.mu; builders (render_*.go) copy it into plain maps while the lock is held.

type user struct {
	id          int64
	login, name string
	kind        string // User, Organization, Bot
	created     time.Time
	members     map[int64]string // of an organisation: user id to role, admin or member
	invited     map[int64]string // likewise, of those who haven't accepted yet
	teams       []*team
	deleted     bool
}

func (u *user) isOrg() bool { return u != nil && u.kind == "Organization" }

type team struct {
	id               int64
	org              *user
	name, slug, desc string
	privacy          string
	members          map[int64]*teamMember
	repos            map[int64]string // repository id to permission
	parent           *team
	created          time.Time
}

// member is somebody's part in a team: their own, else that in a team below it, whose members are members of this one, too:
// https://docs.github.com/en/organizations/organizing-members-into-teams/about-teams#nested-teams
func (t *team) member(u *user) *teamMember {
	if m := t.members[u.id]; m != nil {
		return m
	}
	for _, below := range t.org.teams {
		if below.parent == t {
			if m := below.member(u); m != nil && m.state == "active" {
				return &teamMember{user: u, role: "member", state: "active"}
			}
		}
	}
	return nil
}

// has says whether somebody is a member: who is only invited isn't one.
func (t *team) has(u *user) bool {
	m := t.member(u)
	return m != nil && m.state == "active"
}

type teamMember struct {
	user        *user
	role, state string
}

type repo struct {
	id                       int64
	owner                    *user
	name, desc               string
	private, fork, archived  bool
	deleted                  bool
	internal                 bool // private, but for whoever is in the enterprise
	defaultBranch            string
	noIssues, autoMerge      bool
	noMethods                []string // of merging, that are not allowed
	parent                   *repo
	created, updated, pushed time.Time
	git                      *gitRepo
	refs                     map[string]string
	collab                   map[int64]string
	custom                   map[int64]string // names of custom roles of collaborators
	protected                map[string]*Protection
	next                     int
	issues                   map[int]*issue
	order                    []*issue // by number
	labels                   []*label
	milestones               []*milestone
	comments                 map[int64]*comment
	checks                   []*checkRun
	checkByID                map[int64]*checkRun
	checksBySHA              map[string][]*checkRun
	suites                   map[string]*checkSuite
	suiteByID                map[int64]*checkSuite
	statuses                 map[string][]*status
	releases                 []*release
	events                   []*issueEvent
	forks                    int
	dispatches               []Dispatch
	rulesets                 []*ruleset
	activities               []*activity     // moves of branches, oldest first
	groups                   []*group        // of merge queues
	raw                      json.RawMessage // see repoRaw
	rawKey                   repoKey
}

func (r *repo) full() string { return r.owner.login + "/" + r.name }

func (r *repo) branch(name string) (string, bool) {
	sha, ok := r.refs["refs/heads/"+name]
	return sha, ok
}

type label struct {
	id                int64
	name, color, desc string
}

type milestone struct {
	id               int64
	number           int
	title, desc      string
	creator          *user
	state            string
	created, updated time.Time
	closed, due      *time.Time
}

type issue struct {
	id               int64
	number           int
	repo             *repo
	title            string
	body             *string
	user             *user
	state, reason    string
	locked           bool
	lockReason       string
	labels           []*label
	assignees        []*user
	milestone        *milestone
	created, updated time.Time
	closed           *time.Time
	closedBy         *user
	edited           *time.Time // its text; nil: never
	editor           *user
	texts            []textEdit // all that it has had, once it was edited
	viaApp           bool
	comments         []*comment
	reactions        []*reaction
	events           []*issueEvent
	pr               *pull
	deleted          bool
	movedTo          *issue // where it was transferred to
}

// textEdit is a text that an issue has had.
type textEdit struct {
	text string
	at   time.Time
	by   *user
}

type pull struct {
	id             int64
	issue          *issue
	base, head     string // branch names
	baseSHA        string
	headSHA        string
	headAt         time.Time // when it got this head
	headRepo       *repo     // nil when it was deleted
	headOwner      *user
	draft          bool
	merged         bool
	mergedAt       *time.Time
	mergedBy       *user
	mergeSHA       string
	mergeKey       string // base and head for which mergeable is known
	mergeable      bool
	asked          bool // mergeable was asked for once (Options.SlowMergeable)
	maintainerEdit bool
	reviews        []*review
	lines          []*lineComment
	autoMerge      *autoMerge // nil: nobody asked for it
	reviewers      []*user
	reviewTeams    []*team
}

type review struct {
	id        int64
	user      *user
	body      string
	state     string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING
	commit    string
	submitted time.Time
}

type comment struct {
	edited           *time.Time // nil: never
	editor           *user
	id               int64
	issue            *issue
	user             *user
	body             string
	created, updated time.Time
	viaApp           bool
	reactions        []*reaction
}

type reaction struct {
	id      int64
	user    *user
	content string
	created time.Time
}

type issueEvent struct {
	id       int64
	issue    *issue
	actor    *user
	kind     string
	label    *label
	assignee *user
	reviewer *user
	// reviewTeam is the team that was asked to review, in place of a reviewer.
	reviewTeam *team
	review     *review // that was dismissed
	was        string  // its state till then
	milestone  string
	rename     [2]string
	commit     string
	viaApp     bool
	created    time.Time
}

type checkSuite struct {
	id               int64
	sha, branch      string
	before           string
	created, updated time.Time
	runs             []*checkRun
}

type checkRun struct {
	id                  int64
	suite               *checkSuite
	sha, name           string
	external, details   string
	status, conclusion  string
	started, completed  *time.Time
	title, summary, txt *string
	annotations         []obj
	actions             []any
	created             time.Time
	ofApp               bool // false for a check run made by somebody else's App (Server.ForeignCheck)
}

type status struct {
	id                            int64
	sha, state, desc, target, ctx string
	creator                       *user
	created, updated              time.Time
}

type release struct {
	id          int64
	tag, target string
	name, body  *string
	draft, pre  bool
	author      *user
	created     time.Time
	published   *time.Time
	repo        *repo
	assets      []*asset
}

type asset struct {
	id      int64
	name    string
	by      *user
	created time.Time
}

type installation struct {
	id               int64
	account          *user
	all              bool
	repos            map[int64]bool
	perms            map[string]string
	events           []string
	created, updated time.Time
	suspendedAt      *time.Time
	suspendedBy      *user
}

type token struct {
	inst    *installation
	repos   map[int64]bool // nil: whatever the installation has
	perms   map[string]string
	expires time.Time
}

// actor is who does something: a person, or the App.
type actor struct {
	user *user
	app  bool
	// workflows says that an App's token may write workflows, whatever its installation may.
	workflows bool
}
