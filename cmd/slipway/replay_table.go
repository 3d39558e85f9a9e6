package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/handlers/build"
)

func replayTriggersCommand() *cobra.Command {
	var asJSON bool
	var policy string
	cmd := &cobra.Command{
		Use:   "triggers FILE",
		Short: "Judge each change that a history has of the trigger files",
		Long: "Triggers reads a history of the files that start builds and publishes, and says of each change\n" +
			"what the check slipway/release would have said of it: ok, warn or refuse, and why. The history has\n" +
			"tabs between its columns, and their names in its first line: branch, file (trigger-build or\n" +
			"trigger-publish), date (of the calendar), version (what the file held), subject and commit.\n" +
			"\"-\" reads it from the standard input.",
		Example: "  slipway replay triggers trigger-history.tsv\n" +
			"  slipway replay triggers trigger-history.tsv --json | grep '\"refuse\"'",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := readHistory(args[0], cmd.InOrStdin())
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			var settings build.Triggers
			settings.SetDefaults()
			if policy != "" {
				p, err := readReplayPolicy(policy)
				if err != nil {
					return fmt.Errorf("--policy: %w", err)
				}
				settings = p.build.Triggers
			}
			judged := build.JudgeHistory(rows, settings)
			if asJSON {
				return writeRows(cmd.OutOrStdout(), judged)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), rowsText(judged))
			return err
		},
	}
	cmd.Flags().StringVar(&policy, "policy", "", "a policy file, whose sections versions and release hold")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each change, in the history's order")
	return cmd
}

func readHistory(name string, in io.Reader) (rows []build.Row, err error) {
	if name == "-" {
		return build.ReadHistory(in)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = closing(f, err) }()
	return build.ReadHistory(f)
}

// closing closes a file and keeps the first error.
func closing(c io.Closer, err error) error {
	if e := c.Close(); err == nil {
		err = e
	}
	return err
}

// judgedRow is a line of `slipway replay triggers --json`.
type judgedRow struct {
	Branch  string      `json:"branch"`
	File    string      `json:"file"`
	Version string      `json:"version"`
	Commit  string      `json:"commit"`
	Verdict build.Grade `json:"verdict"`
	Reason  string      `json:"reason"`
}

func writeRows(out io.Writer, rows []build.Judged) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for _, r := range rows {
		line := judgedRow{string(r.Branch), r.File, r.Row.Version, r.Commit, r.Grade(), r.Reason()}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// rowsText is a history for people.
func rowsText(rows []build.Judged) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%-6s %-13s %-15s %-16s %.10s  %s\n", r.Grade(), oneLine(string(r.Branch)), r.File, oneLine(r.Row.Version), oneLine(r.Commit), oneLine(r.Reason()))
	}
	n := build.Tally(rows)
	fmt.Fprintf(&b, "%d changes: %d ok, %d to look at, %d refused\n", len(rows), n[build.OK], n[build.Warn], n[build.Refuse])
	return b.String()
}
