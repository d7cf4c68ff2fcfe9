//go:build unix

package kernel

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// roleEnv makes the test binary a worker instead of running the tests.
const roleEnv = "STREAMSPEC_KERNEL_ROLE"

// TestMain runs the tests, or a worker for them.
func TestMain(m *testing.M) {
	if os.Getenv(roleEnv) != "" {
		work()
		return
	}
	code := m.Run()
	if left := Descendants(os.Getpid()); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "the tests left processes behind: %v\n", left)
		code = 1
	}
	os.Exit(code)
}

// worker is a process of ours that does what it is told, so that it shows in the process's figures.
type worker struct {
	pid int
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

// start starts a worker, and ends it with the test.
func start(t testing.TB) *worker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), roleEnv+"=worker", "GORACE=atexit_sleep_ms=0") // else a race-built worker takes a second to end
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &worker{pid: cmd.Process.Pid, in: in, out: bufio.NewReader(out), cmd: cmd}
	t.Cleanup(w.kill)
	w.ask(t, "hello")
	return w
}

// tell has the worker obey a line, and does not wait for it.
func (w *worker) tell(t testing.TB, line string) {
	t.Helper()
	if _, err := fmt.Fprintln(w.in, line); err != nil {
		t.Fatal(err)
	}
}

// ask has the worker obey a line, and returns its answer.
func (w *worker) ask(t testing.TB, line string) string {
	t.Helper()
	w.tell(t, line)
	answer, err := w.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%q: %v", answer, err)
	}
	return strings.TrimSpace(answer)
}

// kill ends the worker and waits for it; its children end with its pipe to them.
func (w *worker) kill() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}

// kept is what a worker allocated and opened.
var kept []any

// work obeys lines from stdin until its end.
func work() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		answer, err := obey(lines.Text())
		if err != nil {
			answer = err.Error()
		}
		fmt.Println(answer)
	}
}

// obey obeys one line.
func obey(line string) (string, error) {
	verb, arg, _ := strings.Cut(line, " ")
	n, _ := strconv.Atoi(arg)
	switch verb {
	case "open":
		for range n {
			f, err := os.Open(os.DevNull)
			if err != nil {
				return "", err
			}
			kept = append(kept, f)
		}
	case "allocate": // mapped, because the race detector keeps several bytes for each of Go's own
		b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			return "", err
		}
		for i := 0; i < n; i += 4096 {
			b[i] = 1
		}
		kept = append(kept, b)
	case "burn":
		for end := time.Now().Add(time.Duration(n) * time.Millisecond); time.Now().Before(end); {
		}
	case "child": // a worker as well, which has allocated so much, and ends with us
		cmd := exec.Command(os.Args[0])
		in, err := cmd.StdinPipe()
		if err != nil {
			return "", err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return "", err
		}
		if err := cmd.Start(); err != nil {
			return "", err
		}
		kept = append(kept, cmd, in, out)
		fmt.Fprintln(in, "allocate "+arg)
		if answer, err := bufio.NewReader(out).ReadString('\n'); err != nil || answer != "done\n" {
			return "", fmt.Errorf("the child said %q: %w", answer, err)
		}
		return strconv.Itoa(cmd.Process.Pid), nil
	case "burning-child": // which ends, and is waited for
		return "done", exec.Command("/bin/sh", "-c", "i=0; while [ $i -lt "+arg+" ]; do i=$((i+1)); done").Run()
	}
	return "done", nil
}

// eventually looks until a thing is so, for what the system can be asked and does not tell by itself; it fails the test after 20 s.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come that %s", what)
		}
	}
}
