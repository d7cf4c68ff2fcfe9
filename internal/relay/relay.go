// Package relay passes connections on, later: a server behind it is as far away as it says.
package relay

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// Serve passes on what comes at l to a server at that address, and back, each byte and each end so long after it came. It returns when l is
// closed.
func Serve(l net.Listener, to string, late time.Duration) error {
	for {
		client, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			server, err := net.Dial("tcp", to)
			for began := time.Now(); err != nil && time.Since(began) < patience.Ready; { // it listens before long
				time.Sleep(patience.LookAtProcess)
				server, err = net.Dial("tcp", to)
			}
			if err != nil {
				_ = client.Close()
				return
			}
			go passOn(server, client, late)
			passOn(client, server, late)
		}()
	}
}

// passOn passes on what comes from one connection to the other, and how it ends.
func passOn(from, to net.Conn, late time.Duration) {
	type part struct {
		came  time.Time
		bytes []byte
		err   error // behind which nothing comes
	}
	parts := make(chan part, 1<<10)
	go func() {
		for {
			p := part{bytes: make([]byte, 32<<10)}
			n, err := from.Read(p.bytes)
			p.came, p.bytes, p.err = time.Now(), p.bytes[:n], err
			parts <- p
			if err != nil {
				return
			}
		}
	}()
	ended := false
	for {
		p := <-parts
		if ended { // the other side is gone: what still comes goes nowhere
			if p.err != nil {
				return
			}
			continue
		}
		time.Sleep(time.Until(p.came.Add(late))) // the distance itself
		_, err := to.Write(p.bytes)
		switch {
		case err == nil && p.err == nil:
		case err == nil && errors.Is(p.err, io.EOF):
			_ = to.(*net.TCPConn).CloseWrite()
			return
		default:
			_ = to.(*net.TCPConn).SetLinger(0)
			_ = to.Close()
			_ = from.Close()
			if ended = true; p.err != nil {
				return
			}
		}
	}
}
