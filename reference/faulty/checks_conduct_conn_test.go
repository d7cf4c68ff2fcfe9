//go:build linux

package faulty_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// holds has n clients at once, each with an answer.
func holds(n int) check {
	return func(s target, dialect string) error {
		for i := range n {
			c, err := s.begin(dialect)
			if err != nil {
				return fmt.Errorf("with %d clients held: %w", i, err)
			}
			defer c.Close()
		}
		return nil
	}
}

// leavesUnfinished leaves by a reset when the server has read the beginning of a line.
func leavesUnfinished(s target, dialect string) error {
	c, err := s.beginUnfinished(dialect)
	if err == nil {
		c.reset()
	}
	return err
}

// beginUnfinished is begin, with the beginning of a line behind the request, in one segment.
func (s target) beginUnfinished(dialect string) (client, error) {
	c, err := s.dial()
	if err != nil {
		return c, err
	}
	t := say(dialect, "first")
	t.send += "unfinished"
	if err := c.take(t); err != nil {
		_ = c.Close()
		return c, err
	}
	return c, nil
}

func servesBesideUnfinished(s target, dialect string) error {
	c, err := s.beginUnfinished(dialect)
	if err != nil {
		return err
	}
	defer c.Close()
	return word(s, dialect)
}

// answersWhoAsks has one client ask while another, who came later, is there too.
func answersWhoAsks(s target, dialect string) error {
	first, err := s.begin(dialect)
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := s.begin(dialect)
	if err != nil {
		return err
	}
	defer second.Close()
	return first.take(ask(dialect, "second"))
}

// besideIdle checks while an idle client is there.
func besideIdle(check check) check {
	return func(s target, dialect string) error {
		c, err := s.begin(dialect)
		if err != nil {
			return err
		}
		defer c.Close()
		return check(s, dialect)
	}
}

func closesEmpty(s target, _ string) error {
	return s.converse(turn{"", ""})
}

// answersDataWithEnd sends the end of the stream in the request's own segment.
func answersDataWithEnd(s target, dialect string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var corkErr error
	err = raw.Control(func(fd uintptr) {
		corkErr = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CORK, 1)
	})
	if err != nil || corkErr != nil {
		return fmt.Errorf("cannot hold data back: %v, %v", err, corkErr)
	}
	t := say(dialect, "with the end")
	if _, err := c.Write([]byte(t.send)); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	if err := c.expect(t.want); err != nil {
		return err
	}
	return c.expectEnd()
}

func answersAtOnce(s target, dialect string) error {
	c, err := s.begin(dialect)
	if err == nil {
		_ = c.Close()
	}
	return err
}

// A stuckClient has asked for more than the kernels hold, and taken nothing.
type stuckClient struct {
	client
	turn turn
	sent chan struct{} // closed when nothing more is sent
}

// moreThanFits is how many bytes fill the server's buffers of both directions, as large as they
// grow, and the client's small one.
const moreThanFits = 12 << 20

// dialSmall connects with a receive buffer of 8 KiB.
func (s target) dialSmall() (client, error) {
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		return errors.Join(raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10) }), err)
	}}
	conn, err := dialer.Dial("tcp", s.Addr().String())
	if err != nil {
		return client{}, err
	}
	return client{conn.(*net.TCPConn)}, conn.SetDeadline(time.Now().Add(3 * patience))
}

// stick returns a client whose server can write no more to it.
func (s target) stick(dialect string) (stuckClient, error) {
	c, err := s.dialSmall()
	stuck := stuckClient{c, bulk(dialect, moreThanFits), make(chan struct{})}
	if err != nil {
		return stuck, err
	}
	var sent atomic.Int64
	go func() {
		defer close(stuck.sent)
		for rest := stuck.turn.send; rest != ""; {
			n, err := io.WriteString(c, rest[:min(len(rest), 64<<10)])
			sent.Add(int64(n))
			rest = rest[n:]
			if err != nil {
				return
			}
		}
		_ = c.CloseWrite()
	}()
	if dialect == "script" { // it has read all when it answers
		err = c.expect(stuck.turn.want[:1])
		stuck.turn.want = stuck.turn.want[1:]
	}
	for last := int64(0); last == 0 || last != sent.Load(); time.Sleep(100 * time.Millisecond) {
		last = sent.Load()
	}
	if err != nil {
		stuck.leave()
	}
	return stuck, err
}

// leave ends the client.
func (c stuckClient) leave() {
	_ = c.Close()
	<-c.sent
}

// toShow is how long to wait for a fault that takes d to show. The faulty server gets longer: on a
// busy machine its buffers are full later.
func (s target) toShow(d time.Duration) time.Duration {
	if s.patience < patience {
		return 8 * d
	}
	return d
}

// losesNothing takes nothing for a while, and then everything.
func losesNothing(s target, dialect string) error {
	c, err := s.stick(dialect)
	if err != nil {
		return err
	}
	defer c.leave()
	time.Sleep(s.toShow(600 * time.Millisecond))
	if err := c.expect(c.turn.want); err != nil {
		return err
	}
	return c.expectEnd()
}

func servesBesideStuck(s target, dialect string) error {
	c, err := s.stick(dialect)
	if err != nil {
		return err
	}
	defer c.leave()
	return s.goesOn(500*time.Millisecond, dialect)
}

// goesOn asks for as long as the server may take to find out that one of its clients is stuck.
func (s target) goesOn(d time.Duration, dialect string) error {
	for end := time.Now().Add(s.toShow(d)); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err := word(s, dialect); err != nil {
			return err
		}
	}
	return nil
}

func survivesStuck(s target, dialect string) error {
	c, err := s.stick(dialect)
	if err != nil {
		return err
	}
	defer c.leave()
	return s.goesOn(time.Second, dialect)
}

// connects leaves by a reset before it has sent anything.
func connects(s target, _ string) error {
	c, err := s.dial()
	if err == nil {
		c.reset()
	}
	return err
}

// saysHello begins as TLS does, and waits for the end of the connection.
func saysHello(s target, _ string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, c) // how it ends is not what is asked
	return nil
}

// keepsNothing measures what is in use of this process's memory, the server in it.
func keepsNothing(s target, dialect string) error {
	const size = 8 << 20
	many := bulk(dialect, size)
	before := inUse()
	if err := s.converse(many); err != nil {
		return err
	}
	if grown := int64(inUse()) - int64(before); grown > size/2 {
		return fmt.Errorf("%d bytes were sent, and %d are kept", len(many.send), grown)
	}
	runtime.KeepAlive(many)
	return nil
}

func inUse() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// answersBeforeLF sends as much of a line as its limit lets through. In script that is a command that there is not.
func answersBeforeLF(s target, dialect string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	long := strings.Repeat("x", 65536)
	if dialect == "line" {
		return c.take(turn{long, long + "\n"})
	}
	if err := c.take(turn{long, ""}); err != nil {
		return err
	}
	return c.expectEnd()
}

func twoMegabytes(s target, dialect string) error {
	return s.converse(bulk(dialect, 2<<20+2000))
}

// manyCuts sends 1500 segments that end inside a line.
func manyCuts(s target, dialect string) error {
	whole, begun, end := say(dialect, "x"), "a", "\n"
	if dialect == "script" {
		begun, end = "WRITE a", "\nSEND\n"
	}
	turns := []turn{{whole.send + begun, whole.want}}
	for range 1500 {
		rest := say(dialect, "ab")
		turns = append(turns, turn{"b" + end + whole.send + begun, rest.want + whole.want})
	}
	return s.converse(append(turns, turn{end, say(dialect, "a").want})...)
}
