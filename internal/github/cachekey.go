package github

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// PolicyPath is where a policy stands in a repository, on the default branch. A
// repository without one has that of its owner's PolicyRepo.
const (
	PolicyPath = ".github/slipway.yml"
	PolicyRepo = ".github"
)

// CachedRepo is the repository that a cache key is about, in lower case; without a name
// where it is about an owner.
func CachedRepo(key string) Repo {
	parts := strings.SplitN(key, "/", 4)
	if len(parts) < 3 {
		return Repo{}
	}
	return Repo{Owner: parts[1], Name: parts[2]}
}

// PolicyCacheKey is where a repository's policy is cached. Without a name it is
// the prefix of all policies of an owner. Lower case, because GitHub takes every
// spelling of a name; the slash at the end keeps "a/b" from being a prefix of
// "a/bc".
func PolicyCacheKey(r Repo) string { return cacheKey("policy", r) }

// InstallationCacheKey is where the installation of our App that covers a
// repository is cached; without a name, the prefix of an owner's.
func InstallationCacheKey(r Repo) string { return cacheKey("installation", r) }

// OwnIssuesCacheKey is where the list of the issues that our App wrote in a
// repository is cached; without a name, the prefix of an owner's.
func OwnIssuesCacheKey(r Repo) string { return cacheKey("issues", r) }

// RulesCacheKey is where it is cached what a branch asks of a merge.
func RulesCacheKey(r Repo, branch release.Branch) string {
	return cacheKey("rules", r) + string(branch)
}

// RepoCacheKey is where a repository's numeric id and default branch are cached;
// without a name, the prefix of an owner's.
func RepoCacheKey(r Repo) string { return cacheKey("repo", r) }

// VisibilityCacheKey is where it is cached who may see a repository. It is below
// RepoCacheKey, so that what forgets that forgets it as well.
func VisibilityCacheKey(r Repo) string { return RepoCacheKey(r) + "visibility" }

// CheckCacheKey is where what our App wrote into a check run is cached; without
// a commit and a name, the prefix of a repository's.
func CheckCacheKey(r Repo, commit, name string) string {
	key := cacheKey("check", r)
	if commit != "" {
		key += commit + "/" + name
	}
	return key
}

// NamesakeCacheKey is where it is cached which other Apps report on a commit under names of
// ours.
func NamesakeCacheKey(r Repo, commit string) string { return CheckCacheKey(r, commit, "of others") }

// NewHeadCacheKey is where it is cached, for NewHeadFor, that a commit became the head
// of a pull request that was known with another one.
func NewHeadCacheKey(r Repo, commit string) string { return CheckCacheKey(r, commit, "new") }

// NewHeadFor is how long a head is new. What was written into its check runs is
// remembered far longer.
const NewHeadFor = time.Hour

// FilesCacheKey is where the files that a pull request changes at a head, seen
// from a base, are cached.
func FilesCacheKey(r Repo, number int, head string, base release.Branch) string {
	return cacheKey("changes", r) + fmt.Sprintf("%d/%s/%s", number, head, base)
}

// MergedCacheKey is where the commits are cached that a merge put on its base.
func MergedCacheKey(r Repo, number int, merge string) string {
	return cacheKey("merged", r) + fmt.Sprintf("%d/%s", number, merge)
}

// MarkedCacheKey is where the files with conflict markers are cached that a pull
// request has at a head, seen from a base.
func MarkedCacheKey(r Repo, number int, head string, base release.Branch) string {
	return cacheKey("marked", r) + fmt.Sprintf("%d/%s/%s", number, head, base)
}

// CommentCacheKey is where a comment of ours is cached that has several parts, by
// the kind of its mark; without a kind, the prefix of all those on a number.
func CommentCacheKey(r Repo, number int, kind string) string {
	return cacheKey("comment", r) + fmt.Sprintf("%d/%s", number, kind)
}

// AsWrittenCacheKey is where it is cached whether a comment was ever edited, by its id in the
// GraphQL API and its text: another text was not asked about.
func AsWrittenCacheKey(r Repo, node, body string) string {
	return cacheKey("aswritten", r) + fmt.Sprintf("%s/%x", node, sha256.Sum256([]byte(body)))
}

// MadeCacheKey is where the accounts of a signed pick's co-authors are cached.
func MadeCacheKey(r Repo, commit string) string { return cacheKey("made", r) + commit }

// UnaskedCacheKey is where it is cached that a team can't be asked to review a
// pull request.
func UnaskedCacheKey(r Repo, number int, slug string) string {
	return cacheKey("unasked", r) + fmt.Sprintf("%d/%s", number, slug)
}

// DeclinedCacheKey is where it is cached that GitHub refused what was wanted of a pull request, or
// with 0 of a branch.
func DeclinedCacheKey(r Repo, number int, what string) string {
	return cacheKey("declined", r) + fmt.Sprintf("%d/%s", number, what)
}

