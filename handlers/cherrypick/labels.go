package cherrypick

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// branchOf is the branch that a label asks for. GitHub compares labels without case.
func (r RequestLabel) branchOf(label string) (string, bool) {
	return translated("(?i)", string(r.Label), r.Branch, label)
}

// labelOf is the label that asks for a branch.
func (r RequestLabel) labelOf(branch string) (string, bool) {
	return translated("", r.Branch, string(r.Label), branch)
}

// translated reads a text by one form, and writes what that leaves open by another.
func translated(flags, from, to, text string) (string, bool) {
	form, open := flags+"^", placeholder().FindAllString(from, -1)
	for i, literal := range placeholder().Split(from, -1) {
		form += regexp.QuoteMeta(literal)
		if i < len(open) {
			form += placeholders[open[i]]
		}
	}
	m := regexp.MustCompile(form + "$").FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	for i, name := range open {
		to = strings.ReplaceAll(to, name, m[i+1])
	}
	return to, !placeholder().MatchString(to)
}

// maxLabel is the longest name that GitHub takes for a label.
const maxLabel = 50

// label is the label that Slipway sets to ask for a pick onto a branch.
func (s Settings) label(branch string) string { return string(s.LabelPrefix) + branch }

// after is what follows a prefix, in any case.
func after(text, prefix string) (rest string, ok bool) {
	n := len(prefix)
	if len(text) < n || !strings.EqualFold(text[:n], prefix) {
		return "", false
	}
	return text[n:], true
}

// readings are the branches that a label may mean. One of the policy's own labels that begins
// with the prefix says more than the prefix does, so it comes first.
func (s Settings) readings(label string) (all []string) {
	read := func(alike bool) {
		for _, r := range s.RequestLabels {
			if _, begins := after(string(r.Label), string(s.LabelPrefix)); begins != alike {
				continue
			}
			if b, ok := r.branchOf(label); ok {
				all = append(all, b)
			}
		}
	}
	read(true)
	if b, ok := after(label, string(s.LabelPrefix)); ok && b != "" {
		all = append(all, b)
	}
	read(false)
	return all
}

// branchOf reads the branch out of a label: the first that is governed, or else the first.
func (s Settings) branchOf(p *config.Policy, label string) (branch string, ok bool) {
	all := s.readings(label)
	for _, b := range all {
		if b = spelled(p, b); p != nil && p.Governs(release.Branch(b)) {
			return b, true
		}
	}
	if len(all) == 0 {
		return "", false
	}
	return all[0], true
}

// spelled is a branch in small letters if that is governed, and it isn't as it is typed.
// GitHub keeps a label as whoever made it spelled it, whatever it is set as.
func spelled(p *config.Policy, word string) string {
	small := strings.ToLower(word)
	if p != nil && !p.Governs(release.Branch(word)) && p.Governs(release.Branch(small)) {
		return small
	}
	return word
}

// labelsOf are all labels that ask for a pick onto a branch.
func (s Settings) labelsOf(branch string) []string {
	all := []string{s.label(branch)}
	for _, r := range s.RequestLabels {
		if l, ok := r.labelOf(branch); ok {
			all = append(all, l)
		}
	}
	return all
}

// asking are the labels of a pull request that ask for a pick onto a branch.
func (s Settings) asking(p *config.Policy, labels []string, branch string) (all []string) {
	for _, l := range labels {
		if b, ok := s.branchOf(p, l); ok && (b == branch || strings.EqualFold(b, branch) && strings.EqualFold(l, s.label(branch))) {
			all = append(all, l)
		}
	}
	return all
}

// requested are the branches that a pull request's labels ask for.
func (s Settings) requested(p *config.Policy, labels []string) []string {
	var branches []string
	for _, l := range labels {
		if b, ok := s.branchOf(p, l); ok && !slices.Contains(branches, b) {
			branches = append(branches, b)
		}
	}
	return branches
}

// request is one way in which a pick is asked for: by a label, or by a command.
type request struct {
	Ask   string // names it
	Event int64  // that set the label; 0: it is a command's
	At    time.Time
	By    github.User
	May   bool     // who asked may
	Teams []string // whose members may, for whoever may not
	Lost  bool     // it is known by our label alone
}

// latest is the newest event of a label; on says that it set the label.
func latest(events []github.Labelling, label string) (l github.Labelling, on bool) {
	for _, e := range events {
		if strings.EqualFold(e.Label, label) && e.ID > l.ID { // ids only rise
			l = e
		}
	}
	return l, l.ID != 0 && !l.Off
}

