package coverage_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/build"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/fuzz/coverage"
	"github.com/streamspec/streamspec/fuzz/coverage/endpoint"
	"github.com/streamspec/streamspec/internal/realtime"
)

// last is when a test gives up whatever it waits for; zero where it does not.
func last(t testing.TB) time.Time {
	by, _ := realtime.Bounded(t).Deadline()
	return by
}

const rare = "github.com/streamspec/streamspec/fuzz/rare"

// bins is where TestMain keeps what was built.
var bins string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "coverage")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bins = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// built builds a server, once.
func built(t testing.TB, name string, flags ...string) string {
	t.Helper()
	goTool := filepath.Join(build.Default.GOROOT, "bin", "go")
	if _, err := os.Stat(goTool); err != nil {
		if goTool, err = exec.LookPath("go"); err != nil {
			t.Skip("the go command is missing")
		}
	}
	bin := filepath.Join(bins, name+strings.NewReplacer("/", "_", ",", "_").Replace(strings.Join(flags, "")))
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	args := append([]string{"build", "-o", bin}, append(flags, rare+"/"+name)...)
	if out, err := exec.CommandContext(t.Context(), goTool, args...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return bin
}

// covered builds a server whose own code is counted.
func covered(t testing.TB, name string) string {
	return built(t, name, "-cover", "-covermode=atomic", "-coverpkg="+rare+","+rare+"/"+name)
}

// A server runs until its test ends.
type server struct {
	addr, socket, dir string
	cmd               *exec.Cmd
	stderr            bytes.Buffer
	ended             chan struct{} // closed when cmd has ended
}

// started starts a server with an endpoint at the socket, or at one of its own where that is "".
func started(t testing.TB, bin, socket string) *server {
	t.Helper()
	s := &server{addr: freeAddr(t), dir: t.TempDir(), socket: socket, ended: make(chan struct{})}
	if socket == "" {
		dir, err := os.MkdirTemp("", "sock") // a test's own folder may be too long a name for a socket
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		s.socket = filepath.Join(dir, "s")
	}
	s.cmd = exec.Command(bin, s.addr)
	s.cmd.Env = append(os.Environ(), coverage.Variable+"="+s.socket, "GOCOVERDIR="+s.dir)
	s.cmd.Stderr = &s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.cmd.Wait(); close(s.ended) }()
	t.Cleanup(func() { s.kill(t) })
	for ctx := realtime.Bounded(t); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.addr)
		if err == nil {
			exchange(t, conn, "") // to the end of the stream, so that no edge of it comes later
			return s
		}
		select {
		case <-s.ended:
			t.Fatalf("%s ended before it listened: %s: %s", bin, s.cmd.ProcessState, s.stderr.String())
		default:
		}
		if ctx.Err() != nil {
			t.Fatalf("%s does not listen: %v", bin, err)
		}
	}
}

// freeAddr is an address that is free, with a port that no client of anybody gets from the system, and no other test
// asks for.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 1000 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 5001+rand.IntN(4999)))
		if err == nil {
			_ = l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no free port from 5001 to 9999 was found")
	return ""
}

func (s *server) kill(t testing.TB) {
	_ = s.cmd.Process.Kill()
	s.wait(t)
}

// stop asks the server to end by SIGTERM.
func (s *server) stop(t testing.TB) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM")
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.wait(t)
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("the server ends with %d: %s", code, s.stderr.String())
	}
}

func (s *server) wait(t testing.TB) {
	t.Helper()
	select {
	case <-s.ended:
	case <-realtime.Bounded(t).Done():
		t.Errorf("the server does not end")
	}
}

// talk sends lines on a connection of their own, and returns what comes until its end.
func (s *server) talk(t testing.TB, lines ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	return exchange(t, conn, strings.Join(lines, ""))
}

