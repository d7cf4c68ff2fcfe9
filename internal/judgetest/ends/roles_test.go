package ends

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// The servers that this binary can be, as a process of its own.

// serveMortal answers lines, and ends of one that is long.
func serveMortal(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	judgetest.Accepting(l, func(c net.Conn) {
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
	judgetest.Accepting(l, func(c net.Conn) {
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
		judgetest.Accepting(l, func(c net.Conn) {
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
	judgetest.Accepting(l, func(c net.Conn) { _, _ = io.Copy(c, c) }) // the client sees how far it comes
	return errors.New("it cannot accept")
}

// echoTo echoes. Its copy goes through memory: the kernel's needs descriptors of its own, which a pool keeps, or loses under the race detector.
func echoTo(c net.Conn) { _, _ = io.Copy(struct{ io.Writer }{c}, c) } // the client sees how far it comes

// endRoles are the servers that end of something, by their names.
func endRoles() map[string]func(addr string) error {
	roles := map[string]func(addr string) error{
		"mortal":      serveMortal,
		"starting":    serveStarting,
		"until-full":  serveWhileNotFull,
		"until-reset": serveUntilReset,
	}
	for name := range mortals {
		for how := range ends {
			roles[name+" "+how] = func(addr string) error { return serveEnding(name, how, addr) }
		}
	}
	return roles
}
