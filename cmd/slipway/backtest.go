package main

import "github.com/spf13/cobra"

// backtestCommand is the parent of what judges the past by today's rules.
func backtestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backtest",
		Short: "Judge what has been by the rules of today, asking nobody",
	}
	cmd.AddCommand(backtestTriggersCommand())
	return cmd
}
