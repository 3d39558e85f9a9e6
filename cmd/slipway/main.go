package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker; a build without it says what it was built from.
var version = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil && !errors.Is(err, errSaid) {
		// On one line, for logs that are read line by line.
		fmt.Fprintln(os.Stderr, "slipway:", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	os.Exit(statusOf(err))
}

// statusError ends the program with a status of its own.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// statusOf is what the program ends with: 0, 1, or what a command wants.
func statusOf(err error) int {
	var own *statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &own):
		return own.status
	}
	return 1
}

// errSaid ends the program with status 1 when its output says why already.
var errSaid = errors.New("said")

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "slipway",
		Short:         "Keeps release branches honest",
		Long:          "Slipway is a GitHub App for projects with release branches: it decides what may merge there, brings fixes there, and runs a release from one issue.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(serveCommand(), planCommand(), validateCommand(), pickCommand(), provenanceCommand(), replayCommand(), notesCommand(), demoCommand(), versionCommand())
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built with",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "slipway %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
