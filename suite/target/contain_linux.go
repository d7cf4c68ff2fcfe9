package target

import (
	"os/exec"
	"syscall"
)

// contain puts a process into a group of its own, and has the system kill it
// when the thread that starts it ends, which is when this process does: not
// even a crash of ours leaves a server behind.
func contain(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
