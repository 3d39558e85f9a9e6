package config

import (
	"fmt"
	"path/filepath"
	"strings"
)

// CheckSettings looks at a settings file by itself, as `slipway validate` does:
// nothing else is read, neither the environment nor the files that secrets come
// from, for it may run on another machine than the service. What is wrong with
// the file is a fault; what has to come from elsewhere is a note.
func CheckSettings(text []byte) (faults Faults, notes []string) {
	var s Settings
	l, err := newLoader(&s)
	if err != nil {
		return Faults{{Line: 1, Column: 1, Message: err.Error()}}, nil
	}
	l.offline = true
	file, ok := l.read(text)
	if !ok {
		return l.faults.sorted(), nil
	}
	for _, f := range l.leaves {
		l.set(f, file, nil)
	}
	s.fillIn()
	l.check(&s)
	for i, f := range l.faults {
		// The fault of a value that is worked out, or missing, has no line of its own.
		l.faults[i].Line, l.faults[i].Column = max(f.Line, 1), max(f.Column, 1)
	}
	return l.faults.sorted(), l.notes
}

// elsewhere takes a secret for good that is to come from a file. That the file
// is named at all can be wrong already: people paste the secret itself there,
// so the message leaves the name out.
func (l *loader) elsewhere(f leaf, name string) {
	key := f.Key + "_file"
	l.given[f.Key], l.bad[f.Key] = true, true // bad: there is no value to look at
	if strings.TrimSpace(name) == "" || strings.ContainsAny(name, "\r\n") || strings.Contains(name, "-----BEGIN") {
		fault := faultAt(l.places[f.Key], "%s names no file: want the path of the file that holds %s", key, f.Want)
		fault.Expected = "the path of a file"
		l.faults = append(l.faults, fault)
		return
	}
	note := fmt.Sprintf("%s: that file is read when Slipway starts, and was not looked at", key)
	if !filepath.IsAbs(name) {
		note += "; its path is relative to where Slipway is started"
	}
	l.notes = append(l.notes, note)
}

// absent notes a key that the environment has to give.
func (l *loader) absent(f leaf) {
	how := f.Env
	if f.Secret {
		how += " or " + f.Env + "_FILE"
	}
	l.notes = append(l.notes, fmt.Sprintf("%s is not in this file: %s has to give it", f.Key, how))
}
