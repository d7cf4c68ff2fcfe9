package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// besides starts the server as a child in a session of its own, and one that sleeps; its shell waits.
const besides = "sh -c 'setsid sleep 991 & setsid \"$0\" serve --addr 127.0.0.1:{port} --dialect echo & wait' "

// TestNothingIsLeft: whatever ends a run, nothing of the server is left: no child in a session of its own either.
func TestNothingIsLeft(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("there is no setsid here")
	}
	for name, end := range map[string]func(c *child){
		"SIGHUP":  func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGHUP) },
		"SIGTERM": func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGQUIT": func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGQUIT) },
		"a second SIGINT": func(c *child) {
			_ = c.cmd.Process.Signal(os.Interrupt)
			time.Sleep(1100 * time.Millisecond) // within a second it is the same
			_ = c.cmd.Process.Signal(os.Interrupt)
		},
		"its end": func(*child) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mark := fmt.Sprintf("LEFT_TEST=%s-%d", strings.ReplaceAll(name, " ", "-"), os.Getpid())
			c := startedWith(t, []string{mark}, "run", "--dialect", "echo", "--only", "LIFE-6..8,FRAM-1..3", "--exec", besides+program)
			for len(marked(t, mark, c.cmd.Process.Pid)) == 0 && t.Context().Err() == nil {
				time.Sleep(5 * time.Millisecond)
			}
			end(c)
			o := c.wait(t)
			if name != "its end" && o.status != 3 || strings.Contains(o.stderr, "goroutine ") {
				t.Errorf("status %d, %s", o.status, o.stderr)
			}
			if left := marked(t, mark, 0); len(left) > 0 {
				t.Errorf("what is left: %q", left)
			}
		})
	}
}

// marked are the commands of the processes that have the variable in their environment, but for one.
func marked(t *testing.T, variable string, but int) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains("\x00"+string(text), "\x00"+variable+"\x00") || strings.HasPrefix(file, "/proc/"+strconv.Itoa(but)+"/") {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline")) // it may have ended meanwhile
		if len(command) > 0 {
			all = append(all, string(command))
		}
	}
	return all
}

// TestTheSameSignalTwice: timeout(1) sends its signal to the group and to the program: the run says what it knows all the same.
func TestTheSameSignalTwice(t *testing.T) {
	c := started(t, "run", "reference")
	time.Sleep(500 * time.Millisecond)                               // wherever it is then, it is not done
	for _, one := range []os.Signal{syscall.SIGTERM, os.Interrupt} { // two of one kind may come as one
		_ = c.cmd.Process.Signal(one)
	}
	if o := c.wait(t); o.status != 3 || !strings.HasPrefix(lastLine(o.stdout), "no verdict: interrupted") {
		t.Errorf("status %d, %q, %s", o.status, lastLine(o.stdout), o.stderr)
	}
}

// TestPipeThatNobodyReads: it is refused at once as the place of a report.
func TestPipeThatNobodyReads(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	addr, came := watched(t)
	refused(t, call(t, "run", addr, "--json", pipe), 2, pipe+" is a pipe that nobody reads: start its reader first")
	if came.Load() > 0 {
		t.Error("it connected all the same")
	}
	reader := exec.Command("cat", pipe)
	out := newBuffer()
	reader.Stdout = out
	if err := reader.Start(); err != nil {
		t.Fatal(err)
	}
	var o outcome
	for tries := 0; tries == 0 || strings.Contains(o.stderr, "nobody reads"); tries++ { // the reader has not come so far yet
		if o = call(t, "run", "reference", "--only", "FRAM-1", "--json", pipe); t.Context().Err() != nil {
			break
		}
	}
	if err := reader.Wait(); err != nil || o.status != 0 || !strings.Contains(out.String(), `"conclusion": "conformant"`) {
		t.Errorf("status %d, %v, %s: %s", o.status, err, o.stderr, out.String())
	}
}

// TestServerThatLeavesItselfBehind: what was started has ended: that is said, before anything is judged, and nothing is left.
func TestServerThatLeavesItselfBehind(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("there is no setsid here")
	}
	o := call(t, "run", "--dialect", "echo", "--exec", "sh -c 'setsid \"$0\" serve --addr 127.0.0.1:{port} --dialect echo &' "+program)
	if o.status != 3 || o.stdout != "" || !strings.Contains(o.stderr, "in the foreground") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	nobody(t, "")
}

// TestProcessOfAnother: the process id of one that does not listen is refused before anything is sent.
func TestProcessOfAnother(t *testing.T) {
	_, addr := serving(t, "--dialect", "echo")
	other, _ := serving(t, "--dialect", "echo")
	o := call(t, "run", addr, "--dialect", "echo", "--pid", fmt.Sprint(other.cmd.Process.Pid))
	refused(t, o, 2, "does not hold the socket that listens on "+addr)
}
