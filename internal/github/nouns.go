package github

import (
	"crypto/sha1" // git's name of a blob
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Repo names a repository as "owner/name". GitHub compares both without case;
// Slipway keeps the spelling that GitHub last used.
type Repo struct{ Owner, Name string }

// String returns "owner/name".
func (r Repo) String() string { return r.Owner + "/" + r.Name }

// repoName is an owner and a repository's name. There are accounts with a hyphen at either
// end, though GitHub no longer makes any (https://github.com/shinnn/github-username-regex/issues/7),
// and those that a company manages end in an underscore and its short code
// (https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication).
var repoName = lazy.Regexp(`^([A-Za-z0-9_-]{1,100})/([A-Za-z0-9._-]{1,100})$`)

// login is the name of an account as people write it; that of a bot ends in [bot].
var login = lazy.Regexp(`^[A-Za-z0-9_-]{1,100}(\[bot\])?$`)

// IsLogin reports whether a text could be the name of an account.
func IsLogin(s string) bool { return login().MatchString(s) }

// maxLogin is longer than any login, in bytes.
const maxLogin = 200

// IsHarmless reports whether a login that GitHub tells of can go into addresses and texts,
// whatever else it looks like.
func IsHarmless(login string) bool {
	return len(login) <= maxLogin && utf8.ValidString(login) && !strings.ContainsFunc(login, func(r rune) bool {
		return r == '/' || r == '\\' || unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
}

// ParseRepo reads "owner/name". The names "." and ".." are refused: they would
// change the path of every URL they are put into.
func ParseRepo(s string) (Repo, error) {
	m := repoName().FindStringSubmatch(s)
	if m == nil || m[2] == "." || m[2] == ".." {
		return Repo{}, fmt.Errorf("%q is not a repository: want owner/name", s)
	}
	return Repo{Owner: m[1], Name: m[2]}, nil
}

// User is an account. ID never changes and is what trust rests on; a login can
// be renamed and taken over by somebody else.
type User struct {
	ID    int64
	Login string
	Bot   bool // an App's or a machine account of type "Bot"
}

// Visibility is how few may see a repository: a higher one is more private.
type Visibility int

// The visibilities. Servers that don't tell internal repositories call them private.
const (
	Public Visibility = iota
	Internal
	Private
)

// String is GitHub's word.
func (v Visibility) String() string {
	return [...]string{"public", "internal", "private"}[min(max(v, Public), Private)]
}

// State is whether an issue or a pull request is open.
type State string

// The states of an issue or a pull request.
const (
	Open   State = "open"
	Closed State = "closed"
)

// PullRequest is a pull request as one read or one payload shows it.
type PullRequest struct {
	RepoID    int64 // of the repository it is against; survives renames
	Number    int
	Title     string
	Body      string `json:"-"` // only of a read: it may be long, and nobody keeps it
	Author    User
	State     State
	Draft     bool
	Merged    bool
	Base      release.Branch
	Head      string // commit id
	HeadRef   release.Branch
	HeadRepo  Repo // zero when the fork was deleted
	Labels    []string
	URL       string // for people
	CreatedAt time.Time
	UpdatedAt time.Time
	MergedAt  time.Time // zero unless it was merged
}

// Issue is an issue, or the issue side of a pull request.
type Issue struct {
	Number        int
	Title         string
	Body          string
	Author        User
	State         State
	Labels        []string
	Milestone     string // its title, only of an issue that was read by itself
	IsPullRequest bool
	URL           string // for people
	CreatedAt     time.Time
	UpdatedAt     time.Time
	ClosedAt      time.Time
	ClosedBy      User // only of an issue that was read by itself, or that we wrote
	// Intact is, of an issue that our App wrote and whose body is no longer what
	// the App wrote last, that body; "" when nobody remembers it.
	Intact string
}

// Files are the files that a pull request changes, a renamed one by both names.
type Files struct {
	Paths    []string
	Complete bool // false when GitHub doesn't show them all
}

// Changes are the same files with what becomes of each.
type Changes struct {
	Files    []ChangedFile
	Complete bool
}

// ChangedFile is a file that a pull request changes.
type ChangedFile struct {
	Path string
	Was  string // its name before, of a renamed one
	// Gone is of one that it takes away, and Same of one whose content stays: it is
	// only renamed, or its mode changes.
	Gone, Same bool
	Blob       string // git's name of its content, as BlobID has it; of none that is gone
}

// BlobID is git's name of a file's content.
func BlobID(content string) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00%s", len(content), content)
	return hex.EncodeToString(h.Sum(nil))
}

// Paths lists the paths, those that are renamed away too, in order.
func (c Changes) Paths() []string {
	var all []string
	for _, f := range c.Files {
		all = append(all, f.Path)
		if f.Was != "" {
			all = append(all, f.Was)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Comment is a comment on an issue or a pull request.
type Comment struct {
	ID        int64
	Node      string // its id in the GraphQL API; only of a read
	Number    int    // of the issue or pull request it stands on
	Body      string
	Author    User
	URL       string // for people
	CreatedAt time.Time
	UpdatedAt time.Time // later than CreatedAt once somebody has edited it
}

// Written is a comment with what its edit history says.
type Written struct {
	Body   string
	Edited bool // somebody has edited it, though perhaps within the second in which it was made
}

// File is a text file of a repository, if not otherwise said at the head of its
// default branch.
type File struct {
	Repo  Repo
	Path  string
	Text  string // "" of one of more than MaxFileBytes
	Size  int    // in bytes
	URL   string // for people
	Found bool
	At    time.Time // when it became so, of a version of its history, by its commit; else zero
}

// MaxFileBytes is the size of the largest file that is read whole: that of the largest
// CODEOWNERS file that GitHub itself reads.
const MaxFileBytes = 3 << 20

// Unread reports that the file is there, and too large to be read. It may hold
// anything: that its Text is empty says nothing then.
func (f File) Unread() bool { return f.Found && f.Text == "" && f.Size > 0 }

// Whole is an error that says that the file is Unread; nil if it isn't.
func (f File) Whole() error {
	if f.Unread() {
		return fmt.Errorf("%s of %s has %d bytes, and Slipway reads at most %d", f.Path, f.Repo, f.Size, MaxFileBytes)
	}
	return nil
}

// FileText is the text that a commit gave to a file.
type FileText struct {
	Commit string
	At     time.Time // when the commit was made
	Text   string
}

// Lost is a delivery that never arrived: its GUID and its newest attempt.
type Lost struct {
	GUID    string
	Attempt int64
}

// Revision is a commit with the tree of its files.
type Revision struct {
	ID, Tree string
	At       time.Time // when it was committed
	Pull     int       // the pull request that it merged, as its message says; 0 for none
}

// Blob is a file by git's name of its content.
type Blob struct {
	Path, ID string
	Size     int // in bytes
	// Other says what stands there that is no file: "a symbolic link" or "a
	// submodule"; "" else.
	Other string
}

// Labelled is an issue or a pull request as the list of a label shows it.
type Labelled struct {
	Number        int
	Title         string
	State         State
	IsPullRequest bool
	Merged        bool
	Milestone     string // its title
	URL           string // for people
	UpdatedAt     time.Time
}

// Fix is a pull request that says of an issue that it closes it.
type Fix struct {
	Repo   Repo
	Number int
	URL    string // for people
	Base   release.Branch
	Merged bool
	Commit string // that its merge put on its base; "" until then
}

// Fixes are the pull requests that say of an issue that they close it. More says that there are
// others.
type Fixes struct {
	List []Fix
	More bool
}

// Edition is an issue as it was last changed.
type Edition struct {
	Number int
	At     time.Time
}

// IssueTurn is a label or a milestone that an issue got, or lost.
type IssueTurn struct {
	ID    int64 // ids only rise
	Label string
	// Milestone is its title as it was then; "" where it is about a label.
	Milestone string
	Off       bool
	Who       User
}

// Milestone is a milestone of a repository.
type Milestone struct {
	Number int
	Title  string
	State  State
	Due    release.Date // zero for none
}

// Release is a release on GitHub.
type Release struct {
	Tag    string
	Draft  bool
	Assets []string // the names of its files
	URL    string   // for people
}
