package cherrypick

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file holds the status comment on the source.

// statusHead begins the comment.
func (s subject) statusHead() string {
	if s.commit != "" {
		return "**Cherry-picks of commits that have no pull request.** They were asked for here, and Slipway keeps this up to date."
	}
	return "**Cherry-picks of this pull request.** Slipway keeps this up to date."
}

// partText is our part about one branch.
func partText(s subject, text string) string {
	if s.commit != "" {
		return "- " + s.commit + " onto " + effect.Code(s.name) + ": " + text
	}
	return "- " + effect.Code(s.name) + ": " + text
}

func asker(s Snapshot) string {
	if s.Pick.By.Login == "" {
		return ""
	}
	return " Asked for by " + effect.Code(s.Pick.By.Login) + "."
}

func again(asked string) string {
	return "comment " + effect.Code("/cherry-pick "+asked)
}

func waitingText(s Snapshot) string {
	return "**waits for the merge** of this pull request, and will be picked then." + asker(s) + nowText(s)
}

func unmergedText(s Snapshot) string {
	return "**not picked**, because this pull request was closed without being merged. **Next step:** reopen it, if it is wanted after all. " + closedVia(s.PR.Base, s.Subject.name)
}

// closedVia is for a pull request whose change may have come in a commit of somebody's, which closed it.
func closedVia(base release.Branch, branch string) string {
	return fmt.Sprintf("If a commit on %s has its change, pick that by hand, with %s and `git cherry-pick -x COMMIT`, and open a pull request against %s.",
		effect.Code(string(base)), effect.Code("git switch -c fix "+quote("origin/"+branch)), effect.Code(branch))
}

func withdrawnText() string { return "**withdrawn**: nobody asks for it any more." }

func ignoredText(s Snapshot) string {
	may := "everybody who may push to this repository"
	if !s.Settings.Requesters.Writers {
		may = "nobody"
	}
	if len(s.Pick.Teams) > 0 {
		may = effect.Members(s.Pick.Teams)
		if s.Settings.Requesters.Writers {
			may += ", and everybody who may push to this repository"
		}
	}
	who := "It is unknown who set the label"
	if s.Pick.By.Login != "" {
		who = effect.Code(s.Pick.By.Login) + " set the label"
	}
	return fmt.Sprintf("**not asked for.** %s, and those who may ask for a pick are %s. **Next step:** one of them has to %s.",
		who, may, again(s.Subject.asked()))
}

func impossibleText(why string) string { return "**can't be picked**: " + why + "." }

// unclearLanding is about a source of which nobody can tell what it brought.
func unclearLanding(s Snapshot) string {
	branch := string(s.branch())
	return fmt.Sprintf("what it alone changed on %s can't be told with certainty. %s **Next step:** pick by hand what belongs to it, with `git switch -c fix %s` and "+
		"`git cherry-pick -x COMMIT ...`, and open a pull request against %s. The check compares it with the commits that `-x` names",
		effect.Code(string(s.PR.Base)), s.Pick.Unclear, quote("origin/"+branch), effect.Code(branch))
}

// branchToCome is for a label that names a branch which is still to be cut.
func branchToCome(s Snapshot) string {
	return impossibleText("there is no such branch in this repository yet. **Next step:** none, it is picked once the branch is created") + asker(s)
}

func byHandText(p github.PullRequest) string {
	return fmt.Sprintf("#%d, which %s opened, **is this cherry-pick** already, so Slipway makes none of its own. Once that is merged, this is done. "+
		"Should it be closed or changed, Slipway makes its own. **Next step:** none; to have Slipway's own instead, close #%[1]d.", p.Number, effect.Code(p.Author.Login))
}

func mergedByHandText(p github.PullRequest) string {
	return fmt.Sprintf("**picked**: #%d, which %s opened, is merged.", p.Number, effect.Code(p.Author.Login))
}

func retargetedText(p github.PullDetail, of subject) string {
	is := "is open"
	switch {
	case p.Merged:
		is = "is merged"
	case p.State == github.Closed:
		is = "was closed"
	}
	next := again(of.asked())
	if p.State == github.Open {
		next = fmt.Sprintf("change the base of #%d back; or close it, and %s", p.Number, next)
	}
	return fmt.Sprintf("**not picked**: somebody has changed the base of #%d to %s, where it %s. **Next step:** if the change is wanted on %s, %s.",
		p.Number, effect.Code(string(p.Base)), is, effect.Code(of.name), next)
}

// toldText tells whoever asked what stands in the status comment.
func toldText(s Snapshot, part string) string {
	return fmt.Sprintf("@%s, you asked for the cherry-pick of %s:\n\n%s", s.Pick.By.Login, s.Subject.source(), part)
}

func notABranch(err error) string {
	return "this is not a branch name: " + effect.Inert(err.Error(), 200) + ". **Next step:** name a branch, like `release-1.30`"
}

func sameBase(of subject) string {
	if of.commit != "" {
		return "the commit is on that very branch, so there is nothing to do"
	}
	return "this pull request is against that very branch, so there is nothing to do"
}

func ungoverned(p config.Loaded) string {
	if p.Policy == nil {
		return "the policy has faults"
	}
	return "the branch is not governed here; the policy governs " + codes(p.Policy.Branches) + ". **Next step:** name one of these"
}

