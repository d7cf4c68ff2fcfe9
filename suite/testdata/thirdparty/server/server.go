// Package server is what somebody else might have written: an echo and a line
// server, right, and wrong in the usual way.
package server

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"unicode/utf8"
)

// Start serves handle on a loopback address until the test is over.
func Start(t testing.TB, handle func(*net.TCPConn)) string {
	addr, stop, err := Serve(handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return addr
}

// Serve serves handle on a loopback address until stop is called.
func Serve(handle func(*net.TCPConn)) (addr string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String(), func() { l.Close() }, nil
}

// Echo answers what it reads.
func Echo(c *net.TCPConn) {
	io.Copy(c, c)
}

// EchoOnce takes what one read returns for the whole message.
func EchoOnce(c *net.TCPConn) {
	buf := make([]byte, 64<<10)
	n, _ := c.Read(buf)
	c.Write(buf[:n])
}

// Line answers every line, stripped.
func Line(c *net.TCPConn) {
	r := bufio.NewReaderSize(c, 65536)
	for {
		line, err := r.ReadSlice('\n')
		text := strings.Trim(string(line), " \t\n\v\f\r")
		if text == "" || !utf8.ValidString(text) {
			break
		}
		if _, failed := io.WriteString(c, text+"\n"); failed != nil {
			return
		}
		if err != nil && err != bufio.ErrBufferFull {
			break
		}
	}
	c.CloseWrite()
	io.CopyN(io.Discard, c, 64<<20)
}

// LineOnce takes every read for a line.
func LineOnce(c *net.TCPConn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if text := strings.TrimSpace(string(buf[:n])); text != "" {
			io.WriteString(c, strings.ReplaceAll(text, "\r\n", "\n")+"\n")
		}
		if err != nil {
			return
		}
	}
}
