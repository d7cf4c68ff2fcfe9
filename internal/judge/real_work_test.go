package judge_test

import (
	"context"
	"errors"
	"hash/crc32"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// serveLate serves echo, and is late with one answer: "working" takes the time for it on a processor, "sleeping" takes none.
func serveLate(how, addr string) error {
	delay := map[string]func(){
		"working": func() {
			for began := time.Now(); time.Since(began) < 450*time.Millisecond; {
			}
		},
		"sleeping": func() { time.Sleep(10 * time.Second) }, // and longer than this process may be kept from running
	}[how]
	if delay == nil {
		return errors.New("no server is late by " + how)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	r := &rigged{instead: func(c judgetest.Conn, request []byte) {
		delay()
		_, _ = c.Write(request)
	}}
	judgetest.Accepting(l, func(c net.Conn) { r.handle(c.(judgetest.Conn)) })
	return nil
}

// serveMuteAfterWork serves script; asked to stop, it works for a while, and then writes nothing more.
func serveMuteAfterWork(addr string) error {
	asked, stop := judgetest.UntilAsked()
	defer stop()
	after := afterWork(asked, 1500*time.Millisecond)
	return judgetest.ServeFault(after, "right", "script", reference.Config{Addr: addr, Listen: func(addr string) (net.Listener, error) {
		l, err := net.Listen("tcp", addr)
		return judgetest.Wrapping{Listener: l, Wrap: func(c judgetest.Conn) net.Conn {
			return &judgetest.StoppedWrites{Conn: c, Ctx: after, Over: context.Background(), Rate: 0, Most: 0}
		}}, err
	}}, 1200*time.Millisecond)
}

// afterWork returns a context that ends when ctx has, and the process has worked for so long.
func afterWork(ctx context.Context, d time.Duration) context.Context {
	after, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() {
		for begin := time.Now(); time.Since(begin) < d; {
			_ = crc32.ChecksumIEEE(make([]byte, 4<<10))
		}
		cancel()
	})
	return after
}

// TestRealLateAnswerOfAServerAtWork: an answer is waited for longer while the server's process is seen at work, so that its
// verdict is not left open; one that sleeps is asked again. It needs the real machine, since what a process works is measured.
func TestRealLateAnswerOfAServerAtWork(t *testing.T) {
	realtime.Alone(t)
	for how, want := range map[string]report.Verdict{"working": report.Pass, "sleeping": report.Inconclusive} {
		t.Run(how, func(t *testing.T) {
			tg, err := target.Start(t.Context(), judgetest.Launcher(t, "late-"+how, "echo"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tg.Close(context.WithoutCancel(t.Context())) })
			if _, ok := kernel.WorkOf(tg.PID()); !ok {
				t.Skip("what a process works cannot be seen here")
			}
			res := judgetest.Result(t, judgetest.Judge(t, judge.Config{Target: tg, Dialect: "echo", Only: "FRAM-2", Timeout: 300 * time.Millisecond}), "FRAM-2")
			if res.Verdict != want || want == report.Inconclusive && !strings.Contains(res.Reason, "once of 4 times") {
				t.Errorf("%s, want %s: %s", res.Verdict, want, res.Reason)
			}
		})
	}
}

// TestRealWorkBeforeAStop: a server that is at work for a while before it hears that it was asked to stop, and then writes nothing more, has
// not finished its answer. It needs the real machine, since what a process works is measured.
func TestRealWorkBeforeAStop(t *testing.T) {
	realtime.Alone(t)
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "mute-after-work", "script"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tg.Close(context.WithoutCancel(t.Context())) })
	if _, ok := kernel.WorkOf(tg.PID()); !ok {
		t.Skip("what a process works cannot be seen here")
	}
	if r := judgetest.Result(t, judgetest.Judge(t, judge.Config{Target: tg, Dialect: "script", Only: "LIFE-7"}), "LIFE-7"); r.Verdict != report.Warn || !strings.Contains(r.Reason, "asked to stop in mid-answer") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
