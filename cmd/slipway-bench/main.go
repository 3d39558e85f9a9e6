package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/istio-ecosystem/slipway/internal/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rounds := flag.Int("rounds", 20, "how often to kill in each crash run")
	only := flag.String("only", "", "run only the measurements whose name contains this")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: slipway-bench [-rounds N] [-only NAME] SLIPWAY")
		os.Exit(2)
	}
	o := bench.Options{Binary: flag.Args(), Rounds: *rounds, Only: *only, Out: os.Stdout, Progress: os.Stderr}
	if err := bench.Run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "slipway-bench:", err)
		os.Exit(1)
	}
}
