// Package lazy puts off what package variables are made of until somebody asks
// for it, so that a subcommand like `slipway version` pays for what it uses and
// no more.
package lazy
