package cherrypick

import (
	"fmt"
	"slices"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// This file holds the answers to commands.

func faultyPolicy(p config.Loaded) string {
	return fmt.Sprintf("[The policy](%s) has faults, so Slipway picks nothing. **Next step:** mend it, then comment the line again.", p.URL)
}

func closedSource(f callFacts) string {
	text := fmt.Sprintf("#%d was closed without being merged, so there is nothing to pick. **Next step:** reopen it; what is asked for then is picked at the merge.", f.PR.Number)
	if i := slices.IndexFunc(f.Named, func(n namedBranch) bool { return n.Why == "" }); i >= 0 {
		text += " " + closedVia(f.PR.Base, f.Named[i].Name)
	}
	return text
}

func replyHead(f callFacts, some bool) string {
	switch {
	case !some:
		return "Nothing can be picked:"
	case f.AskedOn != 0:
		return fmt.Sprintf("What comes of it is said in the status comment on #%d:", f.PR.Number)
	case f.PR.Merged:
		return "What comes of it is said in the status comment on this pull request:"
	}
	return "It is picked when this pull request is merged. The status comment says what comes of it:"
}

// notForYou says of one branch of several that somebody may not ask for it.
func notForYou(who github.User, s reconcile.RoleDecision) string {
	may := "nobody may, by the policy"
	if s.Writers {
		may = "everybody may who can push to this repository"
	}
	if len(s.Teams) > 0 {
		may = effect.Members(s.Teams) + " may"
	}
	if s.Refused != nil {
		return fmt.Sprintf("%s may not ask for it, since it can't be looked up who may. %s. **Next step:** %s, then comment the same line", effect.Code(who.Login), s.Refused.Cause(), s.Refused.Mend())
	}
	return fmt.Sprintf("%s may not ask for it; %s. **Next step:** one of them has to comment the same line", effect.Code(who.Login), may)
}

// labelOfAnother says that nobody could tell two requests apart.
func labelOfAnother(label, other string) string {
	return fmt.Sprintf("the label that would ask for it, %s, asks for %s by the policy's `request_labels`. **Next step:** have the policy name another label there, or another `label_prefix`",
		effect.Code(label), effect.Code(other))
}

// pickingText stands in the status comment until the pick has come to something.
func pickingText(s Snapshot) string { return "**is being picked.**" + asker(s) }

func pickReply(f callFacts, n namedBranch) string {
	p := n.Pick.Pull
	if turn := f.turnReply(n); turn != "" {
		return turn
	}
	switch {
	case n.Why != "":
		return impossibleText(n.Why)
	case !f.PR.Merged && n.Pick.Labelled:
		return "was asked for already."
	case !f.PR.Merged:
		return "waits for the merge."
	case p == nil || p.State == github.Closed && !p.Merged:
		return "is being picked."
	case p.Merged:
		return fmt.Sprintf("#%d is merged already. Should it have been reverted there, it is picked again.", p.Number)
	case !p.unresolved():
		return fmt.Sprintf("#%d is open already.", p.Number)
	case !p.untouched():
		return fmt.Sprintf("#%d stays as it is, because somebody has pushed to it. Resolve the rest there.", p.Number)
	}
	return fmt.Sprintf("#%d, which conflicts, is being made anew.", p.Number)
}

func cancelReply(n namedBranch) string {
	if p := n.Pick.Pull; p != nil && p.State == github.Open {
		return fmt.Sprintf("withdrawn. #%d is there already and stays open; close it if it isn't wanted.", p.Number)
	}
	return "withdrawn."
}

func acceptNoDraft() string {
	return "This is no open draft of a cherry-pick that Slipway made, so there is nothing to accept. **Next step:** comment it on the draft itself."
}

func acceptEdited() string {
	return "Somebody has edited what Slipway wrote into the description, so it is unknown what this draft was made as. **Next step:** push a commit to it; an empty one will do."
}

func acceptNothing() string {
	return "There is nothing to accept: either it had no conflict, or somebody has pushed to it since. The check looks at what is there now."
}

func acceptNewer(head string) string {
	return fmt.Sprintf("The draft has come to %s since this was written, or within the same second, so nothing is accepted. **Next step:** look at it, then comment the line again.",
		effect.Code(effect.Short(head)))
}

func acceptRest(n int) string {
	return fmt.Sprintf("It can't be accepted as it is, because %s of the source still have to be picked. **Next step:** finish it as the description says.", count(n, "commit"))
}

func acceptMarkers(files []string) string {
	return "It can't be accepted as it is, because conflict markers remain. **Next step:** resolve them in these files, and push:\n\n" + fileList(files)
}

func acceptedReply(a Acceptance) string {
	return fmt.Sprintf("%s accepts this draft as it is, at %s. Its check waits for no push any more; what else it asks for stays. A push to the draft undoes this.\n\n"+
		"**Next step:** mark the draft as ready for review.", effect.Code(a.By), effect.Code(effect.Short(a.Commit)))
}