func exchange(t testing.TB, conn net.Conn, text string) string {
	t.Helper()
	defer conn.Close()
	_ = conn.SetDeadline(last(t))
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	var answer strings.Builder
	if _, err := bufio.NewReader(conn).WriteTo(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.String()
}

func dialed(t testing.TB, s *server) *coverage.Endpoint {
	t.Helper()
	e, err := coverage.Dial(realtime.Bounded(t), s.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// reached returns what was reached since it was last asked.
func reached(t testing.TB, e *coverage.Endpoint) []coverage.Edge {
	t.Helper()
	edges, err := e.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return edges
}

func TestVariable(t *testing.T) {
	if coverage.Variable != endpoint.Variable {
		t.Errorf("%s and %s", coverage.Variable, endpoint.Variable)
	}
}

func TestEndpoint(t *testing.T) {
	for name, socket := range map[string]string{"unix": "", "port": freeAddr(t)} {
		t.Run(name, func(t *testing.T) { checkEndpoint(t, started(t, covered(t, "steps"), socket)) })
	}
}

func checkEndpoint(t *testing.T, s *server) {
	e := dialed(t, s)
	if reached(t, e) == nil {
		t.Error("the start of the server reached nothing")
	}
	var m coverage.Map
	fresh := func(lines ...string) int {
		t.Helper()
		if got, want := s.talk(t, lines...), strings.Join(lines, ""); got != want {
			t.Fatalf("%q is answered %q", want, got)
		}
		return m.Add(reached(t, e))
	}
	// A line that the server's first step is not for, and one that it is for; then further steps.
	for i, lines := range [][]string{{"four\n"}, {"abc\n"}, {"abc\n", "b\n"}, {"abc\n", "b\n", "é\n"}} {
		if fresh(lines...) == 0 {
			t.Errorf("session %d reaches nothing that is new", i)
		}
		if n := fresh(lines...); n != 0 {
			t.Errorf("session %d again: %d edges are new", i, n)
		}
	}
	if m.Places() >= m.Len() {
		t.Errorf("%d edges at %d places: no place was reached more often than once", m.Len(), m.Places())
	}
	if edges := reached(t, e); len(edges) != 0 {
		t.Errorf("nothing happened, and %d edges are reached", len(edges))
	}
	second := dialed(t, s)
	s.talk(t, "four\n")
	if len(reached(t, second)) == 0 || len(reached(t, e)) != 0 {
		t.Error("of two clients, not the one alone that asked first has the edges")
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Take(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end the context is %v", err)
	}
	s.kill(t)
	for range 2 {
		if _, err := e.Take(t.Context()); err == nil || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("a server that is gone: %v", err)
		}
	}
}

// TestEndpointAgain starts a server where another was killed.
func TestEndpointAgain(t *testing.T) {
	bin := covered(t, "steps")
	first := started(t, bin, "")
	first.kill(t)
	second := started(t, bin, first.socket)
	if reached(t, dialed(t, second)) == nil {
		t.Error("nothing was reached")
	}
	third := started(t, bin, first.socket)
	third.kill(t)
	if !strings.Contains(third.stderr.String(), "cannot listen on") {
		t.Errorf("of a socket that is in use it says %q", third.stderr.String())
	}
	if _, err := dialed(t, second).Take(t.Context()); err != nil {
		t.Errorf("the one that uses it: %v", err)
	}
}

func TestNoCoverage(t *testing.T) {
	for name, flags := range map[string][]string{
		"without -cover":      nil,
		"in another mode":     {"-cover", "-covermode=set", "-coverpkg=" + rare + "," + rare + "/steps"},
		"without its package": {"-cover", "-covermode=atomic", "-coverpkg=" + rare},
	} {
		t.Run(name, func(t *testing.T) {
			s := started(t, built(t, "steps", flags...), "")
			e := dialed(t, s)
			for range 2 {
				if edges, err := e.Take(t.Context()); err == nil || !strings.Contains(err.Error(), "go build -cover -covermode=atomic") {
					t.Errorf("%d edges, %v", len(edges), err)
				}
			}
			if got := s.talk(t, "abc\n"); got != "abc\n" {
				t.Errorf("it answers %q", got)
			}
			s.kill(t)
			if !strings.Contains(s.stderr.String(), "go build -cover -covermode=atomic") {
				t.Errorf("it says %q", s.stderr.String())
			}
		})
	}
}

func TestServeWithoutVariable(t *testing.T) {
	t.Setenv(endpoint.Variable, "")
	if err := endpoint.Serve(); err != nil {
		t.Error(err)
	}
	for _, where := range []string{"0.0.0.0:0", "example.org:80", ":7008", strings.Repeat("long/", 60)} {
		t.Setenv(endpoint.Variable, where)
		if err := endpoint.Serve(); err == nil || !strings.Contains(err.Error(), "cannot listen on "+where) {
			t.Errorf("%s: %v", where, err)
		}
	}
}

// BenchmarkTake asks after each session; its own metric is what that costs alone.
func BenchmarkTake(b *testing.B) {
	for _, build := range []struct {
		name string
		bin  string
	}{
		{"package", covered(b, "steps")},
		{"module", built(b, "steps", "-cover", "-covermode=atomic")},
		{"all", built(b, "steps", "-cover", "-covermode=atomic", "-coverpkg=all")},
	} {
		s := started(b, build.bin, "")
		e := dialed(b, s)
		reached(b, e)
		b.Run(build.name, func(b *testing.B) {
			var spent time.Duration
			edges := 0
			for b.Loop() {
				s.talk(b, "abc\n", "b\n")
				start := time.Now()
				edges = len(reached(b, e))
				spent += time.Since(start)
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "µs/take")
			b.ReportMetric(float64(edges), "edges")
		})
		s.kill(b)
	}
}
