package conduct

import (
	"errors"
	"net"
	"sync"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// lifeFullFaults are those of a server without a descriptor left.
var lifeFullFaults = []plant.Fault{{
	Name:        "full-ends-accepting",
	Sentence:    "once its descriptors are used up the server accepts nobody any more; those that it has are served on",
	Requirement: "LIFE-13",
	Mistake:     "any error of accept ends the accept loop",
	Dialects:    plant.EveryDialect,
	Plant:       onFull(func(changes *plant.Changes) { <-changes.Stopped() }),
}, {
	Name:        "full-spins",
	Sentence:    "once its descriptors are used up the server keeps a core busy from then on",
	Requirement: "LIFE-13",
	Mistake:     "accept is tried again at once after an error, in a thread of its own that nothing ends",
	Dialects:    plant.EveryDialect,
	Plant: onFull(func(changes *plant.Changes) {
		go func() {
			for !changes.IsStopped() {
			}
		}()
	}),
}}

// onFull plants what is done the first time that accepting fails for the lack of a descriptor.
func onFull(do func(*plant.Changes)) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Accept = func(l net.Listener) net.Listener {
			return &filled{Listener: l, full: sync.OnceFunc(func() { do(changes) })}
		}
	}
}

// filled calls full when there is no descriptor for the next connection.
type filled struct {
	net.Listener
	full func()
}

func (l *filled) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if errors.Is(err, syscall.EMFILE) {
		l.full()
	}
	return conn, err
}