func noSuchBranch() string {
	return "there is no such branch in this repository. **Next step:** once it is there, ask again"
}

func unreachable(o effect.PickOutcome) string {
	if o == effect.PickNoCommit {
		return "GitHub doesn't give out the merged commit any more. **Next step:** pick it by hand"
	}
	return "git gets no access to the repository. **Next step:** let the App read its contents, then ask again"
}

func takenText(s Snapshot) string {
	if o := s.Pick.Others; o != nil {
		return fmt.Sprintf("**not picked**, because #%d, which somebody else opened, is from the branch %s already. Slipway leaves that alone. "+
			"**Next step:** go on there, or close it, delete the branch and %s.", o.Number, effect.Code(string(s.head())), again(s.Subject.asked()))
	}
	also := ""
	if p := s.Pick.Pull; p != nil {
		also = fmt.Sprintf(" It is the branch of #%d, which is closed.", p.Number)
	}
	return fmt.Sprintf("**not picked**, because somebody has pushed to the branch %s. Slipway leaves that alone.%s **Next step:** open a pull request "+
		"from it, or delete it and %s.", effect.Code(string(s.head())), also, again(s.Subject.asked()))
}

// pushedText is for a pick whose branch is there and whose pull request isn't.
func pushedText(s Snapshot) string {
	if why := s.Pick.PullRefused; why != "" {
		return fmt.Sprintf("**is being picked.** The branch %s is pushed, but GitHub refuses the pull request from it. %s", effect.Code(string(s.head())), why)
	}
	return fmt.Sprintf("**is being picked.** The branch %s is pushed; if GitHub goes on refusing the pull request from it, that is tried again each hour. "+
		"**Next step:** should this line stay, look whether the App may write pull requests here, or open one from that branch.", effect.Code(string(s.head())))
}

func containedText(s Snapshot) string {
	text := fmt.Sprintf("**already there.** The branch holds this change, at %s.", effect.Code(effect.Short(s.Pick.Picked.Onto))) + leftNote(s.Pick.Picked.Left)
	if p := s.Pick.Pull; p != nil && p.State == github.Open {
		text += fmt.Sprintf(" **Next step:** close #%d.", p.Number)
	}
	return text
}

func refusedText(r effect.Refusal) string {
	said := " GitHub says: " + effect.Code(effect.Cut(r.Text, 300)) + "."
	switch r.Reason {
	case "workflow":
		return workflowText
	case "permission":
		return "**not picked**, because Slipway gets no access to push to this repository. " + r.Told
	case "unsigned":
		return "**not picked**, because no signed commits could be made of it. " + r.Told
	case "throwaway":
		return "**not picked**: GitHub doesn't take the files of the pick, of which it is to make signed commits." + said +
			" **Next step:** let the App push refs below " + effect.Code(effect.ThrowawayPrefix) + ", then ask again."
	case "protected":
		if strings.Contains(r.Text, "verified signature") {
			return "**not picked**: a rule of this repository demands commits with verified signatures." + said + " **Next step:** set " +
				effect.Code("cherrypick: {sign_commits: github}") + " in the policy, or let the App bypass the rule; then ask again."
		}
		return "**not picked**: a rule of this repository forbids Slipway to push the pick's branch." + said +
			" **Next step:** let the App push branches called `cherry-pick-*`, then ask again."
	}
	return "**not picked**: GitHub didn't take the push." + said + " **Next step:** ask again, or pick it by hand."
}

func openText(p ourPull) string {
	text := fmt.Sprintf("#%d is **open**.", p.Number)
	switch {
	case p.Accepted:
		text += " It had a conflict, and was accepted as it is."
	case p.Record.Outcome == effect.PickConflict: // and resolved, see ourPull.unresolved
		return text + " It had a conflict, which was resolved by hand."
	}
	if p.Draft {
		text += " **Next step:** mark it as ready for review."
	}
	return text
}

func draftText(p ourPull, i *ourIssue, of subject) string {
	text := "**conflict.** " + holdsText(p.Record, p.Number)
	if i != nil {
		text += fmt.Sprintf(" Issue #%d is about it.", i.Number)
	}
	if !p.untouched() {
		return text + " Somebody has pushed to it. **Next step:** resolve the rest there, and mark it as ready for review."
	}
	if p.Record.Like.whole() {
		return text + " **Next step:** look at it, and do as it says."
	}
	return text + fmt.Sprintf(" **Next step:** resolve it there; or, once what it needs is on the branch, %s to have it made anew.", again(of.asked()))
}

func issueText(i ourIssue) string {
	return fmt.Sprintf("**conflict.** Issue #%d says how to pick it by hand.", i.Number)
}

func mergedText(p ourPull) string { return fmt.Sprintf("**picked**: #%d is merged.", p.Number) }

func closedText(p ourPull, of subject) string {
	return fmt.Sprintf("**not picked**: #%d was closed without being merged. **Next step:** if it is wanted after all, %s.", p.Number, again(of.asked()))
}

func lacksText(lacks []string) string {
	if len(lacks) == 0 {
		return ""
	}
	return " **Note:** GitHub didn't take " + strings.Join(lacks, ", ") + "."
}

func codes[T ~string](names []T) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = effect.Code(string(n))
	}
	return strings.Join(quoted, ", ")
}
