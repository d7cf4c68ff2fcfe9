package inmemory

import (
	"net"
	"time"
)

// A Conn is one side of a connection. It has the deadlines of net.Pipe, and like
// that keeps nothing: a write returns when the other side has read all of it. Each
// direction ends by itself, as with TCP.
type Conn struct{ in, out net.Conn }

// Pipe returns both sides of a connection.
func Pipe() (client, server *Conn) {
	a, b := net.Pipe()
	c, d := net.Pipe()
	return &Conn{in: a, out: c}, &Conn{in: d, out: b}
}

func (c *Conn) Read(p []byte) (int, error)         { return c.in.Read(p) }
func (c *Conn) Write(p []byte) (int, error)        { return c.out.Write(p) }
func (c *Conn) LocalAddr() net.Addr                { return c.in.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr               { return c.in.RemoteAddr() }
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.out.SetWriteDeadline(t) }

// CloseWrite ends the outgoing direction: the other side reads io.EOF.
func (c *Conn) CloseWrite() error { return c.out.Close() }

// SetReadDeadline sets none once the other side has ended, and is right then, as
// it is with TCP; net.Pipe has an error for it.
func (c *Conn) SetReadDeadline(t time.Time) error {
	_ = c.in.SetReadDeadline(t)
	return nil
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	_ = c.SetWriteDeadline(t)
	return c.SetReadDeadline(t)
}

// Close takes nothing more before it says the end: what the other side answers
// to that must not be read.
func (c *Conn) Close() error {
	err := c.in.Close()
	_ = c.out.Close()
	return err
}

// A Listener accepts the connections that Dial makes.
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
}

// Listen returns a listener without an address.
func Listen() *Listener {
	return &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial returns the client's side, once the server has accepted the other.
func (l *Listener) Dial() *Conn {
	client, server := Pipe()
	l.conns <- server
	return client
}

// Accept returns the server's side of a connection, and net.ErrClosed after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. It is called once.
func (l *Listener) Close() error {
	close(l.closed)
	return nil
}

// Addr returns an address that stands for none.
func (l *Listener) Addr() net.Addr { return &net.TCPAddr{} }
