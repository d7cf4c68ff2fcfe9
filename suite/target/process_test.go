//go:build unix

package target

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/kernel"
)

// childOf waits for the line in which a role names its child.
func childOf(t *testing.T, p *Process) int {
	t.Helper()
	var pid int
	if !comes(t, func() bool {
		_, after, _ := strings.Cut(p.Stdout(), "child ")
		line, _, whole := strings.Cut(after, "\n")
		pid, _ = strconv.Atoi(line)
		return whole && pid > 0
	}) {
		t.Fatalf("no child in %q", p.Stdout())
	}
	return pid
}

func TestStopAsksFirst(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "obeys")
	exit, err := p.Stop(bounded(t))
	if err != nil || exit.Code != 7 || exit.Forced || exit.Signal != "" {
		t.Errorf("%+v, %v", exit, err)
	}
	if got := p.Stdout(); got != "goodbye\n" {
		t.Errorf("stdout %q", got)
	}
	if again, err := p.Stop(bounded(t)); err != nil || again != exit {
		t.Errorf("stopped again: %+v, %v", again, err)
	}
	if err := p.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal after the end: %v", err)
	}
}

func TestStopOfAPlainServerIsBySignal(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "plain")
	exit, err := p.Stop(bounded(t))
	if err != nil || exit.Signal != "SIGTERM" || exit.Forced || exit.Code != -1 {
		t.Errorf("%+v, %v", exit, err)
	}
	if s := exit.String(); !strings.HasPrefix(s, "ended by SIGTERM after ") {
		t.Error(s)
	}
	if bound, err := kernel.Listening(p.Host(), p.Port()); bound || err != nil && !errors.Is(err, kernel.ErrUnknown) {
		t.Errorf("still listens: %v, %v", bound, err)
	}
}

func TestStopForcesAfterTheGrace(t *testing.T) {
	t.Parallel()
	const grace = 300 * time.Millisecond
	p := start(t, LauncherOptions{Grace: grace}, "stubborn")
	exit, err := p.Stop(bounded(t))
	if err != nil || exit.Signal != "SIGKILL" || !exit.Forced || exit.Elapsed < grace {
		t.Errorf("%+v, %v", exit, err)
	}
	if !strings.HasPrefix(exit.String(), "killed by us after ") {
		t.Error(exit)
	}
}

func TestStopWithAnEndedContextIsAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{Grace: time.Hour}, "stubborn")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if exit, err := p.Stop(ctx); err != nil || !exit.Forced {
		t.Errorf("%+v, %v", exit, err)
	}
}

func TestKillDuringStop(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{Grace: time.Hour}, "stubborn")
	var both sync.WaitGroup
	both.Go(func() {
		if exit, err := p.Stop(bounded(t)); err != nil || !exit.Forced {
			t.Errorf("%+v, %v", exit, err)
		}
	})
	both.Go(p.Kill)
	both.Wait()
}

func TestWaitHeedsItsContextAndTellsOfACrash(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "plain")
	ctx, cancel := context.WithTimeout(bounded(t), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if err := p.Signal(syscall.SIGSEGV); err != nil {
		t.Fatal(err)
	}
	// The Go runtime makes a crash report of it and exits.
	if exit, err := p.Wait(bounded(t)); err != nil || exit.Code != 2 || exit.Forced {
		t.Errorf("%+v, %v", exit, err)
	}
	if !strings.Contains(p.Stderr(), "goroutine") {
		t.Errorf("stderr %q", p.Stderr())
	}
}

func TestAGrandchildThatHoldsThePipes(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "holder")
	child := childOf(t, p)
	if p.PID() != p.Leader() {
		t.Errorf("pid %d, the leader %d listens", p.PID(), p.Leader())
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	exit, err := p.Wait(bounded(t))
	if err != nil || exit.Signal != "SIGTERM" {
		t.Errorf("%+v, %v", exit, err)
	}
	if !running(child) {
		t.Error("Wait ended the grandchild")
	}
	if again, err := p.Stop(bounded(t)); err != nil || again != exit {
		t.Errorf("%+v, %v", again, err)
	}
	if running(child) {
		t.Error("the grandchild is left")
	}
}

func TestStopWaitsForTheWholeGroup(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "heavy")
	child := childOf(t, p)
	if _, err := p.Stop(bounded(t)); err != nil {
		t.Error(err)
	}
	if running(child) {
		t.Errorf("the grandchild %d is left", child)
	}
}

func TestAGrandchildThatLeftTheGroup(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "escape")
	child := childOf(t, p)
	if !running(child) {
		t.Fatal("no grandchild")
	}
	if _, err := p.Stop(bounded(t)); err != nil {
		t.Error(err)
	}
	if running(child) {
		t.Error("the grandchild is left")
	}
}

