package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/suite/report"
)

// program is the command, built once for all tests.
var program string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "streamspec-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "streamspec")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the command cannot be built: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// An outcome is what a call of the program came to.
type outcome struct {
	status         int
	stdout, stderr string
	took           time.Duration
	state          *os.ProcessState
}

// call runs the program to its end.
func call(t *testing.T, args ...string) outcome {
	t.Helper()
	return started(t, args...).wait(t)
}

// A child is a program that runs.
type child struct {
	cmd            *exec.Cmd
	stdout, stderr *buffer
	began          time.Time
	cancel         context.CancelFunc
	done           bool
}

// started starts the program, in a folder of its own, and ends it with the test.
func started(t *testing.T, args ...string) *child {
	t.Helper()
	return startedWith(t, nil, args...)
}

func startedWith(t *testing.T, env []string, args ...string) *child {
	t.Helper()
	return startedFrom(t, nil, env, args...)
}

// startedFrom is started, with something to read and more in its environment.
func startedFrom(t *testing.T, in io.Reader, env []string, args ...string) *child {
	t.Helper()
	ctx, cancel := context.WithCancel(realtime.Bounded(t))
	c := &child{cmd: exec.CommandContext(ctx, program, args...), stdout: newBuffer(), stderr: newBuffer(), began: time.Now(), cancel: cancel}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = in, c.stdout, c.stderr
	c.cmd.Dir = t.TempDir()
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.WaitDelay = 5 * time.Second
	if err := c.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if !c.done {
			_ = c.cmd.Wait() // it was killed
		}
	})
	return c
}

func (c *child) wait(t *testing.T) outcome {
	t.Helper()
	err := c.cmd.Wait()
	c.done = true
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v\n%s", c.cmd.Args[1:], err, c.stderr.String())
	}
	o := outcome{c.cmd.ProcessState.ExitCode(), c.stdout.String(), c.stderr.String(), time.Since(c.began), c.cmd.ProcessState}
	if o.status < 0 {
		t.Fatalf("%q ended with %s after %s\n%s", c.cmd.Args[1:], c.cmd.ProcessState, o.took, o.stderr)
	}
	return o
}

// lastLine is the last line of a text.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return lines[len(lines)-1]
}

// refused holds what is true of every call that is wrong: the status, one line
// on stderr, nothing on stdout.
func refused(t *testing.T, o outcome, status int, says string) {
	t.Helper()
	if o.status != status || o.stdout != "" {
		t.Errorf("status %d, want %d; stdout %q", o.status, status, o.stdout)
	}
	if strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "streamspec: ") || strings.Contains(o.stderr, "goroutine") {
		t.Errorf("stderr is not one line: %q", o.stderr)
	}
	if !strings.Contains(o.stderr, says) {
		t.Errorf("stderr says %q, want %q", o.stderr, says)
	}
}

// watched is an address of a listener that counts who comes.
func watched(t *testing.T) (addr string, came *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came = new(atomic.Int64)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-ended })
	return l.Addr().String(), came
}

