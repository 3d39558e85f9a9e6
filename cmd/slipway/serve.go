package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/config"
)

func serveCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Receive webhooks and keep release branches honest",
		Long: "Serve is the service itself, for github.com and GitHub Enterprise Server.\n" +
			"Every setting can stand in the file or in the environment (SLIPWAY_...).",
		Example: "  slipway serve --config slipway.yml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			return serve(cmd.Context(), settings, newLog(cmd.ErrOrStderr(), settings.Log))
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "settings file; without it the environment alone")
	return cmd
}

// serve runs the program until the context ends.
func serve(ctx context.Context, settings config.Settings, log zerolog.Logger) error {
	memory := limitMemory()
	p, err := NewProgram(ctx, settings, log)
	if err != nil {
		return err
	}
	if err := p.Start(ctx); err != nil {
		p.store.Close()
		return err
	}
	log.Info().Str("version", versionText()).Str("listen", p.Addr()).Int64("memory_limit", memory).Object("settings", settings).Msg("ready")
	<-ctx.Done()
	log.Info().Msg("stopping")
	return p.Stop()
}

func newLog(out io.Writer, s config.Log) zerolog.Logger {
	if s.Format == "text" {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.RFC3339, NoColor: true}
	}
	level, err := zerolog.ParseLevel(s.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}
