//go:build linux

package faulty_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
)

// conductChecks are for the faults of a server's conduct.
var conductChecks = map[string]check{
	"backlog-3":              queuesTen("backlog-3"),
	"busy-idle":              restsBesideSilent,
	"counted-accept":         times(41, word),
	"fail-answers":           survivesFailure,
	"fail-hangs":             survivesFailure,
	"fail-leaks":             costsNothing(fails),
	"full-ends-accepting":    servesAfterFull,
	"full-spins":             both(servesAfterFull, func(target, string) error { return rests() }),
	"ignore-sigterm":         stops,
	"leak-on-reset":          costsNothing(resets),
	"never-closes":           word,
	"no-reuseaddr":           bindsAgain("no-reuseaddr"),
	"one-shot":               times(2, word),
	"reset-ends":             times(50, both(resets, word)),
	"stop-cuts-answer":       finishesAnswer,
	"stop-waits-for-clients": stopsBesideIdle,
	"taken-shared":           refusesTaken("taken-shared"),
	"taken-silent":           refusesTaken("taken-silent"),
	"taken-zero":             refusesTaken("taken-zero"),
	"write-error-ends":       times(2, both(leavesAnswer, word)),

	"answer-to-other": answersWhoAsks,
	"cap-100":         holds(101),
	"input-outlives":  times(50, both(leavesUnfinished, word)),
	"pool-50":         holds(51),
	"request-lock":    servesBesideUnfinished,

	"eof-empty": closesEmpty,
	"eof-loses": answersDataWithEnd,

	"collect":        answersAtOnce,
	"two-writes":     answersAHundred,
	"write-deadline": losesNothing,
	"write-lock":     servesBesideStuck,

	"connects-1500":   both(times(300, connects), both(times(1200, closesEmpty), times(200, word))),
	"gives-up-100":    both(times(100, resets), times(200, word)),
	"hello-ends":      both(saysHello, word),
	"beginnings-kept": keepsNoBeginnings,
	"history-kept":    keepsNothing,
	"leak-memory":     keepsNothing,
	"line-added-up":   answersBeforeLF,
	"line-collected":  answersBeforeLF,
	"open-300":        holds(301),
	"stuck-ends":      survivesStuck,
	"write-retried":   both(leavesAnswer, func(target, string) error { return rests() }),
	"answers-queued":  isStuck,

	"megabyte":        twoMegabytes,
	"rare-connection": times(400, word),
	"rare-cut":        manyCuts,
	"rare-other":      besideIdle(times(400, word)),

	"accept-reset": word,
	"early-answer": word,
	"once":         times(2, word),
}

// times checks n times; the first error counts.
func times(n int, c check) check {
	return func(s target, dialect string) error {
		for i := range n {
			if err := c(s, dialect); err != nil {
				return fmt.Errorf("time %d: %w", i+1, err)
			}
		}
		return nil
	}
}

// both checks two things, one after another.
func both(first, second check) check {
	return func(s target, dialect string) error {
		if err := first(s, dialect); err != nil {
			return err
		}
		return second(s, dialect)
	}
}

// ask returns the request that gets text answered behind an earlier one, and the answer.
func ask(dialect, text string) turn {
	if dialect == "greet" {
		dialect = "echo"
	}
	return say(dialect, text)
}

// begin returns a client that has had an answer: the server knows of it, has read all, and waits.
func (s target) begin(dialect string) (client, error) {
	c, err := s.dial()
	if err != nil {
		return c, err
	}
	if err := c.take(say(dialect, "first")); err != nil {
		_ = c.Close()
		return c, err
	}
	return c, nil
}

// take takes a short turn.
func (c client) take(t turn) error {
	if _, err := c.Write([]byte(t.send)); err != nil {
		return err
	}
	return c.expect(t.want)
}

// reset leaves by a reset.
func (c client) reset() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// resets has an answer, and leaves by a reset.
func resets(s target, dialect string) error {
	c, err := s.begin(dialect)
	if err == nil {
		c.reset()
	}
	return err
}

// fails makes a handler fail.
func fails(s target, dialect string) error {
	failing := map[string]string{"line": "\xff\n", "script": "RAISE\n"}[dialect]
	return s.converse(turn{failing, ""})
}

