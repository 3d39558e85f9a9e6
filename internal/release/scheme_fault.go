package release

import (
	"errors"
	"fmt"
	"strings"
)

// TagFault is what keeps a text from being the template of tags; nil for nothing. The error completes "TEXT ...".
func TagFault(tag string) error {
	before, after, ok := strings.Cut(tag, versionPart)
	switch {
	case !ok:
		return errors.New("lacks {version}, so that all versions would have one tag")
	case strings.ContainsAny(before+after, "{}"):
		return errors.New("has another part than {version}, once; the numbers of a version stand in that")
	case before != "" && isNumber(before[len(before)-1:]) || after != "" && isNumber(after[:1]):
		return errors.New("has a number beside {version}, so that nobody can tell where the version begins or ends")
	case strings.HasPrefix(tag, "refs/"):
		return errors.New("begins with refs/; give the tag's short name")
	}
	if fault := branchFault(before + "1.31.0" + after); fault != "" {
		return fmt.Errorf("is no tag's name: it %s", fault)
	}
	return nil
}

// LineFault is what keeps a text from being the template of the branches of release lines; nil for
// nothing. The error completes "TEXT ...".
func LineFault(line string) error {
	_, rest, major := strings.Cut(line, "{major}")
	between, last, minor := strings.Cut(rest, "{minor}")
	first, _, _ := strings.Cut(line, "{major}")
	plain := strings.NewReplacer("{major}", "1", "{minor}", "31").Replace(line)
	switch {
	case strings.ContainsAny(plain, "{}"):
		return errors.New("has another part than {major} and {minor}")
	case !major && !strings.Contains(line, "{minor}"):
	case !major || !minor || strings.Contains(first+between+last, "{"):
		return errors.New("needs {major} and behind it {minor}, each once; or neither, where all versions come from one branch")
	case between == "" || strings.ContainsAny(between[:1]+between[len(between)-1:]+last[:min(len(last), 1)]+first[max(len(first)-1, 0):], "0123456789"):
		return errors.New("has a number beside {major} or {minor}, so that nobody can tell where that begins or ends")
	}
	if fault := branchFault(plain); fault != "" {
		return fmt.Errorf("is no branch's name: it %s", fault)
	}
	if Branch(plain).Ours() {
		return errors.New("is a branch that Slipway makes, and none of these is governed")
	}
	return nil
}

// Fault is what keeps the parts of a scheme from going together; nil for nothing. The error is a sentence
// without its full stop.
func (s Scheme) Fault() error {
	v := s.sample().Final()
	line := v.Fill(s.Line)
	if s.Line == "" {
		return nil
	}
	for _, tag := range v.Tags() {
		if tag == line {
			return fmt.Errorf("the tag of %s and its branch would both be called %s, and git couldn't tell them apart", v, line)
		}
	}
	return nil
}

// Fill puts a version into a template: {version}, {major} and {minor}.
func (v Version) Fill(template string) string {
	major, minor := v.Numbers()
	return strings.NewReplacer(versionPart, v.String(), "{major}", major, "{minor}", minor).Replace(template)
}

// Lines is the template of the branches of all release lines, for Meets.
func (s Scheme) Lines() string {
	if s.Line == "" {
		return numbered
	}
	return s.Line
}
