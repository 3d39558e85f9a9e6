package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/engine"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

func planCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "plan KEY",
		Short: "Print what Slipway would do for one key, and why; change nothing",
		Long: "Plan reads what a decision needs from GitHub, decides, and prints the result.\n" +
			"It writes nothing, neither to GitHub nor to the database, and may run beside `serve`.\n" +
			"What it prints is what must be so; serve writes only what isn't so already.",
		Example: `  slipway plan "freeze istio/istio pr/123" --config slipway.yml
  slipway plan freeze istio/istio preview/release-1.30 --config slipway.yml`,
		Args: cobra.RangeArgs(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := reconcile.ParseKey(strings.Join(args, " "))
			if err != nil {
				return err
			}
			settings, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			return plan(cmd.Context(), settings, key, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "settings file; without it the environment alone")
	return cmd
}

func plan(ctx context.Context, settings config.Settings, key reconcile.Key, out io.Writer) error {
	memory := &memoryCache{}
	c, err := wire(settings, memory, memory, nil, nil, watchers{}, machine.clock())
	if err != nil {
		return err
	}
	e := &engine.Engine{Registry: c.registry, Now: machine.clock()}
	p, err := e.Plan(ctx, key)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, planText(key, p))
	return err
}

// planText is a plan for people.
func planText(key reconcile.Key, p reconcile.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "key:   %s\nwhy:   %s\n", key, p.Reason)
	if len(p.Effects) == 0 {
		b.WriteString("would: write nothing\n")
	}
	for _, e := range p.Effects {
		fmt.Fprintf(&b, "would: %s\n", e)
		if c, ok := e.(effect.CheckRun); ok {
			for line := range strings.Lines(c.Verdict.Detail) {
				fmt.Fprintf(&b, "       | %s\n", strings.TrimRight(line, "\n"))
			}
		}
	}
	for _, k := range p.Enqueue {
		fmt.Fprintf(&b, "then:  %s\n", k)
	}
	if !p.RequeueAt.IsZero() {
		fmt.Fprintf(&b, "next:  looks again at %s\n", p.RequeueAt.UTC().Format(time.RFC3339))
	}
	return b.String()
}
