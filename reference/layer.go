package reference

import (
	"errors"
	"net"
)

// A halfCloser can end its outgoing direction alone, as *net.TCPConn can.
type halfCloser interface {
	CloseWrite() error
}

var _ halfCloser = (*net.TCPConn)(nil)

// A layer is a connection that has another below it, as *tls.Conn has.
type layer interface {
	NetConn() net.Conn
}

// A handshaker has something to settle with the client before its first byte, as
// *tls.Conn has.
type handshaker interface {
	Handshake() error
}

// wire returns the connection on which the bytes of conn travel: the one below
// it, or conn itself.
func wire(conn net.Conn) net.Conn {
	if above, ok := conn.(layer); ok {
		return wire(above.NetConn())
	}
	return conn
}

// closeWrite ends the outgoing direction of rw, and then of what is below it: TLS
// tells its peer in a record of its own (RFC 8446, section 6.1), TCP in a FIN.
// ended is true where one of them did.
func closeWrite(rw any) (ended bool, err error) {
	if half, ok := rw.(halfCloser); ok {
		err = half.CloseWrite()
		ended = err == nil
	}
	if above, ok := rw.(layer); ok {
		below, belowErr := closeWrite(above.NetConn())
		return ended || below, errors.Join(err, belowErr)
	}
	return ended, err
}
