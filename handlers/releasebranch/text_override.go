package releasebranch

import (
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the texts about overrides.

func overrideHead() string {
	return "**Overrides of checks on this pull request.** Each holds for one commit."
}

func overrideText(o Override) string {
	if o.By == "" {
		return fmt.Sprintf("- %s: somebody has changed what stood here, so no override holds. A release manager can give one anew.", effect.Code(o.Check))
	}
	text := fmt.Sprintf("- %s at %s: %s let it pass on %s, because: %s", effect.Code(o.Check), effect.Code(effect.Short(o.Commit)), effect.Code(o.By),
		o.At.UTC().Format(time.RFC3339), effect.Inert(o.Reason, maxReason))
	if o.Revoked != "" {
		text += fmt.Sprintf(" **Taken back** by %s.", effect.Code(o.Revoker))
	}
	return text
}

func overrideReply(o Override) string {
	if o.Revoked != "" {
		return fmt.Sprintf("The override of %s by %s is taken back.", effect.Code(o.Check), effect.Code(o.By))
	}
	return fmt.Sprintf("The commit %s of this pull request may merge past %s. A new commit is held to it again. It is taken back by %s.",
		effect.Code(effect.Short(o.Commit)), effect.Code(o.Check), effect.Code("/release override revoke release-branch"))
}

func overrideNoPolicy() string {
	return "Who may override a check is unknown, because no policy can be read here. **Next step:** mend `.github/slipway.yml`."
}

func overrideClosed() string { return "This pull request is closed, so there is nothing to override." }

func overrideUngoverned(b release.Branch) string {
	return fmt.Sprintf("%s is not governed, so no check of it holds this pull request back.", effect.Code(string(b)))
}

func overrideNothing() string {
	return "This pull request has no override, so there is nothing to take back."
}

func overrideOwn(f overrideFacts) string {
	return fmt.Sprintf("Nothing was overridden, because the policy wants a second release manager here (`releasebranch.second_manager`): %s %s. "+
		"**Next step:** have another member of %s look at it, and comment the same.", effect.Code(f.Call.Author.Login), f.TookPart, cells(f.Policy.Managers))
}

func overrideNewer(f overrideFacts) string {
	why := "That commit didn't come before your comment"
	if f.Call.Head != "" {
		why = "You wrote about " + effect.Code(effect.Short(f.Call.Head))
	}
	return fmt.Sprintf("The pull request is at %s. %s. Nothing was overridden. **Next step:** look at the new commit, and comment again if it is to go through.",
		effect.Code(effect.Short(f.PR.Head)), why)
}