// holding is an address at which echo is served to so many connections, and none is answered after them. held is closed when the first of
// those has come.
func holding(t *testing.T, served int) (addr string, held <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	var all sync.WaitGroup
	var open []net.Conn
	all.Go(func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				for _, c := range open {
					_ = c.Close()
				}
				return
			}
			open = append(open, c)
			if n == served {
				close(begun)
			}
			if n >= served {
				continue
			}
			all.Go(func() {
				_, _ = io.Copy(c, c) // the client sees how far it comes
				_ = c.(*net.TCPConn).CloseWrite()
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String(), begun
}

// long is how long a run waits for an answer at first, and three times as long then, that does not end by itself before it is ended.
const long = "1m"

// until returns c when something has come to be, and fails the test where c ends before.
func until(t *testing.T, c *child, held <-chan struct{}) *child {
	t.Helper()
	select {
	case <-held:
	case <-realtime.Bounded(t).Done():
		t.Fatalf("it never came so far: %s%s", c.stdout.String(), c.stderr.String())
	}
	return c
}

// TestUsage: a call that is wrong is refused in one line that names the nearest
// right word, and nobody is connected to.
func TestUsage(t *testing.T) {
	addr, came := watched(t)
	dir := t.TempDir()
	locked := filepath.Join(dir, "no", "such", "folder", "report.json")
	for _, c := range []struct {
		says string
		args []string
	}{
		{`unknown dialect "ehco": did you mean echo?`, []string{"run", addr, "--dialect", "ehco"}},
		{`unknown requirement "FARM-2": did you mean FRAM-2?`, []string{"run", addr, "--only", "FARM-2"}},
		{`unknown requirement "LIN": did you mean LINE?`, []string{"run", addr, "--skip", "LIN"}},
		{`unknown flag "--dialekt": did you mean --dialect?`, []string{"run", addr, "--dialekt", "echo"}},
		{`unknown flag "-x": it is one of`, []string{"run", addr, "-x"}},
		{`unknown fault "earlysend": did you mean early-send?`, []string{"run", "reference", "--fault", "earlysend"}},
		{"the fault early-send shows in the dialects", []string{"run", "reference", "--fault", "early-send", "--dialect", "echo"}},
		{"--fault plants a fault in the reference server", []string{"run", addr, "--fault", "early-send"}},
		{`unknown command "rnu": did you mean run?`, []string{"rnu", addr}},
		{"the selection is empty", []string{"run", addr, "--only", "FRAM-2", "--skip", "FRAM"}},
		{"the selection is empty", []string{"run", addr, "--dialect", "echo", "--only", "SEND"}},
		{`--timeout is "1ms": it must be from 50ms to 1m`, []string{"run", addr, "--timeout", "1ms"}},
		{`--timeout is "-2s": it must be from 50ms to 1m`, []string{"run", addr, "--timeout", "-2s"}},
		{`--timeout is "0": it must be from 50ms to 1m`, []string{"run", addr, "--timeout", "0"}},
		{"write a number and its unit", []string{"run", addr, "--timeout", "soon"}},
		{`--start-timeout is "0": it must be from 100ms to 1h`, []string{"run", "--exec", "x {port}", "--start-timeout", "0"}},
		{`the name of an exchange file ends in .yaml or .yml`, []string{"run", addr, "--dialect", "./mine.txt"}},
		{`the name of an exchange file ends in .yaml or .yml`, []string{"check", "/etc/passwd"}},
		{`unknown fault "zzzz": it is one of`, []string{"selftest", "zzzz"}},
		{`--seed is "-1": write a whole number, 0 or above`, []string{"run", addr, "--seed", "-1"}},
		{`--seed is "99999999999999999999": the number is too large`, []string{"run", addr, "--seed", "99999999999999999999"}},
		{`--pid is "x\x1b": write a whole number`, []string{"run", addr, "--pid", "x\x1b"}},
		{`--clients is "1.5": write a whole number`, []string{"run", addr, "--clients", "1.5"}},
		{`--plans is "many": write a whole number`, []string{"fuzz", addr, "--plans", "many"}},
		{`--for is "60": write a number and its unit`, []string{"fuzz", addr, "--for", "60"}},
		{`--for is "0s": it must be from 1ms to`, []string{"fuzz", addr, "--for", "0s"}},
		{`--strict is "yes": write true or false`, []string{"run", addr, "--strict=yes"}},
		{"missing closing ): `\\x1b(`", []string{"run", addr, "--dialect", "preset:redis", "--mask", "a=\x1b("}},
		{`no\u202esuch\x07.yaml`, []string{"check", "no\u202esuch\a.yaml"}},
		{"--dialect is empty: give it a value, or leave it out", []string{"run", addr, "--dialect", ""}},
		{"--json is empty", []string{"run", addr, "--json="}},
		{"--exec is empty", []string{"run", addr, "--exec", ""}},
		{"--save is empty", []string{"fuzz", addr, "--save", ""}},
		{"the report cannot be written", []string{"run", addr, "--json", locked}},
		{"the report cannot be written", []string{"run", addr, "--junit", locked}},
		{"the report cannot be written", []string{"run", addr, "--json", dir}},
		{"--json and --junit cannot both be written to stdout", []string{"run", addr, "--json", "-", "--junit", "-"}},
		{"--json and --junit cannot both be written to", []string{"run", addr, "--json", "a/../r", "--junit", "./r"}},
		{"--only names nothing", []string{"run", addr, "--only", ""}},
		{"--only names nothing", []string{"run", addr, "--only", " "}},
		{"run wants a target", []string{"run"}},
		{"run wants a target", []string{"run", "--dialect", "echo"}},
		{"either an address or --exec, not both", []string{"run", addr, "--exec", "x {port}"}},
		{"run wants one target", []string{"run", addr, addr}},
		{"{port}", []string{"run", "--exec", "nothing"}},
		{"no/such/program", []string{"run", "--exec", "/no/such/program {port}"}},
		{"process", []string{"run", addr, "--pid", "99999999"}},
		{"--pid", []string{"run", addr, "--pid", "0"}},
		{"--pid", []string{"run", addr, "--pid", "-7"}},
		{"--pid is for a server that runs already", []string{"run", "reference", "--pid", "1"}},
		{"port", []string{"run", "127.0.0.1:99999"}},
		{"port", []string{"run", "127.0.0.1:"}},
		{`unknown requirement "FARM-2": did you mean FRAM-2?`, []string{"explain", "FARM-2"}},
		{`unknown requirement "FRAM2": did you mean FRAM-2?`, []string{"explain", "FRAM2"}},
		{"streamspec explain wants", []string{"explain"}},
		{`unknown dialect "lin": did you mean line?`, []string{"list", "--dialect", "lin"}},
		{"streamspec list wants no argument", []string{"list", "FRAM"}},
		{`unknown dialect "scrpt": did you mean script?`, []string{"serve", "--dialect", "scrpt"}},
		{`unknown fault "floood": did you mean flood?`, []string{"serve", "--fault", "floood"}},
		{"streamspec version wants no argument", []string{"version", "now"}},
		{"streamspec probe wants an address and a text", []string{"probe", addr}},
		{`unknown escape \q at offset 1`, []string{"probe", addr, `a\q`}},
		{`ends with a lone \`, []string{"probe", addr, `a\`}},
		{"without two hexadecimal digits", []string{"probe", addr, `\xzz`}},
		{"--cuts wants offsets", []string{"probe", addr, "abc", "--cuts", "1,b"}},
		{"--cuts", []string{"probe", addr, "abc", "--cuts", "3"}},
		{`--timeout is "0s": it must be from 1ms to 1h`, []string{"probe", addr, "abc", "--timeout", "0s"}},
	} {
		t.Run(strings.Join(append(c.args[:1:1], c.says), " "), func(t *testing.T) {
			o := call(t, c.args...)
			refused(t, o, 2, c.says)
		})
	}
	if n := came.Load(); n > 0 {
		t.Errorf("%d connections were made before the call was refused", n)
	}
}

// unused is an address that nothing listens on, and that the system gives to nobody.
const (
	unused     = "127.0.0.1:" + unusedPort
	unusedPort = "559"
)

func TestNothingListens(t *testing.T) {
	for _, args := range [][]string{{"run", unused}, {"run", unusedPort}, {"run", "localhost:" + unusedPort}, {"probe", unused, "x"}} {
		refused(t, call(t, args...), 3, unusedPort)
	}
}

// TestRunReference is the shortest way to a verdict.
func TestRunReference(t *testing.T) {
	o := call(t, "run", "reference", "--only", "FRAM-2")
	if o.status != 0 || lastLine(o.stdout) != "conformant: 1 of 1 MUST" || o.stderr != "" {
		t.Errorf("status %d, %q, stderr %q", o.status, lastLine(o.stdout), o.stderr)
	}
	if strings.Contains(o.stdout, "\x1b") || strings.Contains(o.stdout, "\r") {
		t.Errorf("colour or progress where there is no terminal: %q", o.stdout)
	}
}

// TestRunFault: what is broken is said with its evidence, and with a command that shows it again.
func TestRunFault(t *testing.T) {
	o := call(t, "run", "reference", "--fault", "early-send", "--only", "SEND-1", "--seed", "7")
	if o.status != 1 || !strings.HasPrefix(lastLine(o.stdout), "not conformant: 1 of 1 MUST broken (SEND-1)") {
		t.Fatalf("status %d, %q", o.status, o.stdout)
	}
	// Of the two cases that show it, the one that looks as soon as WRITE was read may see it only at a later WRITE, when the
	// machine is busy; the other's evidence is the shorter then.
	if !strings.Contains(o.stdout, "7 bytes came within 150 ms of WRITE, and SEND was never sent to the server") && !strings.Contains(o.stdout, "before SEND was sent to the server") {
		t.Errorf("the evidence does not say what came too early: %s", o.stdout)
	}
	for _, text := range []string{"  usually   - write_content", "What was written MUST NOT leave before send"} {
		if !strings.Contains(o.stdout, text) {
			t.Errorf("the evidence does not say %q: %s", text, o.stdout)
		}
	}
	_, again, found := strings.Cut(o.stdout, "streamspec run ")
	if !found {
		t.Fatalf("there is no command that shows it again: %s", o.stdout)
	}
	again, _, _ = strings.Cut(again, "\n")
	if o := call(t, append([]string{"run"}, strings.Fields(again)...)...); o.status != 1 {
		t.Errorf("the command that shows it again, %q: status %d\n%s%s", again, o.status, o.stdout, o.stderr)
	}
}

func TestStrict(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
	}{{nil, 0}, {[]string{"--strict"}, 1}} {
		args := append([]string{"run", "reference", "--fault", "no-linger", "--only", "CLOS"}, c.args...)
		if o := call(t, args...); o.status != c.status || !strings.Contains(o.stdout, "CLOS-2") {
			t.Errorf("%q: status %d, %s", args, o.status, o.stdout)
		}
	}
}

func validate(t *testing.T, data []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:report", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("urn:report")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schema.Validate(instance)
}
