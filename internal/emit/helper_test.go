package emit_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
)

// tool is the path of a program. Where it is missing, the test is skipped, or fails where all are required.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") == "1" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("%s is missing", name)
	}
	return path
}

// interpreter is Python itself: where python3 is a version manager's stand-in, it would look for the real one at each start.
var interpreter = sync.OnceValue(func() string {
	out, _ := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	return strings.TrimSpace(string(out))
})

func python(t *testing.T) string {
	t.Helper()
	return cmp.Or(interpreter(), tool(t, "python3"))
}

// A form writes a reproduction, and makes the command that runs the program, in a folder and with an environment.
type form struct {
	name    string
	write   func(w io.Writer, r emit.Reproduction) error
	program func(t *testing.T, source []byte) (command []string, dir string, env []string)
	status  map[outcome]int
}

type outcome string

const (
	right     outcome = "right"
	wrong     outcome = "wrong"
	unreached outcome = "not reached"
)

var forms = []form{
	{"go", emit.Go, goProgram, map[outcome]int{wrong: 1, unreached: 1}},
	{"python", emit.Python, func(t *testing.T, source []byte) ([]string, string, []string) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "repro.py"), source)
		return []string{python(t), "repro.py"}, dir, nil
	}, map[outcome]int{wrong: 1, unreached: 2}},
}

// goEnv keeps the go command to what is on this machine.
var goEnv = []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off"}

// goModule makes the folder a module that depends on nothing.
func goModule(dir string, files map[string][]byte) error {
	files["go.mod"] = []byte("module repro\n\ngo 1.18\n")
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a command that must succeed.
func run(t *testing.T, dir string, env []string, command ...string) {
	t.Helper()
	if status, out := play(realtime.Bounded(t), dir, env, command...); status != 0 {
		t.Fatalf("%q exits %d:\n%s", command, status, out)
	}
}

// play runs a command, and returns its exit status, or -1, and what it printed.
func play(ctx context.Context, dir string, env []string, command ...string) (int, string) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return -1, fmt.Sprintf("%s%v", out, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// emitted is what the form writes, or the end of the test.
func emitted(t *testing.T, f form, r emit.Reproduction) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.write(&b, r); err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	return b.Bytes()
}

// serve starts the reference server of a dialect, with a fault or without, and returns its address.
func serve(t *testing.T, dialect, fault string) string {
	t.Helper()
	cfg := reference.Config{Addr: "127.0.0.1:0"}
	var server faulty.Server
	if fault != "" {
		var err error
		if server, err = faulty.NewServer(fault, dialect, cfg); err != nil {
			t.Fatal(err)
		}
	} else {
		cfg.Handler, _ = reference.HandlerFor(dialect)
		server = reference.NewTCPServer(cfg)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.ServeForever()
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		server.Shutdown(ctx)
		<-served
	})
	return server.Addr().String()
}

// started starts a right server of the dialect that stays until all tests have ended, and returns its address.
func started(dialect string) string {
	handler, _ := reference.HandlerFor(dialect)
	server := reference.NewTCPServer(reference.Config{Addr: "127.0.0.1:0", Handler: handler})
	if err := server.Listen(); err != nil {
		panic(err)
	}
	go server.ServeForever()
	return server.Addr().String()
}

// listen serves every connection with a function, and closes it afterwards.
func listen(t *testing.T, answer func(c *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				answer(c.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String()
}

// taken waits until the client has read n bytes, or has left, where the system shows that; else for as long as that usually takes.
func taken(t *testing.T, c *net.TCPConn, n int) {
	end := func(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }
	client := kernel.LookUpEndpoint(end(c.RemoteAddr()), end(c.LocalAddr()))
	for ctx := realtime.Bounded(t); ctx.Err() == nil; time.Sleep(time.Millisecond) {
		e, err := client.Look()
		switch {
		case err == nil && e.Received >= uint64(n) && e.Queue == 0, errors.Is(err, kernel.ErrNoEndpoint):
			return
		case err != nil:
			time.Sleep(100 * time.Millisecond)
			return
		}
	}
}

// nobody is an address at which nobody listens, and that the system gives to nobody.
const nobody = "127.0.0.1:559"

// lines is a plan of one client that sends request to a line server, and what must come.
func lines(request, answer string, d delivery.Segments) emit.Reproduction {
	return emit.Reproduction{
		Plan: plan.Plan{Dialect: "line", Requirement: "FRAM-2", Clients: []plan.Client{{
			Requests: []plan.Request{plan.Of(request)}, Cuts: d.Cuts, End: d.End,
		}}},
		Address: "127.0.0.1:7",
		Title:   "A line that arrives in two segments is answered as two.",
		Clients: []emit.Expected{{Request: []byte(request), Answers: [][]byte{[]byte(answer)}, ToEnd: true}},
	}
}
