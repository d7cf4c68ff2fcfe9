package odd

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// full has what servers do that have no descriptor left.
var full = []plant.Control{{
	Name:     "full-refuses",
	Sentence: "when its descriptors are used up, a new client is accepted by one that was kept for this, and its connection closed at once",
	Dialects: plant.EveryDialect,
	Plant:    plantFullRefuses,
}}

func plantFullRefuses(changes *plant.Changes) {
	changes.Accept = func(l net.Listener) net.Listener {
		r := &refusing{Listener: l}
		r.keep()
		return r
	}
}

// refusing keeps a descriptor, by which it can tell a client that there is none for it.
type refusing struct {
	net.Listener
	mu   sync.Mutex
	kept *os.File // nil where none was to be had
}

// keep takes a descriptor, where one is to be had.
func (r *refusing) keep() {
	if r.kept == nil {
		r.kept, _ = os.Open(os.DevNull)
	}
}

func (r *refusing) Accept() (net.Conn, error) {
	for {
		conn, err := r.Listener.Accept()
		if !errors.Is(err, syscall.EMFILE) || !r.refuse() {
			return conn, err
		}
	}
}

// refuse accepts one client by the descriptor that was kept, and closes its connection.
func (r *refusing) refuse() (refused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.keep()
		return false
	}
	_ = r.kept.Close()
	r.kept = nil
	conn, err := r.Listener.Accept()
	if err == nil {
		_ = conn.Close()
	}
	r.keep()
	return err == nil
}

// Close closes the listener, and what was kept.
func (r *refusing) Close() error {
	err := r.Listener.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept != nil {
		_ = r.kept.Close()
		r.kept = nil
	}
	return err
}
