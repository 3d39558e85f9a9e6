package notes

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// texts lists the elements of a list of texts; a text alone counts as one.
func (r *fileReader) texts(key string, v value, at int) []value {
	switch v.form {
	case list:
		if len(v.list) == 0 {
			r.blank(key, at)
		}
		return v.list
	case nothing:
		r.blank(key, at)
		return nil
	}
	r.find(RuleSyntax, at, v.end, "", "%s is %s; want a list, each note below a dash", key, v.form)
	if v.form == text {
		return []value{v}
	}
	return nil
}

func (r *fileReader) blank(key string, at int) {
	r.find(RuleBlank, at, at, "", "%s is empty; leave the key out, or write a note", key)
}

// entryText is the text of one element, "" with a finding when there is none.
func (r *fileReader) entryText(key string, v value) string {
	switch {
	case v.form == nothing || v.form == text && strings.TrimSpace(v.text) == "":
		r.find(RuleEmpty, v.line, v.line, "", "an entry of %s is empty", key)
		return ""
	case v.form == group && len(v.keys) > 0:
		r.find(RuleSyntax, v.line, v.line, "", "an entry of %s is a group of keys, because of the colon after %s; begin it with |- on a line of its own", key, quote(v.keys[0].key))
		return ""
	case v.form == list:
		r.find(RuleBullet, v.line, v.line, "", "an entry of %s is a list, because of a second dash; one dash begins an entry", key)
		return ""
	case v.form != text:
		r.find(RuleSyntax, v.line, v.line, "", "an entry of %s is %s; want a text", key, v.form)
		return ""
	}
	return v.text
}

// bullet is a list's dash at the beginning of a text.
var bullet = lazy.Regexp(`^\s*[-*+](\s+|$)`)

// unbulleted takes a stray dash off: the renderer writes the only one there is.
func unbulleted(s string) string {
	if m := bullet().FindString(s); m != "" {
		return s[len(m):]
	}
	return s
}

func (r *fileReader) notes(v value, at int) {
	for _, e := range r.texts(keyNotes, v, at) {
		text := r.entryText(keyNotes, e)
		if text == "" {
			continue
		}
		r.checkBullet(keyNotes, e, text)
		r.checkClosed("an entry of "+keyNotes, text, e.line)
		action := ActionOf(text)
		r.checkAction(e, unbulleted(text), action)
		r.file.Notes = append(r.file.Notes, Entry{Text: text, Action: action, Line: e.line})
	}
}

func (r *fileReader) security(v value, at int) {
	for _, e := range r.texts(keySecurity, v, at) {
		if text := r.entryText(keySecurity, e); text != "" {
			r.checkBullet(keySecurity, e, text)
			r.checkClosed("an entry of "+keySecurity, text, e.line)
			r.file.Security = append(r.file.Security, Entry{Text: text, Line: e.line})
		}
	}
}

func (r *fileReader) checkBullet(key string, e value, text string) {
	if bullet().MatchString(text) {
		r.find(RuleBullet, e.line, e.line, firstLine(unbulleted(text)), "the text of an entry of %s begins with a dash of its own, which would show as \"- - \"", key)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(s, " \n"), "\n")
	return cut(line)
}

// bold is how an action is written.
var bold = lazy.Regexp(`\*\*([A-Z][a-zA-Z]*)\*\*`)

// ActionOf is the action of a note: its first word in bold that begins with a
// capital, "" for none.
func ActionOf(text string) string {
	if m := bold().FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// firstWord is a word at the beginning, however it is marked.
var firstWord = lazy.Regexp("^[*_`\\s]*([A-Za-z]+)[*_`:]*")

// saying reports whether a character can be part of a word. A skeleton's "..." isn't.
func saying(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// checkAction holds a note to beginning with one known action in bold.
func (r *fileReader) checkAction(e value, text, action string) {
	known := r.schema.Actions
	begins := action != "" && strings.HasPrefix(strings.TrimLeft(text, " \n"), "**"+action+"**")
	switch {
	case action != "" && !slices.Contains(known, action):
		did, fix := nearest(action, known), ""
		message := fmt.Sprintf("unknown action %s", quote(action))
		if did != "" {
			message, fix = message+fmt.Sprintf("; did you mean %q?", did), "**"+did+"**"
		} else {
			message += "; want " + oneOf(known)
		}
		r.find(RuleAction, e.line, e.line, fix, "%s", message)
	case !begins:
		fix := ""
		if m := firstWord().FindStringSubmatch(text); m != nil {
			if did := nearest(m[1], known); did != "" {
				fix = "**" + did + "** " + strings.TrimSpace(strings.TrimPrefix(firstLine(text[len(m[0]):]), "**"))
			}
		}
		where := "a note begins with its action in bold"
		if action != "" {
			where = fmt.Sprintf("the action %q doesn't begin the note", action)
		}
		r.find(RuleAction, e.line, e.line, fix, "%s: one of %s", where, oneOf(known))
	}
	if begins && !strings.ContainsFunc(strings.TrimLeft(text, " \n")[len("**"+action+"**"):], saying) {
		r.find(RuleEmpty, e.line, e.end, "", "nothing follows %s; say what users will see of the change", quote(action))
	}
	var more []string
	for _, m := range bold().FindAllStringSubmatch(text, -1) {
		if slices.Contains(known, m[1]) {
			more = append(more, m[1])
		}
	}
	if len(more) > 1 {
		r.find(RuleActions, e.line, e.end, "", "one note has several actions (%s); make an entry of each, or all is listed under %s", strings.Join(more, ", "), action)
	}
}

func (r *fileReader) upgrades(v value, at int) {
	switch {
	case v.form == nothing, v.form == list && len(v.list) == 0:
		r.blank(keyUpgrade, at)
	case v.form != list:
		r.find(RuleUpgrade, at, at, "", "%s is %s; want a list of entries with %s and %s", keyUpgrade, v.form, keyTitle, keyContent)
	}
	for _, e := range v.list {
		r.upgrade(e)
	}
}

func (r *fileReader) upgrade(e value) {
	if e.form != group {
		r.find(RuleUpgrade, e.line, e.line, "", "an upgrade note is %s; want the keys %s and %s", e.form, keyTitle, keyContent)
		return
	}
	got, misspelt := map[string]string{}, map[string]bool{}
	for _, k := range e.keys {
		switch {
		case !slices.Contains(upgradeKeys, k.key):
			misspelt[r.unknown(k, " in an upgrade note", upgradeKeys)] = true
		case k.value.form != text && k.value.form != nothing:
			r.find(RuleUpgrade, k.line, k.line, "", "%s of an upgrade note is %s; want a text", k.key, k.value.form)
			misspelt[k.key] = true
		default:
			got[k.key] = k.value.text
			r.checkClosed(k.key+" of an upgrade note", k.value.text, k.value.line)
		}
	}
	for _, key := range upgradeKeys {
		if strings.TrimSpace(got[key]) == "" && !misspelt[key] {
			r.find(RuleUpgrade, e.line, e.line, "", "an upgrade note has no %s", key)
		}
	}
	if strings.TrimSpace(got[keyTitle]+got[keyContent]) != "" {
		r.file.Upgrade = append(r.file.Upgrade, Upgrade{Title: got[keyTitle], Content: got[keyContent]})
	}
}
