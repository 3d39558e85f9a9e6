package notes

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// File is one note file as far as it can be read.
type File struct {
	Path     string
	Version  string
	Kind     string
	Area     string
	Issues   []Issue
	Docs     []string // as written: "[label] address"
	Notes    []Entry  // releaseNotes
	Upgrade  []Upgrade
	Security []Entry
	Findings []Finding // in the order of the file
}

// Entry is one note: Markdown, and the action that it begins with.
type Entry struct {
	Text   string
	Action string // "" when it has none, or isn't a release note
	Line   int
}

// Upgrade is one upgrade note.
type Upgrade struct{ Title, Content string }

// Empty reports whether a file brings nothing that could be rendered.
func (f File) Empty() bool { return len(f.Notes)+len(f.Upgrade)+len(f.Security) == 0 }

// Valid reports whether a file is a note without errors.
func (f File) Valid() bool { return !f.Empty() && !Errors(f.Findings) }

// fileReader reads one file by a schema.
type fileReader struct {
	schema     Schema
	severities Severities
	file       File
	lines      int // of the source
}

// Read reads a note file. It never fails: what is wrong is in the findings, and
// what can be read is in the file.
func Read(s Schema, severities Severities, name string, source []byte) File {
	r := &fileReader{schema: s, severities: severities, file: File{Path: name}, lines: 1 + bytes.Count(source, []byte("\n"))}
	r.name(name)
	v, problems := parse(source)
	for _, p := range problems {
		r.find(p.rule, p.line, p.line, "", "%s", p.what)
	}
	switch {
	case v.form == group:
		r.group(v)
	case slices.ContainsFunc(problems, func(p problem) bool { return p.rule == RuleSyntax }):
	case v.form == nothing:
		r.find(RuleEmpty, 1, 1, "", "the file is empty; a note has at least %s, %s, %s and one of %s", keyVersion, keyKind, keyArea, oneOf(textKeys))
	default:
		r.find(RuleSyntax, v.line, v.line, "", "a note file is a group of keys like %s and %s; this is %s", keyKind, keyNotes, v.form)
	}
	r.file.Findings = sorted(r.file.Findings)
	return r.file
}

var textKeys = []string{keyNotes, keyUpgrade, keySecurity}

// find notes a finding, unless its rule is off.
func (r *fileReader) find(rule Rule, line, end int, fix, format string, args ...any) {
	severity := r.severities.of(rule)
	if severity == Off || len(r.file.Findings) >= 4*MaxFindings {
		return
	}
	line = min(max(line, 1), r.lines) // the library also counts lines where a lone carriage return ends one
	end = min(max(end, line), r.lines)
	r.file.Findings = append(r.file.Findings, Finding{
		Path: r.file.Path, Line: line, EndLine: end, Rule: rule, Severity: severity, Message: fmt.Sprintf(format, args...), Fix: fix,
	})
}

// name looks at how the file is called.
func (r *fileReader) name(name string) {
	if len(r.schema.Extensions) == 0 || r.schema.Named(name) {
		return
	}
	want := r.schema.Extensions[0]
	base := path.Base(name)
	ext := path.Ext(base)
	if ext != ".yml" && ext != ".yaml" && ext != ".json" && ext != ".txt" && ext != ".md" { // a dot may be a part of the name
		r.find(RuleExtension, 1, 1, base+want, "the file's name has no ending; note files end with %s", oneOf(r.schema.Extensions))
		return
	}
	r.find(RuleExtension, 1, 1, strings.TrimSuffix(base, ext)+want, "the file's name ends with %s, note files end with %s", ext, oneOf(r.schema.Extensions))
}

