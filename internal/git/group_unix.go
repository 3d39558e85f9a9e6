//go:build unix

package git

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a command and its children (git has a child for each protocol)
// be killed together.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
