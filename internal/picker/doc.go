// Package picker makes cherry-picks for GitHub repositories: it brings the git
// engine, its caches and the App's narrow tokens together. Pick says what a
// change comes to on a branch; it fetches, and writes nothing to GitHub. Apply
// pushes exactly what Pick has shown.
//
// Foresee says the same of what isn't asked for yet, and makes no commits.
//
// Prove says where the change of a pull request comes from, and remembers it.
//
// Where GitHub is to make and sign the commits, Apply brings their files to it, has it make
// them, and pushes these (signed.go).
//
// A conflict that people resolved on another branch is proposed to be resolved likewise, by what
// the change says of that (reuse.go).
//
// It keeps nothing that GitHub doesn't have, but for one small fact: that GitHub
// refused a push, and why. So the next decision can say so in place of trying
// again. What Prove remembers only saves work.
package picker
