package notes

import (
	"cmp"
	"slices"
	"strings"
)

// Rule names what a finding is about; severities are set by it.
type Rule string

// The rules.
const (
	RuleFile      Rule = "file"      // what stands there is a link, and no file
	RuleSyntax    Rule = "syntax"    // it can't be read as YAML, or not as a note
	RuleDocuments Rule = "documents" // there is more than one YAML document
	RuleExtension Rule = "extension" // the file's name ends otherwise
	RuleVersion   Rule = "version"   // apiVersion
	RuleKey       Rule = "key"       // a key that isn't known, or is given twice
	RuleKind      Rule = "kind"      // a kind that isn't known, or none
	RuleArea      Rule = "area"      // an area that isn't known, or none
	RuleAction    Rule = "action"    // a note doesn't begin with a known action
	RuleActions   Rule = "actions"   // a note has several
	RuleBullet    Rule = "bullet"    // a note begins with a list's dash
	RuleEmpty     Rule = "empty"     // there is no note, or no text where one belongs
	RuleBlank     Rule = "blank"     // a key without a value
	RuleIssue     Rule = "issue"     // an issue that is no number and no link
	RuleDocs      Rule = "docs"      // a link to documentation without label or address
	RuleUpgrade   Rule = "upgrade"   // an upgrade note without title or content
)

// Severity is how grave a finding is.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Off     Severity = "off"
)

// Values lists the severities that may be chosen.
func (Severity) Values() []string { return []string{string(Error), string(Warning), string(Off)} }

// Severities are chosen severities by rule; a rule that isn't there has its own.
type Severities map[Rule]Severity

// of is the severity of a rule. A file that can't be read is always an error.
func (s Severities) of(r Rule) Severity {
	if r == RuleFile || r == RuleSyntax {
		return Error
	}
	if chosen, ok := s[r]; ok && chosen != "" {
		return chosen
	}
	if r == RuleActions || r == RuleBlank {
		return Warning
	}
	return Error
}

// Finding is one thing that is wrong in a note file, and where. What it quotes
// of the file is cut short: whoever shows it in Markdown makes it inert first.
type Finding struct {
	Path     string   `json:"file"`
	Line     int      `json:"line"` // from 1
	EndLine  int      `json:"end_line"`
	Rule     Rule     `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	// Fix is the correction: what to write on the line, or in the place of the word.
	Fix string `json:"fix,omitempty"`
}

// String is the finding with its correction, without its place.
func (f Finding) String() string {
	if f.Fix == "" {
		return f.Message
	}
	if strings.HasSuffix(f.Message, "?") {
		return f.Message + " Write: " + f.Fix
	}
	return f.Message + ". Write: " + f.Fix
}

// MaxFindings bounds the findings of one file.
const MaxFindings = 50

// sorted brings findings into the order of the file, and cuts them.
func sorted(all []Finding) []Finding {
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	return all[:min(len(all), MaxFindings)]
}

// Errors reports whether a finding is an error.
func Errors(all []Finding) bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return f.Severity == Error })
}
