//go:build unix

package target

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAProcessAsTarget(t *testing.T) {
	t.Parallel()
	l := launcher(t, LauncherOptions{}, "plain")
	target, err := Start(bounded(t), l)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = target.Close(bounded(t)) }()
	if target.Kind != KindExec || target.Name != l.String() || target.Launcher() != l || target.PID() <= 0 {
		t.Errorf("%+v", target)
	}
	if err := target.Alive(); err != nil {
		t.Error(err)
	}
	if got := ask(t, target.Address, "hello"); got != "done" {
		t.Errorf("answer %q", got)
	}
	for range 2 {
		if err := target.Close(bounded(t)); err != nil {
			t.Error(err)
		}
	}
	var exited *ExitedError
	if err := target.Alive(); !errors.As(err, &exited) || exited.Exit == nil || exited.Exit.Signal != "SIGTERM" {
		t.Errorf("%v", err)
	}
}

func TestATargetThatCrashes(t *testing.T) {
	t.Parallel()
	target, err := Start(bounded(t), launcher(t, LauncherOptions{}, "plain"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = target.Close(bounded(t)) }()
	if err := syscall.Kill(target.PID(), syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	if _, err := target.process.Load().Wait(bounded(t)); err != nil {
		t.Fatal(err)
	}
	err = target.Alive()
	var exited *ExitedError
	if !errors.As(err, &exited) || exited.Exit.Code != 2 || exited.Stderr == "" || exited.Stderr != target.Stderr() {
		t.Errorf("%v", err)
	}
	if !strings.Contains(err.Error(), "exit status 2") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q", err)
	}
}

func TestAServerInThisProcess(t *testing.T) {
	t.Parallel()
	stops := 0
	failure := errors.New("a connection would not end")
	stop := func(ctx context.Context) error {
		if _, bound := ctx.Deadline(); !bound {
			t.Error("stop has no bound")
		}
		stops++
		return failure
	}
	target := InProcess("reference", "127.0.0.1:1", stop, nil, 42)
	if target.Kind != KindReference || target.PID() != 42 || target.Launcher() != nil || target.Stderr() != "" || target.Alive() != nil {
		t.Errorf("%+v", target)
	}
	for range 2 {
		if err := target.Close(context.Background()); !errors.Is(err, failure) {
			t.Error(err)
		}
	}
	if stops != 1 {
		t.Errorf("stopped %d times", stops)
	}
	if err := target.Alive(); !errors.As(err, new(*ExitedError)) {
		t.Errorf("after Close: %v", err)
	}
}

func TestAServerThatDoesNotStopHoldsNobody(t *testing.T) {
	t.Parallel()
	forever := make(chan struct{})
	defer close(forever)
	target := InProcess("reference", "127.0.0.1:1", func(context.Context) error { <-forever; return nil }, nil, 0)
	ctx, cancel := context.WithCancel(bounded(t))
	cancel()
	if err := target.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestStartLasting: the context ends the start, and not the server that was started.
func TestStartLasting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(bounded(t))
	target, err := StartLasting(ctx, launcher(t, LauncherOptions{}, "plain"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = target.Close(bounded(t)) }()
	cancel()
	if got := ask(t, target.Address, "hello"); got != "done" || target.Alive() != nil {
		t.Errorf("when the context had ended: answer %q, %v", got, target.Alive())
	}
	ctx, cancel = context.WithCancel(bounded(t))
	var life context.Context
	_, end, err := lasting(ctx, func(l context.Context) (*Process, error) { life = l; return target.process.Load(), nil })
	if cancel(); err != nil || life.Err() != nil { // a process may take a while to end of it
		t.Errorf("what bounds the life of a process that was started when its context ended: %v, %v", err, life.Err())
	}
	if end(); life.Err() == nil {
		t.Error("the end of the target does not end it")
	}
	if _, err := StartLasting(ctx, launcher(t, LauncherOptions{}, "plain")); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	soon, cancel := context.WithTimeout(bounded(t), 100*time.Millisecond)
	defer cancel()
	if _, err := StartLasting(soon, launcher(t, LauncherOptions{Ready: time.Hour}, "deaf")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("of a server that does not listen: %v", err)
	}
}
