//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestInterruptedBeforeTheServerIsReady: a signal is heard while a server is waited for that does not listen, by every command that starts one.
func TestInterruptedBeforeTheServerIsReady(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"run", "fuzz"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip(err)
			}
			runs := make(chan struct{})
			go func() {
				defer close(runs)
				_, _ = os.ReadFile(pipe) // until the server has written to it
			}()
			server := "sh -c 'echo runs >" + pipe + "; exec sleep 1000' {port}"
			c := until(t, started(t, command, "--exec", server, "--start-timeout", "10m"), runs)
			if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if o := c.wait(t); o.status != 3 || !strings.Contains(o.stderr, "interrupted before the server was ready") {
				t.Errorf("status %d: %s%s", o.status, o.stdout, o.stderr)
			}
		})
	}
}
