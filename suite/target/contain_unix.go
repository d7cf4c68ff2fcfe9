//go:build unix && !linux

package target

import (
	"os/exec"
	"syscall"
)

// contain puts a process into a group of its own.
func contain(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
