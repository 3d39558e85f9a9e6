package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/notes"
)

func notesCheckCommand() *cobra.Command {
	var ask notesCheck
	cmd := &cobra.Command{
		Use:   "check FILE|DIR...",
		Short: "Tell what is wrong with note files",
		Long: `Check reads note files as strictly as the check slipway/release-notes does and
tells what is wrong, each finding with its line and the correction. Of a folder
it reads every file in and below it, but those whose names begin with a dot.

What may stand in a note is as in Istio's release notes, unless a policy says
otherwise: --policy FILE takes the section releasenotes of one.

It ends with status 1 if there is an error, 0 if there are at most warnings, and
2 if a file isn't there or the command was wrongly used.

With --json, or --format json, the findings are one array of objects: file, line
and end_line from 1, rule, severity (error or warning), message and, where there
is one, fix. With --format github they are annotations of a GitHub workflow.`,
		Example: `  slipway notes check releasenotes/notes
  slipway notes check --policy .github/slipway.yml --format github releasenotes/notes/1234.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return wrongUse(errors.New("check needs a file or a folder of notes"))
			}
			return nil
		},
		RunE: usable(func(cmd *cobra.Command, args []string) error { return ask.run(cmd.OutOrStdout(), args) }),
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrongUse(err) })
	cmd.Flags().StringVar(&ask.policy, "policy", "", "a policy file, whose section releasenotes says what may stand in a note")
	cmd.Flags().StringVar(&ask.format, "format", "text", "text, json or github")
	cmd.Flags().BoolVar(&ask.json, "json", false, "the same as --format json")
	return cmd
}

// notesCheck is what a person asked for.
type notesCheck struct {
	policy string
	format string
	json   bool
}

func (a notesCheck) run(out io.Writer, args []string) error {
	if a.json {
		a.format = "json"
	}
	print, ok := map[string]func(io.Writer, []notes.Finding, int) error{"text": findingsText, "json": findingsJSON, "github": findingsGitHub}[a.format]
	if !ok {
		return fmt.Errorf("--format %s: want text, json or github", a.format)
	}
	settings, err := notesPolicy(a.policy)
	if err != nil {
		return err
	}
	findings, count := []notes.Finding{}, 0
	schema, severities := settings.NoteSchema(github.Repo{}), settings.Severities()
	for _, arg := range args {
		err := noteFiles(arg, func(name, other string, text []byte) {
			count++
			name = filepath.ToSlash(name)
			f := notes.NoFile(name, other)
			if other == "" {
				f = notes.Read(schema, severities, name, text)
			}
			findings = append(findings, f.Findings...)
		})
		if err != nil {
			return err
		}
	}
	if err := print(out, findings, count); err != nil {
		return err
	}
	if notes.Errors(findings) {
		return errSaid
	}
	return nil
}

// noteFiles reads a file, or the files in and below a folder, in the order of
// their names. Of a file longer than a note may be it reads just enough to tell;
// other is what stands there instead of a file, "" for a file.
func noteFiles(arg string, read func(name, other string, text []byte)) error {
	return filepath.WalkDir(arg, func(name string, d fs.DirEntry, err error) error {
		hidden := name != arg && strings.HasPrefix(d.Name(), ".") // as notes.Holds has it
		switch {
		case err != nil:
			return err
		case d.IsDir() && hidden:
			return filepath.SkipDir
		case d.IsDir(), hidden:
			return nil
		case name != arg && d.Type()&fs.ModeSymlink != 0:
			read(name, "a symbolic link", nil)
			return nil
		case name != arg && !d.Type().IsRegular():
			read(name, "no regular file", nil)
			return nil
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(io.LimitReader(f, notes.MaxBytes+1))
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		read(name, "", text)
		return nil
	})
}

// findingsText is one line a finding, in the form that editors and terminals
// make a link of, and a summary.
func findingsText(out io.Writer, findings []notes.Finding, files int) error {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintln(&b, printable(fmt.Sprintf("%s:%d: %s: %s [%s]", f.Path, f.Line, f.Severity, f, f.Rule)))
	}
	grave := 0
	broken := map[string]bool{}
	for _, f := range findings {
		broken[f.Path] = true
		if f.Severity == notes.Error {
			grave++
		}
	}
	if len(findings) == 0 {
		fmt.Fprintf(&b, "%s, nothing to find fault with\n", count(files, "file"))
	} else {
		fmt.Fprintf(&b, "%s and %s in %d of %s\n", count(grave, "error"), count(len(findings)-grave, "warning"), len(broken), count(files, "file"))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func findingsJSON(out io.Writer, findings []notes.Finding, _ int) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(findings)
}

// findingsGitHub is the workflow commands by which a step annotates lines.
func findingsGitHub(out io.Writer, findings []notes.Finding, _ int) error {
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "::%s file=%s,line=%d,endLine=%d,title=%s::%s\n", f.Severity, property.Replace(f.Path), f.Line, f.EndLine,
			property.Replace(releasenotes.AnnotationTitle), message.Replace(printable(f.String())))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
