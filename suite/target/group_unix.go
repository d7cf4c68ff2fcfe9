//go:build unix

package target

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// killGroup kills the process group that a process leads. reaped says that the
// leader has been waited for. As long as the group has a member its id is no
// other process's; so when a process of that id exists by then, the group is
// gone, the id has been given away, and nothing is killed.
func killGroup(leader *os.Process, reaped bool) {
	if reaped && !errors.Is(unix.Kill(leader.Pid, 0), unix.ESRCH) {
		return
	}
	_ = unix.Kill(-leader.Pid, unix.SIGKILL)
}

// killed tells whether a process ended by SIGKILL.
func killed(e Exit) bool { return e.Signal == "SIGKILL" }

// signalOf names the signal that ended a process.
func signalOf(s *os.ProcessState) string {
	status, ok := s.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return ""
	}
	if name := unix.SignalName(status.Signal()); name != "" {
		return name
	}
	return status.Signal().String() // a real-time signal has a number alone
}

// signalWords says what the signal of a name is: "segmentation fault (SIGSEGV)".
func signalWords(name string) string {
	if n := unix.SignalNum(name); n != 0 {
		return n.String() + " (" + name + ")"
	}
	return name
}

// signalNumber names the signal of a number; "" where there is none.
func signalNumber(n int) string { return unix.SignalName(syscall.Signal(n)) }
