//go:build unix

package kernel

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"
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

// talk is with a worker: lines to it, and its answers.
type talk struct {
	in  io.Writer
	out *bufio.Reader
}

// ask has the worker obey a line, and returns its answer.
func (t talk) ask(line string) (string, error) {
	if _, err := fmt.Fprintln(t.in, line); err != nil {
		return "", err
	}
	answer, err := t.out.ReadString('\n')
	return strings.TrimSpace(answer), err
}

// worker is a process of ours that does what it is told, so that it shows in the process's figures. It leads a group.
type worker struct {
	talk
	pid int
	cmd *exec.Cmd
}

// start starts a worker, and ends it with the test.
func start(t testing.TB) *worker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(realtime.Bounded(t), exe)
	cmd.Env = append(os.Environ(), roleEnv+"=worker", "GORACE=atexit_sleep_ms=0") // else a race-built worker takes a second to end
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
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
	w := &worker{talk{in, bufio.NewReader(out)}, cmd.Process.Pid, cmd}
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
	answer, err := w.talk.ask(line)
	if err != nil {
		t.Fatalf("%q: %v", answer, err)
	}
	return answer
}

// kill ends the worker and waits for it; its children end with its pipe to them.
func (w *worker) kill() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}

// kept is what a worker allocated and opened.
var kept []any

// work obeys lines from stdin, and ends with it, whatever it is doing then.
func work() {
	lines := make(chan string, 1)
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			lines <- in.Text()
		}
		os.Exit(0)
	}()
	for line := range lines {
		answer, err := obey(line)
		if err != nil {
			answer = err.Error()
		}
		fmt.Println(answer)
	}
}

// child is the last child of a worker.
var child talk

// adopt starts a worker as our child.
func adopt(cmd *exec.Cmd) error {
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	child = talk{in, bufio.NewReader(out)}
	kept = append(kept, cmd)
	return cmd.Start()
}

// pipe returns one end of a pipe, and adds the other, 0 to read and 1 to write, to files.
func pipe(files *[]*os.File, other int) (*os.File, error) {
	r, w, err := os.Pipe()
	ends := []*os.File{r, w}
	*files = append(*files, ends[other])
	return ends[1-other], err
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
	case "share", "allocate": // mapped, because the race detector keeps several bytes for each of Go's own
		how := syscall.MAP_PRIVATE
		if verb == "share" {
			how = syscall.MAP_SHARED
		}
		b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|how)
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
		if err := adopt(cmd); err != nil {
			return "", err
		}
		if answer, err := child.ask("allocate " + arg); err != nil || answer != "done" {
			return "", fmt.Errorf("the child said %q: %w", answer, err)
		}
		return strconv.Itoa(cmd.Process.Pid), nil
	case "orphan": // a worker of our group whose parent has ended; it ends with us, too
		cmd := exec.Command("/bin/sh", "-c", `"$0" <&3 >&4 3<&- 4>&- & echo $!`, os.Args[0])
		cmd.Stderr = os.Stderr // else a pipe that the orphan holds, too
		in, err := pipe(&cmd.ExtraFiles, 0)
		if err != nil {
			return "", err
		}
		out, err := pipe(&cmd.ExtraFiles, 1)
		if err != nil {
			return "", err
		}
		pid, err := cmd.Output()
		for _, f := range cmd.ExtraFiles {
			_ = f.Close()
		}
		child = talk{in, bufio.NewReader(out)}
		return strings.TrimSpace(string(pid)), err
	case "tell": // the last child
		return child.ask(arg)
	case "listen": // on a port of loopback, which is the answer
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		kept = append(kept, l)
		return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
	case "burning-child": // which ends, and is waited for
		return "done", exec.Command("/bin/sh", "-c", "i=0; while [ $i -lt "+arg+" ]; do i=$((i+1)); done").Run()
	}
	return "done", nil
}

// eventually looks until a thing is so, for what the system can be asked and does not tell by itself; it fails the test where that never comes.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for ctx := realtime.Bounded(t); !so(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatalf("it does not come that %s", what)
		}
	}
}
