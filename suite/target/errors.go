package target

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// UsageError says that what the user asked for cannot be meant: an address
// that is none, a command that cannot be run, a process that does not exist.
type UsageError struct {
	Message string // one sentence, says what to do
	Err     error  // the cause, where there is one
}

func (e *UsageError) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// usage makes a UsageError from a format.
func usage(cause error, format string, args ...any) *UsageError {
	return &UsageError{Message: fmt.Sprintf(format, args...), Err: cause}
}

// UnreachableError says that nothing answers at an address.
type UnreachableError struct {
	Address string // as the user gave it
	Message string // one sentence, says what to do
	Err     error  // what the last attempt said
}

func (e *UnreachableError) Error() string { return e.Message }

// Unwrap returns what the last attempt said.
func (e *UnreachableError) Unwrap() error { return e.Err }

// ExitedError says that the server under test is no longer running.
type ExitedError struct {
	Name        string // the target, or the program that was started
	PID         int    // the process that ended; 0 for a server in this process
	Exit        *Exit  // how it ended; nil when another process is its parent
	BeforeReady bool   // it ended before it listened, as far as it itself did
	Left        int    // a process that it left behind: any, with BeforeReady, else one that listens on; 0 where it left none
	Stderr      string // the end of what it wrote to stderr, 4 KiB at most
	// Words are its last words as lines: what it wrote to stderr (to stdout, where it wrote nothing there) of why it ended, whole with its stack trace, or its last lines. They
	// are fit to print, and of a long trace the beginning and the end are there.
	Words string
}

// How says how the server ended, in a few words: "exit status 1", "signal: segmentation fault (SIGSEGV)".
func (e *ExitedError) How() string {
	switch {
	case e.PID == 0:
		return "it was stopped"
	case e.Exit == nil:
		return fmt.Sprintf("process %d is no longer running", e.PID)
	}
	return e.Exit.How()
}

// Why is the message in the server's last words, shortly; "" where none says why it ended.
func (e *ExitedError) Why() string { return whyLine(e.Words) }

func (e *ExitedError) Error() string {
	var b strings.Builder
	b.WriteString(e.Name)
	if e.PID > 0 {
		fmt.Fprintf(&b, " (pid %d)", e.PID)
	}
	switch {
	case e.PID == 0:
		b.WriteString(" was stopped")
	case e.Exit == nil:
		b.WriteString(" is no longer running")
	default:
		b.WriteString(" ended: " + e.Exit.String())
	}
	switch {
	case e.Left > 0:
		fmt.Fprintf(&b, ", and left the process %d behind (a server that puts itself in the background must be started in the foreground)", e.Left)
	case e.BeforeReady:
		switch {
		case e.Exit != nil && e.Exit.Code == 0:
			b.WriteString(", before it listened (a server that puts itself in the background must be started in the foreground)")
		default:
			b.WriteString(", before it listened")
		}
	}
	b.WriteString(lastWords(e.Stderr))
	return b.String()
}

// NotReadyError says that a server that we started runs, and does not listen
// where it was told to.
type NotReadyError struct {
	Name      string        // the program that was started
	PID       int           // its leader
	Address   string        // where it should listen
	Waited    time.Duration // how long we waited
	Elsewhere []string      // where it listens on that port instead, if anywhere
	Stderr    string        // the end of what it wrote to stderr, 4 KiB at most
}

func (e *NotReadyError) Error() string {
	s := fmt.Sprintf("%s (pid %d) did not listen on %s within %s", e.Name, e.PID, e.Address, patience.Text(e.Waited))
	if len(e.Elsewhere) > 0 {
		s += fmt.Sprintf("; it listens on %s instead: tell it the host with {host}", strings.Join(e.Elsewhere, " and "))
	}
	return s + lastWords(e.Stderr)
}
