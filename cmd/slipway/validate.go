package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/internal/ical"
)

func validateCommand() *cobra.Command {
	var kind string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check policy and settings files, and calendars, offline",
		Long: `Validate tells everything that is wrong with policies and settings, each fault
with its line and column, and ends with status 1 if there is any. It asks
nobody: whether a team or a label exists on GitHub is not looked at.

Whether a file is a policy or settings is told by its keys; --kind says it where
that isn't clear. A file whose name ends in .ics is a calendar that a window of a
policy names. - reads standard input.

Of settings the file alone is looked at, neither the environment nor the files
that secrets come from, since they belong to the machine where Slipway runs. A
value that has to come from there is a note on standard error and no fault; a
value that stands in the file and is malformed is a fault.

With --json the faults are one array of objects: file, kind (policy, settings,
or empty when it can't be told), line and column from 1 (0 when the file can't
be read), message and, where they are known, end_line, end_column, expected and
did_you_mean.`,
		Example: `  slipway validate .github/slipway.yml
  slipway validate --json policy.yml settings.yml
  git show HEAD:.github/slipway.yml | slipway validate --kind policy -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			v := &validation{Faults: []fileFault{}, stdin: cmd.InOrStdin(), forced: config.Kind(kind)}
			if kind != "" && v.forced != config.PolicyKind && v.forced != config.SettingsKind {
				return fmt.Errorf("--kind %s: want policy or settings", kind)
			}
			for _, name := range files {
				v.file(name)
			}
			return v.print(cmd.OutOrStdout(), cmd.ErrOrStderr(), asJSON)
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "what the files are, policy or settings; told by their keys without it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the faults as one JSON array")
	return cmd
}

// fileFault is a fault as --json prints it.
type fileFault struct {
	File       string      `json:"file"`
	Kind       config.Kind `json:"kind"`
	Line       int         `json:"line"`
	Column     int         `json:"column"`
	EndLine    int         `json:"end_line,omitempty"`
	EndColumn  int         `json:"end_column,omitempty"`
	Message    string      `json:"message"`
	Expected   string      `json:"expected,omitempty"`
	DidYouMean string      `json:"did_you_mean,omitempty"`
}

// validation is one run over some files.
type validation struct {
	Faults []fileFault
	notes  []string
	files  int
	broken int // files with a fault
	stdin  io.Reader
	forced config.Kind
}

// mostRead is more than either kind of file may have: what is cut off there is
// told to be too large.
const mostRead = 1 << 20

// file looks at one file, or at standard input for "-".
func (v *validation) file(name string) {
	v.files++
	before := len(v.Faults)
	text, err := v.read(name)
	if name == "-" {
		name = "<stdin>"
	}
	if err != nil {
		v.Faults = append(v.Faults, fileFault{File: name, Message: err.Error()})
	} else {
		v.text(name, text)
	}
	if len(v.Faults) > before {
		v.broken++
	}
}

func (v *validation) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(v.stdin, mostRead))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostRead))
	return text, reason(err)
}

// reason is an error of the file system without the file's name, which is said
// beside it.
func reason(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

func (v *validation) text(name string, text []byte) {
	if strings.HasSuffix(name, ".ics") && v.forced == "" {
		if _, err := ical.Read(string(text), time.UTC); err != nil {
			v.Faults = append(v.Faults, fileFault{File: name, Line: 1, Column: 1, Message: err.Error()})
		}
		return
	}
	sections := handlers.Sections()
	kind, why := v.forced, ""
	if kind == "" {
		kind, why = config.KindOf(text, sections...)
	}
	var faults config.Faults
	var notes []string
	switch kind {
	case config.PolicyKind:
		faults, notes = config.CheckPolicy(text, sections...)
	case config.SettingsKind:
		faults, notes = config.CheckSettings(text)
	default:
		faults = config.Faults{{Line: 1, Column: 1, Expected: "a policy or settings",
			Message: "can't tell whether this is a policy or settings: it " + why + "; say which it is by --kind policy or --kind settings"}}
	}
	for _, f := range faults {
		v.Faults = append(v.Faults, fileFault{name, kind, f.Line, f.Column, f.EndLine, f.EndColumn, f.Message, f.Expected, f.DidYouMean})
	}
	for _, n := range notes {
		v.notes = append(v.notes, name+": note: "+n)
	}
}

// print writes the result; the error is errSaid if there is any fault.
func (v *validation) print(out, notes io.Writer, asJSON bool) error {
	for _, n := range v.notes {
		fmt.Fprintln(notes, printable(n))
	}
	var err error
	if asJSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(v.Faults)
	} else {
		_, err = io.WriteString(out, v.String())
	}
	if err == nil && len(v.Faults) > 0 {
		return errSaid
	}
	return err
}

// String is one line a fault, in the form that editors and terminals make a
// link of, and a summary.
func (v *validation) String() string {
	var b strings.Builder
	for _, f := range v.Faults {
		where := f.File
		if f.Line > 0 {
			where = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
		}
		fmt.Fprintln(&b, printable(where+": "+f.Message))
	}
	switch {
	case len(v.Faults) == 0:
		fmt.Fprintf(&b, "%s, no faults\n", count(v.files, "file"))
	case v.files == 1:
		fmt.Fprintf(&b, "%s\n", count(len(v.Faults), "fault"))
	default:
		fmt.Fprintf(&b, "%s in %d of %s\n", count(len(v.Faults), "fault"), v.broken, count(v.files, "file"))
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printable keeps what a stranger's file holds from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