// MissingTeamCacheKey is the key of what is remembered of a team that GitHub doesn't show.
func MissingTeamCacheKey(r Repo, slug string) string { return cacheKey("missing-team", r) + slug }

// LimitCacheKey is where the limits are cached that somebody has met: an installation, the
// asking for its tokens, or the App itself.
func LimitCacheKey(who string) string { return fmt.Sprintf("limit/%s", who) }

// SealedCacheKey is where the newest version is cached of a record that stands
// in a part of a comment of ours.
func SealedCacheKey(r Repo, number int, part string) string {
	return cacheKey("sealed", r) + fmt.Sprintf("%d/%s", number, part)
}

// PullCacheKey is where a pull request is cached as it was last read by itself.
func PullCacheKey(r Repo, number int) string { return PullsCacheKey(r) + fmt.Sprint(number) }

// BranchMovesCacheKey is where it is cached how a branch was moved since an instant, until
// it was at a commit.
func BranchMovesCacheKey(r Repo, branch release.Branch, since time.Time, tip string) string {
	return cacheKey("branchmoves", r) + fmt.Sprintf("%s/%d/%s", branch, since.Unix(), tip)
}

// PullsCacheKey is the prefix of all those of a repository.
func PullsCacheKey(r Repo) string { return cacheKey("pull", r) }

// ReviewsCacheKey is where the reviews of a pull request are cached as they were
// last read.
func ReviewsCacheKey(r Repo, number int) string { return cacheKey("reviews", r) + fmt.Sprint(number) }

// MovesCacheKey is where it is cached by whose moves a branch came to a commit. head is where the
// branch is, perhaps a fork; r is whose pull request asks, and whoever may ask of that may know.
func MovesCacheKey(r, head Repo, branch release.Branch, commit string) string {
	return cacheKey("moves", r) + strings.ToLower(head.String()) + fmt.Sprintf("/%s/%s", branch, commit)
}

// ConflictCacheKey is where it is cached whether a head of a pull request could
// be merged when it was last read.
func ConflictCacheKey(r Repo, number int, head string) string {
	return cacheKey("conflict", r) + fmt.Sprintf("%d/%s", number, head)
}

// ProvenCacheKey is the prefix of where it is cached what git says of the sources on a
// branch, of a repository by its id.
func ProvenCacheKey(repo int64, source release.Branch) string {
	return fmt.Sprintf("proven/4/%d/%s/", repo, source)
}

// ForeseenCacheKey is where it is cached what a change would come to on a commit, in a
// repository by its id. Its number grows where an older answer would say too little.
func ForeseenCacheKey(repo int64, onto, change string) string {
	return fmt.Sprintf("foreseen/1/%d/%s/%s", repo, onto, change)
}

// MergeBaseCacheKey is where it is cached where a commit meets a branch.
func MergeBaseCacheKey(r Repo, base release.Branch, head string) string {
	return cacheKey("mergebase", r) + string(base) + "/" + head
}

// CodeOwnersPaths are the places of a CODEOWNERS file, in the order in which
// GitHub looks at them.
var CodeOwnersPaths = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// CodeOwnersCacheKey is where the CODEOWNERS file of a branch is cached; without
// a branch, the prefix of a repository's.
func CodeOwnersCacheKey(r Repo, branch release.Branch) string {
	return cacheKey("codeowners", r) + string(branch)
}

// UnknownOwnersCacheKey is where it is cached whom of them GitHub takes for no owner; it is
// forgotten with the file.
func UnknownOwnersCacheKey(r Repo, branch release.Branch) string {
	return CodeOwnersCacheKey(r, branch) + " unknown"
}

// StepMergesCacheKey is where it is cached which of the pull requests that were merged
// since an instant are about steps of a release.
func StepMergesCacheKey(r Repo, since time.Time) string {
	return cacheKey("merged-steps", r) + since.UTC().Format(time.RFC3339)
}

// FixesCacheKey is where it is cached what fixes an issue as it was last changed.
func FixesCacheKey(r Repo, of Edition) string {
	return cacheKey("fixes", r) + fmt.Sprintf("%d/%d", of.Number, of.At.Unix())
}

// HoldsCacheKey is where it is cached that a branch holds a commit.
func HoldsCacheKey(r Repo, branch release.Branch, commit string) string {
	return cacheKey("holds", r) + commit + "/" + string(branch)
}

// TextCacheKey is where the text of a file at a commit is cached.
func TextCacheKey(r Repo, commit, path string) string {
	return cacheKey("text", r) + commit + "/" + path
}

// FileCacheKey is where a file at a commit is cached, also that there is none.
func FileCacheKey(r Repo, commit, path string) string {
	return cacheKey("file", r) + commit + "/" + path
}

func cacheKey(kind string, r Repo) string {
	key := kind + "/" + strings.ToLower(r.Owner) + "/"
	if r.Name != "" {
		key += strings.ToLower(r.Name) + "/"
	}
	return key
}
