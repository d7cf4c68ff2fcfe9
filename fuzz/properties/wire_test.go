package properties

import (
	"bytes"
	"io"
	"net"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// A wire is a connection whose client knows when the handler waits for input:
// all that it has to say has been said then.
type wire struct {
	asks     chan struct{} // the handler wants a segment
	segments chan []byte
	done     chan error // the handler has returned
	left     []byte
	got      bytes.Buffer
	over     bool
	err      error // what the handler returned, once it is over
}

// play runs a handler on a wire.
func play(handler reference.Handler) *wire {
	w := &wire{asks: make(chan struct{}), segments: make(chan []byte), done: make(chan error, 1)}
	go func() { w.done <- handler.Handle(reference.NewStreamHandler(w, reference.Config{})) }()
	w.wait()
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.left) == 0 {
		w.asks <- struct{}{}
		segment, ok := <-w.segments
		if !ok {
			return 0, io.EOF
		}
		w.left = segment
	}
	n := copy(p, w.left)
	w.left = w.left[n:]
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) { return w.got.Write(p) }

// send brings a segment, and waits until the handler waits again or returns.
func (w *wire) send(segment []byte) {
	if !w.over {
		w.segments <- segment
		w.wait()
	}
}

// end ends the client's side.
func (w *wire) end() {
	if !w.over {
		close(w.segments)
		w.wait()
	}
}

func (w *wire) wait() {
	select {
	case <-w.asks:
	case w.err = <-w.done:
		w.over = true
	}
}

// A side is one side of an in-memory connection, each direction of which ends by
// itself. It has the deadlines of net.Pipe.
type side struct{ in, out net.Conn }

// sides returns both sides of a connection.
func sides() (client, server *side) {
	a, b := net.Pipe()
	c, d := net.Pipe()
	return &side{in: a, out: c}, &side{in: d, out: b}
}

func (s *side) Read(p []byte) (int, error)         { return s.in.Read(p) }
func (s *side) Write(p []byte) (int, error)        { return s.out.Write(p) }
func (s *side) CloseWrite() error                  { return s.out.Close() }
func (s *side) LocalAddr() net.Addr                { return s.in.LocalAddr() }
func (s *side) RemoteAddr() net.Addr               { return s.in.RemoteAddr() }
func (s *side) SetWriteDeadline(t time.Time) error { return s.out.SetWriteDeadline(t) }

// SetReadDeadline sets none once the other side has ended, and is right then, as
// it is with TCP; net.Pipe has an error for it.
func (s *side) SetReadDeadline(t time.Time) error {
	_ = s.in.SetReadDeadline(t)
	return nil
}

// Close takes nothing more before it says the end: what the other side answers
// to that must not be read.
func (s *side) Close() error {
	err := s.in.Close()
	_ = s.out.Close()
	return err
}

func (s *side) SetDeadline(t time.Time) error {
	_ = s.SetWriteDeadline(t)
	return s.SetReadDeadline(t)
}

// A listener accepts the in-memory connections that dial makes.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newListener() *listener {
	return &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// dial returns the client's side, once the server has accepted the other.
func (l *listener) dial() *side {
	client, server := sides()
	l.conns <- server
	return client
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	close(l.closed)
	return nil
}

func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }
