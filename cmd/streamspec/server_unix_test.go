//go:build unix

package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/suite/report"
)

// serving starts serve on a free port, and returns its address.
func serving(t *testing.T, args ...string) (*child, string) {
	t.Helper()
	c := startedWith(t, []string{"GORACE=atexit_sleep_ms=0"}, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	_, addr, ok := strings.Cut(c.stderr.await(t, "streamspec: serving"), " on ")
	if !ok {
		t.Fatalf("serve does not say where: %q", c.stderr.String())
	}
	return c, addr
}

func TestServe(t *testing.T) {
	for _, d := range []struct{ dialect, request, answer string }{
		{"line", "  café\r\n", "café\n"},
		{"http1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	} {
		t.Run(d.dialect, func(t *testing.T) {
			c, addr := serving(t, "--dialect", d.dialect)
			ctx := realtime.Bounded(t)
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			by, _ := ctx.Deadline()
			_ = conn.SetDeadline(by)
			if _, err := fmt.Fprint(conn, d.request); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(conn)
			if text, err := in.ReadString('\n'); err != nil || text != d.answer {
				t.Errorf("the answer is %q, %v", text, err)
			}
			if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if o := c.wait(t); o.status != 0 || o.stdout != "" {
				t.Errorf("asked to stop with a client that idles: status %d, stdout %q, stderr %q", o.status, o.stdout, o.stderr)
			}
			if _, err := io.Copy(io.Discard, in); err != nil {
				t.Errorf("the client that idled sees %v", err)
			}
			if _, err := new(net.Dialer).DialContext(ctx, "tcp", addr); err == nil {
				t.Error("the address still accepts")
			}
		})
	}
}

func TestServeWhereItCannot(t *testing.T) {
	addr, came := watched(t)
	refused(t, call(t, "serve", "--addr", addr), 3, addr+" is taken: stop the server that listens there")
	refused(t, call(t, "serve", "--addr", "192.0.2.1:7777"), 3, "192.0.2.1:7777 is no address of this machine")
	if came.Load() > 0 {
		t.Error("it connected to who has the address")
	}
}

func TestProbe(t *testing.T) {
	_, addr := serving(t, "--dialect", "line")
	o := call(t, "probe", addr, `caf\xc3\xa9\r\nx\n`, "--cuts", "4,6")
	for _, text := range []string{"answer (8 bytes, closed by FIN, the client half-closed at ", " ms)\n  café\n  x\n", "cuts: 2", `caf\xc3`, `\xa9\r`, "fin"} {
		if !strings.Contains(o.stdout, text) {
			t.Errorf("no %q in %s", text, o.stdout)
		}
	}
	if o.status != 0 || o.stderr != "" {
		t.Errorf("status %d, %q", o.status, o.stderr)
	}
	if o := call(t, "probe", addr, "hello\\n", "--open", "--timeout", "200ms"); o.status != 0 || !strings.Contains(o.stdout, "still open") {
		t.Errorf("with its side open: status %d, %s", o.status, o.stdout)
	}
	if heard, closed := strings.Index(o.stdout, " receive "), strings.Index(o.stdout, " fin "); heard < 0 || closed < heard {
		t.Errorf("the client half-closed before it had the answer: %s", o.stdout)
	}
	// A server that floods is cut off, and what it writes does no harm to the terminal.
	_, flood := serving(t, "--dialect", "echo", "--fault", "flood")
	if o := call(t, "probe", flood, "x", "--timeout", "1s"); !strings.Contains(o.stdout, "bytes more") || len(o.stdout) > 1<<20 {
		t.Errorf("of a flood: %d bytes of output", len(o.stdout))
	}
}

// TestRunAddress judges a server that runs already, by its address and process id: its process is looked at, and it is not stopped. How far
// a machine that is busy comes with that is no matter here.
func TestRunAddress(t *testing.T) {
	c, addr := serving(t, "--dialect", "echo")
	o := call(t, "run", addr, "--dialect", "echo", "--pid", fmt.Sprint(c.cmd.Process.Pid), "--only", "LIFE,FRAM-1..3", "--json", "-")
	rep, err := report.ReadJSON(strings.NewReader(o.stdout))
	if err != nil {
		t.Fatal(err)
	}
	if o.status == 1 || rep.Target.PID != c.cmd.Process.Pid || rep.Target.Kind != "address" || rep.Target.Name != addr {
		t.Errorf("status %d, %+v, %s", o.status, rep.Target, o.stderr)
	}
	for _, r := range rep.Results {
		if looks := r.ID == "LIFE-10" || r.ID == "LIFE-11"; looks && r.Verdict == report.Skip || r.ID == "LIFE-6" && r.Verdict != report.Skip {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
}

// TestRunExec has the suite start and stop the server: this program's own.
func TestRunExec(t *testing.T) {
	command := "'" + program + "' serve --addr {host}:{port} --dialect line"
	o := call(t, "run", "--exec", command, "--dialect", "line", "--only", "LIFE,FRAM-1..3")
	if o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "conformant: ") || strings.Contains(lastLine(o.stdout), "not applicable") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	nobody(t, command)
	// A server that does not come up is trouble, and its last words are told.
	o = call(t, "run", "--exec", "sh -c 'echo no luck with {port} >&2; exit 7'")
	if o.status != 3 || o.stdout != "" || !strings.Contains(o.stderr, "no luck with") || !strings.Contains(o.stderr, "7") {
		t.Errorf("a server that ends at once: status %d, %q", o.status, o.stderr)
	}
	o = call(t, "run", "--exec", "sleep {port}", "--start-timeout", "200ms")
	if o.status != 3 || o.stdout != "" || !strings.Contains(o.stderr, "within 200ms") || !strings.Contains(o.stderr, "longer with --start-timeout") {
		t.Errorf("a server that never listens: status %d, %q", o.status, o.stderr)
	}
}

// nobody looks for processes that were started by the command and run on.
func nobody(t *testing.T, command string) {
	t.Helper()
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(entries) == 0 {
		return // this system does not tell
	}
	for _, file := range entries {
		line, err := os.ReadFile(file)
		if words := strings.Split(string(line), "\x00"); err == nil && len(words) > 1 && words[0] == program && words[1] == "serve" {
			t.Errorf("%s: %q still runs", file, words)
		}
	}
}

// TestInterrupt: the first SIGINT ends a run, at the gate or in a case, which says what it knows, in its files too. What it waits for never
// comes, so that it does not end by itself.
func TestInterrupt(t *testing.T) {
	for name, run := range map[string]func(*testing.T, ...string) *child{
		"at the gate": func(t *testing.T, args ...string) *child {
			addr, held := holding(t, 0)
			return until(t, started(t, append(args, addr)...), held)
		},
		"in a case": func(t *testing.T, args ...string) *child {
			addr, held := holding(t, 100)
			return until(t, started(t, append(args, addr)...), held)
		},
		"exec": func(t *testing.T, args ...string) *child {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip(err)
			}
			begun, err := os.OpenFile(pipe, os.O_RDWR, 0) // which waits for nobody
			if err != nil {
				t.Skip(err)
			}
			defer begun.Close()
			serve := fmt.Sprintf("sh -c 'echo begun >%s; exec \"$0\" serve --addr {host}:{port} --dialect echo --fault accept-hang' %s", pipe, program)
			c := started(t, append(args, "--exec", serve)...)
			if by, ok := realtime.Bounded(t).Deadline(); ok {
				_ = begun.SetReadDeadline(by) // else it is waited for as long as it takes
			}
			if _, err := begun.Read(make([]byte, 1)); err != nil {
				t.Fatalf("the server was not started: %v: %s", err, c.stderr.String())
			}
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "r.json")
			c := run(t, "run", "--dialect", "echo", "--timeout", long, "--json", file)
			if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			o := c.wait(t)
			if o.status != 3 {
				t.Errorf("status %d, stderr %q", o.status, o.stderr)
			}
			if name == "exec" && strings.Contains(o.stderr, "interrupted before the server was ready") {
				return // it had not come to listen: there is nothing to report of
			}
			if !strings.HasPrefix(lastLine(o.stdout), "no verdict: ") {
				t.Errorf("the last line is %q", lastLine(o.stdout))
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var rep report.Report
			if err := json.Unmarshal(data, &rep); err != nil {
				t.Fatalf("%v: %q", err, data)
			}
			if !rep.Interrupted || len(rep.Results) < 30 || validate(t, data) != nil {
				t.Errorf("interrupted %t, %d results, %v", rep.Interrupted, len(rep.Results), validate(t, data))
			}
			if strings.Contains(o.stderr, "panic") || strings.Contains(o.stderr, "goroutine ") {
				t.Errorf("stderr: %s", o.stderr)
			}
		})
	}
	nobody(t, "")
}

// TestMemory: the runner stays small, whatever a server sends.
func TestMemory(t *testing.T) {
	const limit = 256 << 20
	for name, args := range map[string][]string{
		"reference": {"run", "reference", "--dialect", "echo"},
		"flood":     {"run", "reference", "--fault", "flood"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "reference" && testing.Short() {
				t.Skip("it takes a whole run")
			}
			o := call(t, args...)
			if want := map[string]int{"reference": 0, "flood": 1}[name]; o.status != want {
				t.Errorf("status %d: %s%s", o.status, lastLine(o.stdout), o.stderr)
			}
			peak := peakMemory(t, o.state)
			t.Logf("%d MiB at most, in %s", peak>>20, o.took.Round(time.Millisecond))
			if peak > limit {
				t.Errorf("the runner took %d MiB", peak>>20)
			}
		})
	}
}

// peakMemory is what a process that has ended held in memory at most.
func peakMemory(t *testing.T, state *os.ProcessState) int64 {
	t.Helper()
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("this system does not tell")
	}
	peak := int64(usage.Maxrss)
	if isKiB {
		peak <<= 10
	}
	return peak
}
