//go:build !unix

package target

import (
	"os"
	"os/exec"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// contain does nothing: this system has no process groups of that kind.
func contain(*exec.Cmd) {}

// killGroup kills the leader alone.
func killGroup(leader *os.Process, reaped bool) {
	if !reaped {
		_ = leader.Kill()
	}
}

// killed tells whether a process may have ended by our hand.
func killed(e Exit) bool { return e.Code != 0 }

// signalOf knows no signals.
func signalOf(*os.ProcessState) string { return "" }

// signalWords is the name alone.
func signalWords(name string) string { return name }

// signalNumber knows no signals.
func signalNumber(int) string { return "" }

// awaitGone has nothing to wait for: the leader has been waited for.
func awaitGone(int, []kernel.Identity, time.Duration) {}
