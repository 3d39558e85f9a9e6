// Package reconcile is the contract between capabilities and the machinery:
// Key, Capability, Plan and Registry on one side, and the interfaces that the
// engine needs (Applier, Ledger) on the other.
//
// An event only says that something may have changed; a key names it; Observe
// reads, Decide thinks, Apply writes.
package reconcile
