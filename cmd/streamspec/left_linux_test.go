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

	"github.com/streamspec/streamspec/internal/realtime"
)

// besides starts the server as a child in a session of its own, and one that sleeps; its shell waits.
const besides = "sh -c 'setsid sleep 991 & setsid \"$0\" serve --addr 127.0.0.1:{port} --dialect echo %s & wait' "

// TestNothingIsLeft: whatever ends a run, nothing of the server is left: no child in a session of its own either.
func TestNothingIsLeft(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("there is no setsid here")
	}
	for name, end := range map[string]func(c *child){
		"SIGHUP":  func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGHUP) },
		"SIGTERM": func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGQUIT": func(c *child) { _ = c.cmd.Process.Signal(syscall.SIGQUIT) },
		"one SIGINT after another": func(c *child) {
			go func() {
				for c.cmd.Process.Signal(os.Interrupt) == nil { // until its end is known
					time.Sleep(5 * time.Millisecond) // whether it ends of the first, or of one that comes a second later
				}
			}()
		},
		"its end": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mark := fmt.Sprintf("LEFT_TEST=%s-%d", strings.ReplaceAll(name, " ", "-"), os.Getpid())
			args := []string{"run", "--dialect", "echo", "--only", "LIFE-2,LIFE-6..8,FRAM-1..3"}
			if end == nil {
				args = append(args, "--exec", fmt.Sprintf(besides, "")+program)
			} else { // it answers nobody from the 41st connection on, and the run does not end by itself
				args = append(args, "--timeout", long, "--exec", fmt.Sprintf(besides, "--fault counted-accept")+program)
			}
			c := startedWith(t, []string{mark}, args...)
			if end != nil {
				for ctx := realtime.Bounded(t); len(marked(t, mark, c.cmd.Process.Pid)) == 0 && ctx.Err() == nil; {
					time.Sleep(5 * time.Millisecond)
				}
				end(c)
			}
			o := c.wait(t)
			if end != nil && o.status != 3 || strings.Contains(o.stderr, "goroutine ") {
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

// TestTheSameSignalTwice: timeout(1) sends its signal to the group and to the program: the run says what it knows all the same. Both come
// at the same moment, to a program that is stopped meanwhile; TestHeed holds how late the second may be.
func TestTheSameSignalTwice(t *testing.T) {
	addr, held := holding(t, 100)
	c := until(t, started(t, "run", addr, "--dialect", "echo", "--timeout", long), held)
	for _, one := range []os.Signal{syscall.SIGSTOP, syscall.SIGTERM, os.Interrupt, syscall.SIGCONT} { // two of one kind may come as one
		if err := c.cmd.Process.Signal(one); err != nil {
			t.Fatal(err)
		}
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

// TestServerThatLeavesItselfBehind: what was started has ended, before it listened or while it was judged: that is said, there is no
// verdict, and nothing is left.
func TestServerThatLeavesItselfBehind(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("there is no setsid here")
	}
	const behind = "sh -c 'setsid \"$0\" serve --addr 127.0.0.1:{port} --dialect echo & %s' "
	for _, c := range [][]string{{"run", "exit"}, {"run", "sleep 0.3"}, {"fuzz", "sleep 0.3", "--for", "1s"}} {
		o := call(t, append([]string{c[0], "--dialect", "echo", "--exec", fmt.Sprintf(behind, c[1]) + program}, c[2:]...)...)
		all := strings.Join(strings.Fields(o.stdout+o.stderr), " ")
		if o.status != 3 || !strings.Contains(all, "must be started in the foreground") || strings.Contains(all, "conformant") || c[1] == "exit" && o.stdout != "" {
			t.Errorf("%q: status %d, %s%s", c, o.status, o.stdout, o.stderr)
		}
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
