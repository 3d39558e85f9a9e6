package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// part is the answer to one command of a comment.
type part struct {
	line     string
	question bool // of a command that changes nothing, whoever asks
	result   command.Result
	text     string
	receipts []reconcile.Receipt
}

// maxLine is how much of a command an answer quotes, in characters.
const maxLine = 200

var headings = map[command.Result]string{
	command.Done:    "**Done.**",
	command.Partly:  "**Done in part.**",
	command.Refused: "**Not allowed.**",
	command.Invalid: "**Not done.**",
	command.NoOp:    "**Nothing to do.**",
	command.Told:    "", // the answer is all there is
}

// render is the body of a reply. No line of it begins with a slash, so that no
// bot, this one included, takes it for a command.
func render(parts []part) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString("\n---\n\n")
		}
		if p.line != "" {
			fmt.Fprintf(&b, "> %s\n\n", effect.Code(effect.Cut(p.line, maxLine)))
		}
		b.WriteString(strings.TrimSpace(headings[p.result]+" "+p.text) + "\n")
		before := "\n" // the list, not each of its lines
		for _, r := range p.receipts {
			if r.URL != "" && r.Name != "" {
				fmt.Fprintf(&b, "%s- [%s](%s)\n", before, effect.Inert(r.Name, maxLine), r.URL)
				before = ""
			}
		}
	}
	return b.String()
}

// notUnderstood answers a line that was meant for us and is no command.
func notUnderstood(f command.Found, known []command.Command) string {
	switch f.Kind {
	case command.TooLong:
		return "The line is too long for a command, so it was not run. **Next step:** comment it again, shorter."
	case command.TooMany:
		return "A comment may hold a few commands only; this one and those after it were not run. " +
			"**Next step:** put them into a comment of their own."
	case command.TooComplex:
		return "The text is too large or too deeply nested to tell commands from talk, so nothing in it was run. " +
			"**Next step:** comment the command by itself."
	}
	for _, c := range known {
		if c.Name == f.Meant {
			return fmt.Sprintf("There is no such command. Did you mean %s? Nothing was changed.", command.Usage(c))
		}
	}
	var names []string
	for _, c := range known {
		names = append(names, command.Usage(c))
	}
	return fmt.Sprintf("There is no such command; there are %s. Nothing was changed.", strings.Join(names, ", "))
}

func badArguments(cmd command.Command, m *command.Misuse) string {
	return fmt.Sprintf("This can't be understood: %s. Nothing was changed.\n\nIt is used as %s, for example %s.",
		m.Phrase, command.Usage(cmd), effect.Code(cmd.Example[0]))
}

func notAllowed(cmd command.Command, call command.Call, b release.Branch, s reconcile.RoleDecision) string {
	if cmd.Allow == command.Contributor {
		return mayNotAsk(cmd, call, s)
	}
	var who, next string
	switch {
	case s.Refused != nil:
		who, next = "Who that is can't be looked up. "+s.Refused.Cause()+".", s.Refused.Mend()+", then comment the line again."
	case s.Unclear != "":
		who = effect.Inert(s.Unclear, maxLine) + ", so nobody may."
		next = "mend the policy, `.github/slipway.yml` on the default branch."
	case len(s.Teams) == 0:
		who = "The policy names no release managers for that branch, so nobody may."
		next = "name a team, or `users`, under `release_managers` in the policy."
	case len(s.Missing) == len(s.Teams):
		who = fmt.Sprintf("The policy names %s, but GitHub shows Slipway no such team, so nobody may.", effect.Codes(s.Teams))
		next = "create the team, mend its name in the policy, or let the App see it."
	default:
		who = fmt.Sprintf("Those are %s, and %s is not one of them.", effect.Members(s.Teams), effect.Code(call.Author.Login))
		next = "ask one of them to comment the same line."
	}
	whom := "the release managers of "
	if s.Instead {
		whom = "those who decide about what holds "
	}
	return fmt.Sprintf("%s is for %s%s. %s Nothing was changed.\n\n**Next step:** %s",
		effect.Code("/"+cmd.Name), whom, effect.Code(string(b)), who, next)
}

