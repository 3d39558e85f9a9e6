//go:build !unix

package git

import "os/exec"

// ownGroup does nothing where there are no process groups: the children of a
// killed git end when they find their pipes closed.
func ownGroup(*exec.Cmd) {}
