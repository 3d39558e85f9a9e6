package notes

import (
	"fmt"
	"strings"
)

// Holds reports whether a path is that of a note in a folder, whose path is
// given without slashes around it: it is below the folder, and neither its name
// nor that of a folder on the way begins with a dot. An empty folder holds
// nothing. All who look for notes ask it.
func Holds(dir, name string) bool {
	rest, below := strings.CutPrefix(name, dir+"/")
	return dir != "" && below && rest != "" && !strings.HasPrefix(rest, ".") && !strings.Contains(rest, "/.")
}

// NoFile is what is to be said of a path where a note belongs and something else
// stands, such as "a symbolic link": nothing of it is read or rendered.
func NoFile(name, what string) File {
	return File{Path: name, Findings: []Finding{{
		Path: name, Line: 1, EndLine: 1, Rule: RuleFile, Severity: Error,
		Message: fmt.Sprintf("this is %s, which is not followed, so nothing of it would stand in the notes; put the note itself here", what),
	}}}
}