// observeAsker finds out who asked, and whether they may. Several labels may ask for the same, and
// the newest request counts of somebody who may. What a command asked for was asked by somebody who
// may, as long as the label is there that it had set, and unless somebody else has set that since:
// then it had been taken off, and the record may be one that was put back.
func (h *Handler) observeAsker(ctx context.Context, s *Snapshot, labels []string) error {
	f := &s.Pick
	if !f.Labelled && f.Record.Asked == "" {
		return nil
	}
	events, err := h.GitHub.Labellings(ctx, s.Key.Repo, s.source())
	if err != nil {
		return err
	}
	if !f.Labelled {
		f.asked(f.Record.command())
		// The command's record stands before its label does.
		set, on := latest(events, s.Settings.label(s.Subject.name))
		f.Coming = (on || set.At.Before(f.Record.At)) && s.Now.Sub(f.Record.At) < time.Hour
		return nil
	}
	bot, err := h.GitHub.BotID(ctx, s.Key.Repo)
	if err != nil {
		return err
	}
	all, err := s.requests(labels, events, bot)
	if err != nil || len(all) == 0 {
		return err
	}
	f.asked(all[0])
	for i := range all {
		if err := h.judgeAsker(ctx, s, &all[i]); err != nil {
			return err
		}
		if i == 0 || all[i].May {
			f.asked(all[i])
		}
		if all[i].May {
			break
		}
	}
	return nil
}

// requests are those by the labels that are there, the newest first.
func (s *Snapshot) requests(labels []string, events []github.Labelling, bot int64) (all []request, err error) {
	r := s.Pick.Record
	for _, label := range labels {
		set, on := latest(events, label)
		ours := r.Asked != "" && strings.EqualFold(label, s.Settings.label(s.Subject.name))
		switch {
		case ours && (!on || set.Who.ID == bot || set.At.Before(r.At)):
			all = append(all, r.command())
		case !on && s.Now.Sub(s.PR.UpdatedAt) < time.Minute:
			return nil, fmt.Errorf("the label %q is there, and GitHub doesn't show yet who set it", label)
		case on && set.Who.ID == bot: // it sets the label for those who may; what it opens itself it only labels as policy says
			all = append(all, request{Ask: labelAsk(set.ID), Event: set.ID, At: set.At, Lost: true, May: s.PR.Author.ID != bot})
		case on:
			all = append(all, request{Ask: labelAsk(set.ID), Event: set.ID, At: set.At, By: set.Who})
		}
	}
	slices.SortStableFunc(all, func(a, b request) int { return -a.compare(b) })
	for i := range all {
		if r.answered(all[i], events) { // there was a newer one, and something came of it
			all[i].Ask = r.Done
		}
	}
	return all, nil
}

func labelAsk(event int64) string { return fmt.Sprintf("label/%d", event) }

// compare says which of two requests is older. GitHub's clock tells seconds apart.
func (q request) compare(o request) int {
	if q.Event == 0 || o.Event == 0 {
		return q.At.Compare(o.At)
	}
	return int(q.Event - o.Event)
}

// command is the newest request by a command.
func (r Record) command() request {
	return request{Ask: r.Asked, At: r.At, By: github.User{ID: r.ByID, Login: r.By}, May: true}
}

// answered reports whether the request of which something came is newer than another. Then that
// other, which is left of several labels, is no new one.
func (r Record) answered(q request, events []github.Labelling) bool {
	done := r.command()
	if r.Done != r.Asked {
		i := slices.IndexFunc(events, func(e github.Labelling) bool { return labelAsk(e.ID) == r.Done })
		if i < 0 {
			return false
		}
		done = request{Event: events[i].ID, At: events[i].At}
	}
	return r.Done != "" && q.compare(done) < 0
}

// asked has a request be the one that counts.
func (f *pickFacts) asked(q request) {
	f.By, f.Ask, f.Lost, f.May, f.Teams = q.By, q.Ask, q.Lost, q.May, q.Teams
}

// judgeAsker finds out whether somebody may ask.
func (h *Handler) judgeAsker(ctx context.Context, s *Snapshot, q *request) error {
	if q.May || q.Lost {
		return nil
	}
	standing, err := h.Roles.Contributes(ctx, s.Key.Repo, s.branch(), q.By)
	q.May, q.Teams = standing.Holds, standing.Teams
	return err
}