// mayNotAsk answers somebody who may not ask for picks.
func mayNotAsk(cmd command.Command, call command.Call, s reconcile.RoleDecision) string {
	var may []string
	if s.Writers {
		may = append(may, "everybody who may push to this repository")
	}
	if len(s.Teams) > 0 {
		may = append(may, effect.Members(s.Teams))
	}
	who := "That is for " + strings.Join(may, ", and for ") + "."
	next := "ask one of them to comment the same line."
	switch {
	case s.Refused != nil:
		who, next = "Who that is can't be looked up. "+s.Refused.Cause()+".", s.Refused.Mend()+", then comment the line again."
	case s.Unclear != "":
		who = effect.Inert(s.Unclear, maxLine) + ", so nobody may."
		next = "mend the policy, `.github/slipway.yml` on the default branch."
	case len(may) == 0:
		who = "The policy lets nobody ask for that."
		next = "let somebody, in the policy, `.github/slipway.yml` on the default branch."
	}
	return fmt.Sprintf("%s may not use %s here. %s Nothing was changed.\n\n**Next step:** %s",
		effect.Code(call.Author.Login), effect.Code("/"+cmd.Name), who, next)
}

func aboutNoBranch(cmd command.Command) string {
	return fmt.Sprintf("%s is for release managers, and this is about no branch that anybody could manage. Nothing was changed.", effect.Code("/"+cmd.Name))
}

func tooLate(asked time.Time) string {
	return fmt.Sprintf("Slipway did not see this when it was written (%s), and so long after it may no longer be what you want. "+
		"Nothing was changed. **Next step:** comment it again if you still want it.", asked.UTC().Format("2006-01-02 15:04 UTC"))
}

// edited answers a comment of which no delivery came, and that is no longer as it was written.
func edited() string {
	return "GitHub's message about this comment never came, and the comment was edited since: nobody can tell what its author wrote. " +
		"Nothing was changed. **Next step:** comment the line again."
}

// untoldEdit answers one of which GitHub doesn't tell that.
func untoldEdit(r *reconcile.RefusedError) string {
	return fmt.Sprintf("GitHub's message about this comment never came, and it is unknown whether the comment was edited since. %s. "+
		"Nothing was changed. **Next step:** comment the line again.", r.Cause())
}

// couldNot answers for what GitHub refused.
func couldNot(c *reconcile.RefusedError) string {
	return fmt.Sprintf("%s. **Next step:** %s, then comment the line again.", c.Cause(), c.Mend())
}

// cannotTell answers for an effect that may or may not have been carried out.
func cannotTell(d *reconcile.OutcomeUnknownError) string {
	return fmt.Sprintf("**It is unknown whether it was done:** Slipway was about to %s, and GitHub's answer never came. It isn't tried again by itself, since it might be done twice. "+
		"**Next step:** look on GitHub whether it runs; if it doesn't, comment the line again.", effect.Inert(d.What, maxLine))
}

// heldBack tells somebody whose command was accepted that its merge has to wait.
func heldBack(why string) string {
	return fmt.Sprintf("\n\n**It waits:** %s. Nothing has to be asked for again; the merge is possible as soon as that ends.", why)
}

// neverRead answers a text that a process didn't survive.
func neverRead() part {
	return part{result: command.Invalid, text: "Slipway stopped while it was reading this text, so it doesn't read it again, and nothing in it was run. " +
		"**Next step:** comment the command by itself."}
}

func fatal(deaths int) part {
	return part{result: command.Invalid, text: fmt.Sprintf("Slipway ended each of the %d times that it ran this, so it doesn't run it again. Some of it may be done. "+
		"**Next step:** look at what is there, and ask whoever runs Slipway: its log says more.", deaths)}
}

func gaveUp(attempts int) part {
	return part{result: command.Invalid, text: fmt.Sprintf("Slipway tried %d times and could not finish; its operators find the reason in the log. "+
		"Above stands what was done. **Next step:** comment the rest again later.", attempts)}
}

// lastOne ends the last answer that changes nothing which a person gets for now; there is
// nothing to say in those before it.
func lastOne(nth int) []part {
	if nth != maxTold {
		return nil
	}
	return []part{{result: command.Told, text: fmt.Sprintf("**This is the last such answer for an hour.** You have had %d here that changed nothing, "+
		"and Slipway says nothing to the next ones. What you may do, it still does. "+
		"**Next step:** read the answers above, or ask again in an hour.", maxTold)}}
}