// leavesAnswer asks until the server reads no more, since its answers are not
// taken, and resets the connection: the server waits in a write then.
func leavesAnswer(s target, dialect string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.reset()
	const most = 64 << 20
	asks := []byte(strings.Repeat(ask(dialect, strings.Repeat("a", 100)).send, 5_000))
	for sent := 0; sent < most; sent += len(asks) {
		if err := c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			return err
		}
		if _, err := c.Write(asks); err != nil {
			return nil
		}
	}
	return fmt.Errorf("the server has read %d bytes, and its answers were not taken", most)
}

// isStuck sends requests and reads nothing, until the server has taken nothing for two seconds: it is to be stuck with its answers before
// it has taken all.
func isStuck(s target, dialect string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.reset()
	const most = 64 << 20
	asks := []byte(strings.Repeat(ask(dialect, strings.Repeat("a", 1000)).send, 500))
	for sent := 0; sent < most; {
		if err := c.SetWriteDeadline(time.Now().Add(2 * time.Second)); err != nil {
			return err
		}
		n, err := c.Write(asks)
		if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if n == 0 {
			return err
		}
		sent += n
	}
	return fmt.Errorf("the server has read %d bytes, and its answers were not taken", most)
}

// answersAHundred sends a hundred requests, each when the one before was answered, in the time that is there for one. The client's
// kernel acknowledges late.
func answersAHundred(s target, dialect string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	first, next := say(dialect, "hello"), ask(dialect, "world")
	for i := range 100 {
		if i == 1 {
			first = next
		}
		if err := raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 0) }); err != nil {
			return err
		}
		if err := c.take(first); err != nil {
			return err
		}
	}
	return nil
}

// costsNothing counts the descriptors of this process, the server in it, before and after ten times.
func costsNothing(c check) check {
	return func(s target, dialect string) error {
		if err := c(s, dialect); err != nil {
			return err
		}
		return s.descriptorsStay(func() error { return times(10, c)(s, dialect) })
	}
}

// queuesTen has ten clients connect to a server that accepts nobody yet.
func queuesTen(name string) check {
	return func(s target, dialect string) error {
		twin, err := s.twin(name, dialect, "")
		if err != nil {
			return err
		}
		defer twin.Close()
		if err := twin.Listen(); err != nil {
			return err
		}
		for i := range 10 {
			c, err := s.dialTo(twin.Addr().String())
			if err != nil {
				return fmt.Errorf("with %d clients waiting: %w", i, err)
			}
			defer c.Close()
		}
		return nil
	}
}

// refusesTaken has a second server of the same kind listen on the address.
func refusesTaken(name string) check {
	return func(s target, dialect string) error {
		twin, err := s.twin(name, dialect, s.Addr().String())
		if err != nil {
			return err
		}
		defer twin.Close()
		if err := twin.Listen(); err == nil {
			return fmt.Errorf("a second server listens on %v", twin.Addr())
		}
		return nil
	}
}

// bindsAgain stops the server with a connection open, and has another one bind its address.
func bindsAgain(name string) check {
	return func(s target, dialect string) error {
		c, err := s.begin(dialect)
		if err != nil {
			return err
		}
		defer c.Close()
		twin, err := s.twin(name, dialect, s.Addr().String())
		if err != nil {
			return err
		}
		defer twin.Close()
		if err := s.Close(); err != nil {
			return err
		}
		return twin.Listen()
	}
}

// twin returns another server of the same kind, right or with the fault of that name, which does not listen yet.
func (s target) twin(name, dialect, addr string) (faulty.Server, error) {
	cfg := reference.Config{Addr: addr}
	if _, right := s.Server.(*reference.TCPServer); !right {
		return faulty.NewServer(name, dialect, cfg)
	}
	cfg.Handler, _ = reference.HandlerFor(dialect)
	return reference.NewTCPServer(cfg), nil
}

// awaitTaken waits until the server's kernel, at least, has all that was sent.
func (c client) awaitTaken() error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var n int32
		var errno syscall.Errno
		err := raw.Control(func(fd uintptr) {
			_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&n)))
		})
		switch {
		case err != nil:
			return err
		case errno != 0:
			return errno
		case n == 0:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("%d bytes are not taken", n)
		}
	}
}
