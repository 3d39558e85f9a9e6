package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/github"
)

func notesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notes",
		Short: "Check release notes, and make those of a release",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return wrongUse(fmt.Errorf("notes has no command %q; it has check and generate", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(notesCheckCommand(), notesGenerateCommand())
	return cmd
}

// usable makes every error of a command one of its use, but what was said.
func usable(run func(cmd *cobra.Command, args []string) error) func(cmd *cobra.Command, args []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if err != nil && !errors.Is(err, errSaid) {
			return wrongUse(err)
		}
		return err
	}
}

// notesPolicy reads the section of a policy file; without a file it is what
// holds without a policy.
func notesPolicy(file string) (releasenotes.Settings, error) {
	if file == "" {
		var s releasenotes.Settings
		s.SetDefaults()
		s.Schema.IssuesOf = "istio/istio" // the built-in schema's own
		return s, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return releasenotes.Settings{}, fmt.Errorf("--policy: %w", err)
	}
	p, err := config.ParsePolicy(file, text, handlers.Sections()...)
	if err != nil {
		return releasenotes.Settings{}, fmt.Errorf("--policy: %w", err)
	}
	return config.Section[releasenotes.Settings](p, releasenotes.Name)
}

// homeOf is the repository that plain issue numbers are of, by the name that
// somebody gave a repository.
func homeOf(name string) github.Repo {
	repo, err := github.ParseRepo(name)
	if err != nil {
		return github.Repo{}
	}
	return repo
}