// TestNothingIsLeft: whatever a server starts ends with it, where the system tells: also what is in a session of its own, and has lost its
// parent; and also where the server itself has ended before.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell what belongs to a process")
	}
	for role, ends := range map[string]func(*Process){
		"wrapper-apart": func(p *Process) {
			if _, err := p.Stop(bounded(t)); err != nil {
				t.Error(err)
			}
		},
		"breeder": func(p *Process) { p.Kill() },
	} {
		for _, first := range []bool{false, true} {
			p := start(t, LauncherOptions{}, role)
			last := map[string]string{"wrapper-apart": "plain", "breeder": "sleeper"}[role]
			left := kernel.Marked(p.mark)
			for ctx := bounded(t); (len(left) != 2 || !slices.ContainsFunc(left, func(i kernel.Identity) bool { return plays(i.PID, last) })) && ctx.Err() == nil; {
				time.Sleep(time.Millisecond) // one of the breeder's ends when it has started another
				left = kernel.Marked(p.mark)
			}
			if len(left) != 2 {
				t.Fatalf("%s: %d processes are known", role, len(left))
			}
			if first {
				if err := p.Signal(syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				if _, err := p.Wait(bounded(t)); err != nil {
					t.Fatal(err)
				}
			}
			ends(p)
			for _, one := range left {
				if one.Running() {
					t.Errorf("%s, ended before: %t: the process %d is left", role, first, one.PID)
				}
			}
		}
	}
}

// plays says whether a process plays a role.
func plays(pid int, role string) bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return err == nil && strings.Contains(string(line), "\x00"+role+"\x00")
}

// TestAServerThatLeavesItselfBehind: what was started has ended, and another process listens: that is said, and nothing is left.
func TestAServerThatLeavesItselfBehind(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell what belongs to a process")
	}
	_, err := launcher(t, LauncherOptions{}, "leaves").Start(bounded(t))
	var exited *ExitedError
	if !errors.As(err, &exited) || exited.Left == 0 || !strings.Contains(err.Error(), "left the process") || !strings.Contains(err.Error(), "in the foreground") {
		t.Fatalf("%v", err)
	}
	if running(exited.Left) {
		t.Errorf("the process %d is left", exited.Left)
	}
}

// TestAServerThatLeavesItselfBehindLater: it is said of one that was ready before, too, where the other listens on; not of one that failed,
// nor of one whose child had ended before it.
func TestAServerThatLeavesItselfBehindLater(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell what belongs to a process")
	}
	for _, c := range []struct {
		status    string
		childEnds bool
		left      bool
	}{{"0", false, true}, {"1", false, false}, {"0", true, false}} {
		p := start(t, LauncherOptions{}, "leaves-when-told", c.status)
		child := p.PID()
		if child == p.Leader() {
			t.Fatal("the leader listens itself")
		}
		if c.childEnds {
			if err := syscall.Kill(child, syscall.SIGKILL); err != nil || !await(time.Minute, func() bool { return !running(child) }) {
				t.Fatal("the child does not end: ", err)
			}
		}
		if err := syscall.Kill(p.Leader(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Wait(bounded(t)); err != nil {
			t.Fatal(err)
		}
		var exited *ExitedError
		if end := p.Ended(); !errors.As(end, &exited) || (exited.Left == child) != c.left || strings.Contains(end.Error(), "in the foreground") != c.left {
			t.Errorf("status %s, child ends: %t: %v", c.status, c.childEnds, end)
		}
	}
}

func TestHostileOutputIsBounded(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "flood")
	if got := ask(t, p.Address(), "hello"); got != "done" {
		t.Errorf("answer %q", got)
	}
	for ctx := bounded(t); (p.Stderr() == "" || p.Stdout() == "") && ctx.Err() == nil; { // it answers before it has said anything
		time.Sleep(time.Millisecond)
	}
	for range 100 {
		for _, s := range []string{p.Stderr(), p.Stdout()} {
			if len(s) > tailSize || !utf8.ValidString(s) || strings.ContainsAny(s, "\x1b\x00\r\u009b") {
				t.Fatalf("%d bytes: %q", len(s), s)
			}
		}
	}
	if _, err := p.Stop(bounded(t)); err != nil {
		t.Error(err)
	}
	if p.Stderr() == "" || p.Stdout() == "" {
		t.Error("nothing was kept")
	}
}

// TestNothingIsLeftInThisProcess counts and so does not run beside others.
func TestNothingIsLeftInThisProcess(t *testing.T) {
	round := func() {
		p := start(t, LauncherOptions{}, "holder")
		if _, err := p.Stop(bounded(t)); err != nil {
			t.Error(err)
		}
		for _, role := range []string{"exits", "deaf"} {
			if _, err := launcher(t, LauncherOptions{Ready: 100 * time.Millisecond}, role).Start(bounded(t)); err == nil {
				t.Errorf("%s is ready", role)
			}
		}
	}
	round() // what the runtime opens once, such as its poller
	figures, err := kernel.Observe(os.Getpid())
	if err != nil {
		t.Skipf("this system does not tell: %v", err)
	}
	routines := runtime.NumGoroutine()
	for range 3 {
		round()
	}
	var now kernel.Figures
	if !comes(t, func() bool {
		now, err = kernel.Observe(os.Getpid())
		return err == nil && now.Descriptors <= figures.Descriptors && runtime.NumGoroutine() <= routines
	}) {
		t.Errorf("%d descriptors were %d, %d goroutines were %d: %v", now.Descriptors, figures.Descriptors, runtime.NumGoroutine(), routines, err)
	}
}
