package judge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// The servers that this binary can be, as a process of its own.

// serveMortal answers lines, and ends of one that is long.
func serveMortal(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	accepting(l, func(c net.Conn) {
		for lines := bufio.NewScanner(c); lines.Scan(); {
			if len(lines.Bytes()) > 1000 {
				os.Exit(3)
			}
			_, _ = fmt.Fprintln(c, strings.TrimSpace(lines.Text())) // the client sees how far it comes
		}
	})
	return nil
}

// serveUntilReset echoes, and ends of a client that resets its connection before it has said anything.
func serveUntilReset(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	accepting(l, func(c net.Conn) {
		buf := make([]byte, 4096)
		n, err := c.Read(buf)
		if errors.Is(err, syscall.ECONNRESET) {
			os.Exit(3)
		}
		if _, err := c.Write(buf[:n]); err == nil {
			echoTo(c)
		}
	})
	return nil
}

// serveStarting answers lines, but tells its first clients that it is still starting.
func serveStarting(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	var clients atomic.Int32
	for {
		accepting(l, func(c net.Conn) {
			if clients.Add(1) <= 3 {
				_, _ = io.WriteString(c, "not yet\n") // the client sees whether it comes
				return
			}
			echoTo(c)
		})
		time.Sleep(10 * time.Millisecond) // until it has descriptors again
	}
}

// serveWhileNotFull echoes, and ends when it cannot accept.
func serveWhileNotFull(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	accepting(l, func(c net.Conn) { _, _ = io.Copy(c, c) }) // the client sees how far it comes
	return errors.New("it cannot accept")
}

// echoTo echoes. Its copy goes through memory: the kernel's needs descriptors of its own, which a pool keeps, or loses under the race detector.
func echoTo(c net.Conn) { _, _ = io.Copy(struct{ io.Writer }{c}, c) } // the client sees how far it comes

// accepting gives each connection to serve, and closes it afterwards, until the listener is closed.
func accepting(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			serve(c)
		}()
	}
}

// serveRole serves until SIGTERM.
func serveRole(fault, dialect, addr string) error {
	if fault == "mortal" {
		return serveMortal(addr)
	}
	if fault == "until-reset" {
		return serveUntilReset(addr)
	}
	if fault == "until-full" {
		return serveWhileNotFull(addr)
	}
	if fault == "starting" {
		return serveStarting(addr)
	}
	if name, how, ok := strings.Cut(fault, " "); ok {
		return serveEnding(name, how, addr)
	}
	if how, ok := strings.CutPrefix(fault, "pages-"); ok {
		return servePages(how, addr)
	}
	if how, ok := strings.CutPrefix(fault, "frames-"); ok {
		return serveFrames(how, addr)
	}
	if how, ok := strings.CutPrefix(fault, "late-"); ok {
		return serveLate(how, addr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	cfg, patience := reference.Config{Addr: addr}, 3*time.Second
	if fault == "mute-after-work" {
		ctx, patience = afterWork(ctx, 1500*time.Millisecond), 1200*time.Millisecond
		cfg.Listen = func(addr string) (net.Listener, error) {
			l, err := net.Listen("tcp", addr)
			return wrapping{l, func(c conn) net.Conn { return &stoppedWrites{c, ctx, context.Background(), 0, 0} }}, err
		}
		fault = "right"
	}
	s, err := newServer(fault, dialect, cfg)
	if err != nil {
		return err
	}
	if err := s.Listen(); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeForever() }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
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
