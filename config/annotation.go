package config

// Annotation is a fault in the form that a check run shows beside a line.
type Annotation struct {
	Path        string
	StartLine   int
	EndLine     int
	StartColumn int // 0, with EndColumn, unless both stand on one line
	EndColumn   int
	Level       string // "failure", GitHub's highest
	Title       string
	Message     string // plain text
}

// MaxAnnotations is how many annotations GitHub takes with one request.
const MaxAnnotations = 50

// Annotations renders the faults of the file at path. GitHub takes no more than
// MaxAnnotations at once and refuses the whole request otherwise; the last one
// then says that there are more.
func (fs Faults) Annotations(path string) []Annotation {
	shown := fs
	if len(fs) > MaxAnnotations {
		shown = append(fs[:MaxAnnotations-1:MaxAnnotations-1], fs[len(fs)-1])
		shown[MaxAnnotations-1].Message = "there are more faults; these come first"
	}
	list := make([]Annotation, 0, len(shown))
	for _, f := range shown {
		a := Annotation{Path: path, StartLine: max(f.Line, 1), EndLine: max(f.Line, f.EndLine, 1), Level: "failure", Title: "Slipway's policy", Message: f.Message}
		// GitHub refuses columns of an annotation over several lines.
		if a.StartLine == a.EndLine && f.EndColumn > 0 {
			a.StartColumn, a.EndColumn = f.Column, f.EndColumn
		}
		list = append(list, a)
	}
	return list
}
