//go:build linux

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strings"
	"time"
)

// descriptorsStay sees that this process has no descriptor that it did not have before. Those that others close meanwhile do not
// count. The right server has closed its end soon after the client.
func (s target) descriptorsStay(do func() error) error {
	before := descriptors()
	if err := do(); err != nil {
		return err
	}
	for end := time.Now().Add(s.patience); ; time.Sleep(time.Millisecond) {
		after := descriptors()
		maps.DeleteFunc(after, func(fd string, _ bool) bool { return before[fd] })
		if len(after) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d descriptors that were not there before", len(after))
		}
	}
}

// restsBesideSilent has a client be silent.
func restsBesideSilent(s target, dialect string) error {
	c, err := s.begin(dialect)
	if err != nil {
		return err
	}
	defer c.Close()
	return rests()
}

func stops(s target, _ string) error {
	return s.wait(s.stop())
}

// stopsBesideIdle stops the server while a client has nothing to ask.
func stopsBesideIdle(s target, dialect string) error {
	c, err := s.begin(dialect)
	if err != nil {
		return err
	}
	defer c.Close()
	return s.wait(s.stop())
}

// stop asks the server to stop, and returns where its error arrives.
func (s target) stop() <-chan error {
	stopped := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	go func() {
		defer cancel()
		stopped <- s.Shutdown(ctx)
	}()
	return stopped
}

// wait waits until the server has stopped.
func (s target) wait(stopped <-chan error) error {
	select {
	case err := <-stopped:
		return err
	case <-time.After(s.patience):
		return errors.New("the server does not stop")
	}
}

// finishesAnswer stops the server when it has received all, and its client has read next to nothing. The answer is
// more than the client's kernel takes.
func finishesAnswer(s target, dialect string) error {
	c, err := s.dialPatiently()
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetReadBuffer(8 << 10); err != nil {
		return err
	}
	t := bulk(dialect, 100<<10)
	if _, err := c.Write([]byte(t.send)); err != nil {
		return err
	}
	if err := c.awaitTaken(); err != nil {
		return err
	}
	if dialect == "script" { // it has read all when it answers
		if err := c.expect(t.want[:1]); err != nil {
			return err
		}
		t.want = t.want[1:]
	}
	stopped := s.stop()
	if err := errors.Join(s.awaitRefusal(), c.SetReadBuffer(1<<20)); err != nil {
		return err
	}
	if err := c.expect(t.want); err != nil {
		return err
	}
	if err := c.expectEnd(); err != nil {
		return err
	}
	_ = c.Close()
	return s.wait(stopped)
}

// awaitRefusal waits until the server accepts nothing more.
func (s target) awaitRefusal() error {
	for end := time.Now().Add(s.patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			return nil
		}
		_ = c.Close()
	}
	return errors.New("the server goes on accepting")
}

// dialTo connects to an address within the patience.
func (s target) dialTo(addr string) (client, error) {
	conn, err := net.DialTimeout("tcp", addr, s.patience)
	if err != nil {
		return client{}, err
	}
	return client{conn.(*net.TCPConn)}, conn.SetDeadline(time.Now().Add(s.patience))
}

// dialPatiently is dial for what takes its time, with a faulty server too.
func (s target) dialPatiently() (client, error) {
	s.patience = patience
	return s.dial()
}

// bulk returns a turn of about n bytes, the first of a connection; no two lines of it are alike.
func bulk(dialect string, n int) turn {
	const length = 1000
	var lines []string
	for i := range n / length {
		lines = append(lines, fmt.Sprintf("%08d%s", i, strings.Repeat("b", length-9)))
	}
	switch dialect {
	case "line":
		all := strings.Join(lines, "\n") + "\n"
		return turn{all, all}
	case "script":
		return turn{"WRITE " + strings.Join(lines, "\nWRITE ") + "\nSEND\n", strings.Join(lines, "")}
	}
	return say(dialect, strings.Join(lines, "\n"))
}
