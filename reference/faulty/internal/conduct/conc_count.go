package conduct

import (
	"net"
	"sync/atomic"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantCap(changes *plant.Changes) {
	var open atomic.Int64
	changes.Accept = func(l net.Listener) net.Listener { return &capped{l, &open} }
	changes.Conn = func(conn plant.Conn) net.Conn {
		open.Add(1)
		return &watched{Conn: conn, onClose: func() { open.Add(-1) }}
	}
}

// mostClients is how many capped lets in at once.
const mostClients = 100

// capped closes what it accepts beyond mostClients.
type capped struct {
	net.Listener
	open *atomic.Int64 // that one too which was just accepted
}

func (l *capped) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || l.open.Load() <= mostClients {
			return conn, err
		}
		_ = conn.Close()
	}
}

func plantPool(changes *plant.Changes) {
	changes.Config.MaxConnections = 50
}
