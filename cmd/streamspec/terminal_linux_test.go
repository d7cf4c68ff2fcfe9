package main_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/internal/realtime"
)

// isKiB says that getrusage counts memory in KiB.
const isKiB = true

// terminal opens a pseudo terminal: what is written to tty can be read from the other side.
func terminal(t *testing.T) (side, tty *os.File) {
	t.Helper()
	side, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { _ = side.Close() })
	fd := int(side.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 25, Col: 60}); err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return side, tty
}

// onTerminal runs the program on a terminal, and returns what it showed.
func onTerminal(t *testing.T, env string, args ...string) string {
	t.Helper()
	side, tty := terminal(t)
	ctx := realtime.Bounded(t)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = tty, tty, t.TempDir()
	cmd.Env = append(os.Environ(), "NO_COLOR=", "TERM=xterm", env)
	shown := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(side) // it ends with an error, EIO, when the program has
		shown <- string(b)
	}()
	if err := cmd.Run(); err != nil && ctx.Err() != nil {
		t.Fatal(err)
	}
	_ = tty.Close()
	return <-shown
}

// TestTerminal: colour and progress are for a terminal; NO_COLOR and a dumb one have no colour.
func TestTerminal(t *testing.T) {
	args := []string{"run", "reference", "--only", "FRAM-1..3"}
	coloured := onTerminal(t, "X=", args...)
	if !strings.Contains(coloured, "\x1b[3") || !strings.Contains(coloured, "conformant") {
		t.Errorf("on a terminal there is no colour: %q", coloured)
	}
	if !strings.Contains(coloured, "\r\x1b[2K") || !strings.Contains(coloured, "FRAM-3") {
		t.Errorf("on a terminal there is no progress: %q", coloured)
	}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		if plain := onTerminal(t, env, args...); strings.Contains(plain, "\x1b[3") || !strings.Contains(plain, "conformant") {
			t.Errorf("with %s there is colour: %q", env, plain)
		}
	}
}
