package target

import (
	"fmt"
	"os"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// Exit is how a process that we started ended.
type Exit struct {
	Code   int    // its exit status; -1 when a signal ended it
	Signal string // the signal that ended it, such as "SIGTERM"; "" when it exited
	Forced bool   // it did not end by itself: we had to kill it
	// Elapsed is the time from the first signal that we sent it to its end;
	// from its start when we sent none.
	Elapsed time.Duration
}

func (e Exit) String() string {
	how := fmt.Sprintf("exit status %d", e.Code)
	if e.Signal != "" {
		how = "ended by " + e.Signal
	}
	if e.Forced {
		how = "killed by us"
	}
	return fmt.Sprintf("%s after %s", how, patience.Text(e.Elapsed))
}

// How says how the process ended, without how long that took: "exit status 1", "signal: segmentation fault (SIGSEGV)".
func (e Exit) How() string {
	const byShell = 128 // what a shell adds to the number of the signal that ended its child
	switch {
	case e.Forced:
		return "killed by us"
	case e.Signal != "":
		return "signal: " + signalWords(e.Signal)
	case e.Code > byShell:
		if words := signalNumber(e.Code - byShell); words != "" {
			return fmt.Sprintf("exit status %d, a shell's word for %s", e.Code, words)
		}
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// exitOf reads a process's status.
func exitOf(s *os.ProcessState) Exit {
	return Exit{Code: s.ExitCode(), Signal: signalOf(s)}
}
