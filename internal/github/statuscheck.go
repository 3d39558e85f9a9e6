package github

import "time"

// StatusCheck is what somebody reports on a commit: a check run of an App, or a
// commit status. GitHub's pages call both of them status checks.
type StatusCheck struct {
	Name  string // of the check run, or the context of the status
	State CheckState
	Says  string    // in the words of whoever reports; may be empty
	URL   string    // for people; may be empty
	At    time.Time // when it was last heard of
}

// CheckState is how a status check stands.
type CheckState string

// The states.
const (
	CheckPending   CheckState = "pending"
	CheckSucceeded CheckState = "succeeded"
	CheckFailed    CheckState = "failed"
)

// StateOfStatus reads the state of a commit status.
func StateOfStatus(state string) CheckState {
	switch state {
	case "success":
		return CheckSucceeded
	case "pending":
		return CheckPending
	}
	return CheckFailed // failure, error, and what GitHub may yet think of
}

// StateOfRun reads the status and the conclusion of a check run. One that was
// skipped, or is neutral, counts as succeeded, as it does for required checks:
// https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks
func StateOfRun(status, conclusion string) CheckState {
	switch {
	case status != "completed":
		return CheckPending
	case conclusion == "success", conclusion == "neutral", conclusion == "skipped":
		return CheckSucceeded
	}
	return CheckFailed
}
