//go:build linux

package faulty_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
)

// A shutdown ends idle connections at once, a fresh one and one that was
// answered, and leaves no goroutine behind.
func TestControlsShutDown(t *testing.T) {
	eachControl(t, func(t *testing.T, control faulty.Control, dialect string) {
		before := runtime.NumGoroutine()
		s, shutDown := startToShutDown(t, control, dialect, reference.Config{})
		fresh, used := mustDial(t, s), mustDial(t, s)
		said := say(dialect, "hello")
		mustSay(t, used, said.send, said.want)
		if answer, ok := map[string]string{"empty-answered": "\n", "empty-silent": ""}[control.Name]; ok {
			mustSay(t, used, "\n", answer) // a request like any other
		}
		if err := <-shutDown(); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		for _, c := range []client{fresh, used} {
			if err := c.expectEnd(); err != nil {
				t.Error(err)
			}
		}
		noneLeft(t, before)
	})
}

// A shutdown lets a request that has begun be completed and answered.
func TestControlsFinishBeforeTheyShutDown(t *testing.T) {
	halves := map[string][2]turn{
		"line":   {{"x\nhel", "x\n"}, {"lo\n", "hello\n"}},
		"script": {{"WRITE x\nSEND\nREAD 5\nhel", "x"}, {"loSEND\n", "5:hello,"}},
	}
	eachControl(t, func(t *testing.T, control faulty.Control, dialect string) {
		half, ok := halves[dialect]
		if !ok {
			t.Skip("no request has two halves")
		}
		before := runtime.NumGoroutine()
		s, shutDown := startToShutDown(t, control, dialect, reference.Config{})
		c := mustDial(t, s)
		mustSay(t, c, half[0].send, half[0].want)
		done := shutDown()
		mustSay(t, c, half[1].send, half[1].want)
		if err := c.expectEnd(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		noneLeft(t, before)
	})
}

// A shutdown lets an answer finish that its client is slow to take, in one piece
// with what the client has not read yet.
func TestControlsFinishLongAnswers(t *testing.T) {
	eachScript(t, func(t *testing.T, control faulty.Control) {
		s, shutDown := startToShutDown(t, control, "script", reference.Config{})
		c := mustDial(t, s)
		long := longAnswer()
		go func() { _, _ = io.WriteString(c, long.send) }()
		if err := c.expect(long.want[:10]); err != nil {
			t.Fatal(err)
		}
		done := shutDown()
		if err := c.expect(long.want[10:]); err != nil {
			t.Fatal(err)
		}
		if err := c.expectEnd(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestControlsKeepTheirTimes(t *testing.T) {
	eachControl(t, func(t *testing.T, control faulty.Control, dialect string) {
		s := startControl(t, control, dialect, reference.Config{IdleTime: 20 * time.Millisecond})
		if err := mustDial(t, s).expectEnd(); err != nil {
			t.Errorf("a silent client: %v", err)
		}
	})
	eachScript(t, func(t *testing.T, control faulty.Control) {
		before := runtime.NumGoroutine()
		cfg := reference.Config{WriteTime: 20 * time.Millisecond, LingerTime: time.Millisecond}
		s, shutDown := startToShutDown(t, control, "script", cfg)
		stuck(t, s)
		if err := <-shutDown(); err != nil {
			t.Errorf("a client that does not read: %v", err)
		}
		noneLeft(t, before)
	})
}

// Close waits for nobody.
func TestControlsClose(t *testing.T) {
	eachScript(t, func(t *testing.T, control faulty.Control) {
		before := runtime.NumGoroutine()
		server, err := faulty.NewControl(control.Name, "script", reference.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Run("", func(t *testing.T) {
			s := start(t, server, patience)
			if err := stuck(t, s).expect("0"); err != nil { // the answer has begun
				t.Fatal(err)
			}
			mustSay(t, mustDial(t, s), "WRITE x\nSEND\nREAD 5\nhel", "x")
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		noneLeft(t, before)
	})
}

// eachScript runs a test of long answers for each control of the dialect script.
// One that reads byte by byte takes seconds for a request that is as long, and
// writes as the right server does.
func eachScript(t *testing.T, test func(t *testing.T, control faulty.Control)) {
	for _, control := range faulty.Controls() {
		if slices.Contains(control.Dialects, "script") && control.Name != "one-byte-reads" {
			t.Run(control.Name, func(t *testing.T) { test(t, control) })
		}
	}
}

// stuck is a client that asks for a long answer and does not take it, until the
// test ends.
func stuck(t *testing.T, s target) client {
	t.Helper()
	c := mustDial(t, s)
	mustSay(t, c, longAnswer().send, "")
	return c
}

// longAnswer is larger than the buffers on the way to a client that does not read: 4 MB.
func longAnswer() turn {
	const pieces = 80
	piece := strings.Repeat("0123456789", 5000)
	return turn{strings.Repeat("WRITE "+piece+"\n", pieces) + "SEND\n", strings.Repeat(piece, pieces)}
}

// startToShutDown serves, and returns what begins a shutdown and returns once
// nothing more is accepted; the channel has its result.
func startToShutDown(
	t *testing.T, control faulty.Control, dialect string, cfg reference.Config,
) (s target, shutDown func() <-chan error) {
	t.Helper()
	server, err := faulty.NewControl(control.Name, dialect, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	return target{server, patience}, func() <-chan error {
		done := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			done <- server.Shutdown(ctx)
		}()
		if err := <-served; !errors.Is(err, reference.ErrServerClosed) {
			t.Errorf("ServeForever: %v", err)
		}
		return done
	}
}

// mustDial returns a client that leaves when the test ends.
func mustDial(t *testing.T, s target) client {
	t.Helper()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func mustSay(t *testing.T, c client, request, answer string) {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	if err := c.expect(answer); err != nil {
		t.Fatal(err)
	}
}

// noneLeft waits until there are no more goroutines than before.
func noneLeft(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, and now:\n%s", before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
