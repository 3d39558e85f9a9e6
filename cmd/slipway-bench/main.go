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
	if len(os.Args) > 1 && os.Args[1] == "pick" {
		pick(ctx, os.Args[2:])
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "provenance" {
		provenance(ctx, os.Args[2:])
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "notes" {
		notes(ctx, os.Args[2:])
		return
	}
	rounds := flag.Int("rounds", 20, "how often to kill in each crash run")
	only := flag.String("only", "", "run only the measurements whose name contains this")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: slipway-bench [-rounds N] [-only NAME] SLIPWAY\n       slipway-bench pick -istio BAREDIR -sample FILE"+
			"\n       slipway-bench provenance -istio BAREDIR -sample FILE\n       slipway-bench notes [-istio BAREDIR] SLIPWAY")
		os.Exit(2)
	}
	o := bench.Options{Binary: flag.Args(), Rounds: *rounds, Only: *only, Out: os.Stdout, Progress: os.Stderr}
	if err := bench.Run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "slipway-bench:", err)
		os.Exit(1)
	}
}

// pick measures the cherry-pick engine on a repository that the caller has.
func pick(ctx context.Context, args []string) {
	o := bench.PickOptions{Out: os.Stdout, Progress: os.Stderr}
	flags := flag.NewFlagSet("slipway-bench pick", flag.ExitOnError)
	flags.StringVar(&o.Mirror, "istio", os.Getenv("SLIPWAY_BENCH_ISTIO"), "a bare clone of istio/istio (SLIPWAY_BENCH_ISTIO)")
	flags.StringVar(&o.Sample, "sample", os.Getenv("SLIPWAY_BENCH_SAMPLE"), "the table of its picks (SLIPWAY_BENCH_SAMPLE)")
	flags.IntVar(&o.Whole, "whole", 20, "how many picks to carry over HTTP")
	flags.IntVar(&o.Old, "old", 5, "how many picks to make as today's bot does")
	_ = flags.Parse(args) // it exits by itself
	if o.Mirror == "" || o.Sample == "" || flags.NArg() > 0 || o.Whole < 1 || o.Old < 1 {
		flags.Usage()
		os.Exit(2)
	}
	if err := bench.RunPick(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "slipway-bench pick:", err)
		os.Exit(1)
	}
}

// provenance measures where commits of release branches are said to come from.
func provenance(ctx context.Context, args []string) {
	o := bench.ProvenanceOptions{Source: "master", Out: os.Stdout, Progress: os.Stderr}
	flags := flag.NewFlagSet("slipway-bench provenance", flag.ExitOnError)
	flags.StringVar(&o.Mirror, "istio", os.Getenv("SLIPWAY_BENCH_ISTIO"), "a bare clone of istio/istio (SLIPWAY_BENCH_ISTIO)")
	flags.StringVar(&o.Sample, "sample", os.Getenv("SLIPWAY_BENCH_SAMPLE"), "the table of its picks (SLIPWAY_BENCH_SAMPLE)")
	flags.IntVar(&o.HTTP, "http", 10, "how many picks to ask about over HTTP")
	flags.BoolVar(&o.Misses, "misses", false, "name the rows that aren't as the goals want them")
	_ = flags.Parse(args) // it exits by itself
	if o.Mirror == "" || o.Sample == "" || flags.NArg() > 0 {
		flags.Usage()
		os.Exit(2)
	}
	if err := bench.RunProvenance(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "slipway-bench provenance:", err)
		os.Exit(1)
	}
}

// notes measures the release notes, on made ones and on a repository that the
// caller may have.
func notes(ctx context.Context, args []string) {
	o := bench.NotesOptions{Out: os.Stdout}
	flags := flag.NewFlagSet("slipway-bench notes", flag.ExitOnError)
	flags.StringVar(&o.Mirror, "istio", os.Getenv("SLIPWAY_BENCH_ISTIO"), "a bare clone of istio/istio (SLIPWAY_BENCH_ISTIO)")
	flags.StringVar(&o.From, "from", "1.29.0", "its tag of the release before")
	flags.StringVar(&o.To, "to", "1.30.0", "its tag of the release")
	_ = flags.Parse(args) // it exits by itself
	if flags.NArg() != 1 {
		flags.Usage()
		os.Exit(2)
	}
	o.Binary = flags.Arg(0)
	if err := bench.RunNotes(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "slipway-bench notes:", err)
		os.Exit(1)
	}
}
