//go:build unix

package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

func TestStartGivesAReadyServerOnALowPort(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "plain")
	if p.Port() < lowestPort || p.Port() > (lowestPort+blocks*blockSize-1) {
		t.Errorf("port %d is not between %d and %d", p.Port(), lowestPort, (lowestPort + blocks*blockSize - 1))
	}
	if p.Address() != net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port())) {
		t.Errorf("address %s", p.Address())
	}
	if got := ask(t, p.Address(), "hello"); got != "done" {
		t.Errorf("answer %q", got)
	}
	if p.PID() != p.Leader() || p.Leader() <= 0 {
		t.Errorf("pid %d, leader %d", p.PID(), p.Leader())
	}
	if _, ended := p.Exited(); ended {
		t.Error("ended already")
	}
}

func TestStartWaitsForALateServer(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "late")
	if got := ask(t, p.Address(), "hello"); got != "done" {
		t.Errorf("answer %q", got)
	}
}

func TestReadinessTakesNoConnection(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells that a socket listens")
	}
	p := start(t, LauncherOptions{}, "oneshot")
	if got := ask(t, p.Address(), "hello"); got != "done" {
		t.Errorf("answer %q", got)
	}
	if exit, err := p.Wait(bounded(t)); err != nil || exit.Code != 0 {
		t.Errorf("ended %v, %v", exit, err)
	}
}

func TestReadinessSeesWildcards(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"0.0.0.0", "::", ""} {
		t.Run("host "+host, func(t *testing.T) {
			dial := "127.0.0.1"
			if host == "::" {
				needIPv6(t)
				dial = "::1"
			}
			p := start(t, LauncherOptions{Host: host}, "plain")
			if p.Host() != dial {
				t.Errorf("dials %s, want %s", p.Host(), dial)
			}
			if got := ask(t, p.Address(), "hello"); got != "done" {
				t.Errorf("answer %q", got)
			}
		})
	}
	t.Run("dual stack", func(t *testing.T) {
		needIPv6(t)
		exe, _ := os.Executable()
		l, err := NewLauncherArgs([]string{exe, "serve", "plain", "[::]:{port}"}, LauncherOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Start(bounded(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Kill)
		if got := ask(t, p.Address(), "hello"); got != "done" || p.Host() != "127.0.0.1" {
			t.Errorf("answer %q of %s", got, p.Address())
		}
	})
}

func TestAProcessThatEndsBeforeItListens(t *testing.T) {
	t.Parallel()
	_, err := launcher(t, LauncherOptions{Ready: time.Hour}, "exits").Start(bounded(t))
	var exited *ExitedError
	if !errors.As(err, &exited) {
		t.Fatalf("%T %v", err, err)
	}
	if exited.Exit == nil || exited.Exit.Code != 3 || !exited.BeforeReady || exited.PID == 0 {
		t.Errorf("%+v", exited)
	}
	for _, part := range []string{"exit status 3", "before it listened", "no configuration found"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	_, err = launcher(t, LauncherOptions{Ready: time.Hour}, "background").Start(bounded(t))
	if err == nil || !strings.Contains(err.Error(), "foreground") {
		t.Errorf("%v does not say what to do", err)
	}
}

func TestAProcessThatDoesNotListen(t *testing.T) {
	t.Parallel()
	for role, says := range map[string]string{"deaf": "I will not listen", "elsewhere": "127.0.0.2:"} {
		if role == "elsewhere" && runtime.GOOS != "linux" {
			continue
		}
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		p, err := launcher(t, LauncherOptions{}, role).spawn("127.0.0.1", port)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Kill)
		comes(t, func() bool { // so far that the error can tell
			elsewhere, _ := kernel.Listening("127.0.0.2", port)
			return strings.Contains(p.Stderr(), says) || elsewhere
		})
		if err := p.awaitReady(bounded(t), 100*time.Millisecond, nil); !errors.As(err, new(*NotReadyError)) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %T %v", role, err, err)
		}
		var late *NotReadyError
		if _, err := launcher(t, LauncherOptions{Ready: 100 * time.Millisecond}, role).Start(bounded(t)); !errors.As(err, &late) {
			t.Errorf("%s: %T %v", role, err, err)
			continue
		}
		if running(late.PID) {
			t.Errorf("%s: process %d is left", role, late.PID)
		}
	}
}

func TestStartTriesAnotherPort(t *testing.T) {
	t.Parallel()
	control := listen(t, "127.0.0.1:0")
	stolen := make(chan net.Listener, 8)
	var rounds sync.WaitGroup
	rounds.Go(func() {
		defer close(stolen)
		for round := 0; ; round++ {
			c, err := control.Accept()
			if err != nil {
				return
			}
			address, _ := bufio.NewReader(c).ReadString('\n')
			if round < 2 {
				if l, err := net.Listen("tcp", strings.TrimSpace(address)); err == nil {
					stolen <- l
				}
			}
			_, _ = fmt.Fprintln(c, "go on")
			_ = c.Close()
		}
	})
	p := start(t, LauncherOptions{}, "unlucky", control.Addr().String())
	_ = control.Close()
	rounds.Wait()
	thefts := 0
	for l := range stolen {
		thefts++
		if portOf(l) == p.Port() {
			t.Errorf("the server's port %d is ours", p.Port())
		}
		_ = l.Close()
	}
	if thefts != 2 {
		t.Errorf("%d ports were taken, want 2", thefts)
	}
	if got := ask(t, p.Address(), "hello"); got != "done" {
		t.Errorf("answer %q", got)
	}
}