// group reads the keys of a file.
func (r *fileReader) group(v value) {
	read := map[string]func(value, int){
		keyVersion:  func(v value, at int) { r.file.Version = r.word(keyVersion, RuleVersion, v, at, r.schema.APIVersions) },
		keyKind:     func(v value, at int) { r.file.Kind = r.word(keyKind, RuleKind, v, at, r.schema.Kinds) },
		keyArea:     func(v value, at int) { r.file.Area = r.word(keyArea, RuleArea, v, at, r.schema.Areas) },
		keyIssue:    func(v value, _ int) { r.issues(v) },
		keyDocs:     func(v value, _ int) { r.docs(v) },
		keyNotes:    func(v value, at int) { r.notes(v, at) },
		keyUpgrade:  func(v value, at int) { r.upgrades(v, at) },
		keySecurity: func(v value, at int) { r.security(v, at) },
	}
	seen, misspelt := map[string]bool{}, map[string]bool{}
	for _, k := range v.keys {
		handle, known := read[k.key]
		if right := folded(k.key); !known && right != "" && !seen[right] {
			// Tools that read YAML as JSON take a key in any case, so its value counts.
			r.find(RuleKey, k.line, k.line, right+":", "the key %s is written %q", quote(k.key), right)
			seen[right] = true
			read[right](k.value, k.line)
			continue
		}
		switch {
		case known && seen[k.key]:
			r.find(RuleKey, k.line, k.line, "", "%s is given twice", quote(k.key))
		case known:
			seen[k.key] = true
			handle(k.value, k.line)
		default:
			misspelt[r.unknown(k, "", fileKeys)] = true
		}
	}
	for _, needed := range []struct {
		key  string
		rule Rule
	}{{keyVersion, RuleVersion}, {keyKind, RuleKind}, {keyArea, RuleArea}} {
		if !seen[needed.key] && !misspelt[needed.key] {
			r.find(needed.rule, 1, 1, "", "the key %s is missing", needed.key)
		}
	}
	told := slices.ContainsFunc(textKeys, func(k string) bool { return misspelt[k] }) || slices.ContainsFunc(r.file.Findings, func(f Finding) bool {
		return slices.Contains([]Rule{RuleEmpty, RuleUpgrade, RuleBullet, RuleSyntax}, f.Rule)
	})
	if r.file.Empty() && !told {
		r.find(RuleEmpty, v.line, v.line, "", "there is no note in this file; it needs one of %s", oneOf(textKeys))
	}
}

// folded is the known key that differs from a word in case alone, "" for none.
func folded(word string) string {
	for _, k := range fileKeys {
		if strings.EqualFold(k, word) {
			return k
		}
	}
	return ""
}

// unknown finds a key that isn't one of those known, and returns the one that
// was probably meant.
func (r *fileReader) unknown(k pair, in string, known []string) string {
	did := nearest(k.key, known)
	fix := ""
	message := fmt.Sprintf("unknown key %s%s, which is ignored", quote(k.key), in)
	if did != "" {
		message, fix = message+fmt.Sprintf("; did you mean %q?", did), did+":"
	} else {
		message += "; known are " + strings.Join(known, ", ")
	}
	r.find(RuleKey, k.line, k.line, fix, "%s", message)
	return did
}

// word reads a value that is one of a few words.
func (r *fileReader) word(key string, rule Rule, v value, at int, known []string) string {
	line := v.line
	if v.form == nothing {
		line = at
	}
	switch {
	case v.form == nothing || v.form == text && strings.TrimSpace(v.text) == "":
		r.find(rule, line, line, "", "%s is empty; want %s", key, oneOf(known))
		return ""
	case v.form != text:
		r.find(rule, line, line, "", "%s is %s; want %s", key, v.form, oneOf(known))
		return ""
	}
	word := strings.TrimSpace(v.text)
	if slices.Contains(known, word) {
		return word
	}
	did, fix := r.schema.meant(word, known), ""
	message := fmt.Sprintf("unknown %s %s", key, quote(word))
	if did != "" {
		message, fix = message+fmt.Sprintf("; did you mean %q?", did), key+": "+did
	} else {
		message += "; want " + oneOf(known)
	}
	r.find(rule, line, line, fix, "%s", message)
	return word
}

// oneOf lists words as in "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