func TestAnotherProcessMayListenForOurs(t *testing.T) {
	t.Parallel()
	control := listen(t, "127.0.0.1:0")
	listens := make(chan net.Listener, 1)
	go func() {
		defer close(listens)
		c, err := control.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		address, _ := bufio.NewReader(c).ReadString('\n')
		if l, err := net.Listen("tcp", strings.TrimSpace(address)); err == nil {
			listens <- l
		}
	}()
	p := start(t, LauncherOptions{}, "delegates", control.Addr().String())
	_ = control.Close()
	l := <-listens
	if l == nil {
		t.Fatal("nothing listened for the process, and it counted as ready")
	}
	defer func() { _ = l.Close() }()
	if portOf(l) != p.Port() || p.PID() != p.Leader() {
		t.Errorf("%s, pid %d, leader %d", p.Address(), p.PID(), p.Leader())
	}
}

func TestReadinessByConnecting(t *testing.T) {
	t.Parallel()
	l := lowListen(t, "tcp", "127.0.0.1")
	r := &readiness{process: &Process{host: "127.0.0.1", port: portOf(l)}} // of a host that is not here
	if !r.ready(bounded(t)) {
		t.Error("not ready, though it listens")
	}
	r.process.port = 1 // on which nobody listens
	if r.ready(bounded(t)) {
		t.Error("ready again, without a look: the pause has not passed")
	}
	r.connected = time.Time{}
	if r.ready(bounded(t)) {
		t.Error("ready, and nothing listens")
	}
}

func TestStartOnAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	taken := listen(t, "127.0.0.1:0")
	l := launcher(t, LauncherOptions{}, "plain")

	p, err := l.StartOn(bounded(t), "127.0.0.1", portOf(taken), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	exit, err := p.Wait(bounded(t))
	if err != nil || exit.Code != 1 || exit.Forced || exit.Signal != "" {
		t.Errorf("exit %+v, %v", exit, err)
	}
	if !strings.Contains(p.Stderr(), "address already in use") {
		t.Errorf("stderr %q", p.Stderr())
	}

	if _, err = l.StartOn(bounded(t), "", portOf(taken), true); !errors.As(err, new(*ExitedError)) {
		t.Errorf("with wait: %T %v", err, err)
	}
	// A server that lives on beside the stranger is not taken for ready.
	slow := launcher(t, LauncherOptions{Ready: 1500 * time.Millisecond}, "deaf")
	if _, err = slow.StartOn(bounded(t), "", portOf(taken), true); !errors.As(err, new(*NotReadyError)) && runtime.GOOS == "linux" {
		t.Errorf("beside a stranger: %T %v", err, err)
	}
	if err := taken.SetDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := taken.Accept(); err == nil && runtime.GOOS == "linux" {
		t.Error("the stranger was connected to")
	}
	if _, err := l.StartOn(bounded(t), "", 0, true); !errors.As(err, new(*UsageError)) {
		t.Errorf("port 0: %v", err)
	}
}

func TestStartAgainOnTheSamePort(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "plain")
	for range 3 {
		if _, err := p.Stop(bounded(t)); err != nil {
			t.Fatal(err)
		}
		next, err := launcher(t, LauncherOptions{}, "plain").StartOn(bounded(t), p.Host(), p.Port(), true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(next.Kill)
		if next.Port() != p.Port() || ask(t, next.Address(), "hello") != "done" {
			t.Fatalf("not on port %d", p.Port())
		}
		p = next
	}
}

func TestAContextEndsAStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(bounded(t), 100*time.Millisecond)
	defer cancel()
	if _, err := launcher(t, LauncherOptions{Ready: time.Hour}, "deaf").Start(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := launcher(t, LauncherOptions{}, "plain").Start(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestAContextEndsAProcess(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"plain", "stubborn", "holder"} {
		ctx, cancel := context.WithCancel(bounded(t))
		defer cancel()
		p, err := launcher(t, LauncherOptions{Grace: 100 * time.Millisecond}, role).Start(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Kill)
		cancel()
		exit, err := p.Wait(bounded(t))
		if err != nil || exit.Forced != (role == "stubborn") {
			t.Errorf("%s: %v, %v", role, exit, err)
		}
	}
}

func TestManyStartsSideBySide(t *testing.T) {
	t.Parallel()
	l := launcher(t, LauncherOptions{}, "plain")
	var mu sync.Mutex
	ports := make(map[int]bool)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			p, err := l.Start(bounded(t))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if ports[p.Port()] {
				t.Errorf("port %d twice", p.Port())
			}
			ports[p.Port()] = true
			t.Cleanup(p.Kill)
		})
	}
	all.Wait()
}

func TestAFileThatIsNoProgram(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/program"
	if err := os.WriteFile(name, []byte("\x00\x01 no program"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := NewLauncher(name+" {port}", LauncherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Start(bounded(t)); !errors.As(err, new(*UsageError)) {
		t.Errorf("%T %v", err, err)
	}
}
