package conduct

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// lifeProcessFaults are those of binding an address, and of stopping.
var lifeProcessFaults = []plant.Fault{{
	Name:        "ignore-sigterm",
	Sentence:    "asked to stop, the server serves on",
	Requirement: "LIFE-6",
	Mistake:     "the handler of SIGTERM sets a flag that no loop looks at",
	Dialects:    plant.EveryDialect,
	Plant:       plantIgnoreSIGTERM,
}, {
	Name:        "stop-waits-for-clients",
	Sentence:    "asked to stop, the server runs until every client has left, the idle ones too",
	Requirement: "LIFE-6",
	Mistake:     "stopping joins the threads of the connections, which wait for input",
	Dialects:    plant.EveryDialect,
	Plant:       plantStopWaits,
}, {
	Name:        "stop-cuts-answer",
	Sentence:    "asked to stop, the server cuts off the answers in progress",
	Requirement: "LIFE-7",
	Mistake:     "the handler of SIGTERM closes every connection, and exits",
	Dialects:    []string{"echo", "line", "script"},
	Plant:       plantStopCuts,
}, {
	Name:        "taken-silent",
	Sentence:    "when its address is taken, the server runs without a word, and serves nobody",
	Requirement: "LIFE-8",
	Mistake:     "what bind returns is not looked at",
	Dialects:    plant.EveryDialect,
	Plant:       plantTakenSilent,
}, {
	Name:        "taken-zero",
	Sentence:    "when its address is taken, the server ends with status 0",
	Requirement: "LIFE-8",
	Mistake:     "the error is caught around the main loop, and passed over",
	Dialects:    plant.EveryDialect,
	Plant:       plantTakenZero,
}, {
	Name:        "taken-shared",
	Sentence:    "a second server on the same address takes a part of its clients",
	Requirement: "LIFE-8",
	Mistake:     "SO_REUSEPORT is set where SO_REUSEADDR was meant",
	Dialects:    plant.EveryDialect,
	Plant:       plantTakenShared,
}, {
	Name:        "no-reuseaddr",
	Sentence:    "for a minute after a stop its address cannot be bound again",
	Requirement: "LIFE-9",
	Mistake:     "SO_REUSEADDR is not set before bind",
	Dialects:    plant.EveryDialect,
	Plant:       plantNoReuseAddr,
}, {
	Name:        "backlog-3",
	Sentence:    "no more than 4 connections wait to be accepted",
	Requirement: "LIFE-12",
	Mistake:     "listen is called with a backlog of 3",
	Dialects:    plant.EveryDialect,
	Plant:       plantBacklog,
}}

func plantIgnoreSIGTERM(changes *plant.Changes) {
	changes.Shutdown = func(context.Context, func(context.Context) error) error {
		<-changes.Stopped()
		return nil
	}
}

func plantStopWaits(changes *plant.Changes) {
	var open atomic.Int64
	changes.Conn = func(conn plant.Conn) net.Conn {
		open.Add(1)
		return &watched{Conn: conn, onClose: func() { open.Add(-1) }}
	}
	var entrance atomic.Pointer[door] // nil before Listen
	changes.Accept = func(l net.Listener) net.Listener {
		d := newDoor(l)
		entrance.Store(d)
		return d
	}
	changes.Shutdown = func(_ context.Context, right func(context.Context) error) error {
		if d := entrance.Load(); d != nil {
			d.shut()
		}
		for open.Load() > 0 && !changes.IsStopped() {
			time.Sleep(time.Millisecond)
		}
		return right(context.Background())
	}
}

func plantStopCuts(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &watched{Conn: conn, onClose: func() {
			if changes.IsStopped() && unsent(conn) {
				_ = conn.SetLinger(0) // or the kernel would send what it has of the answer
			}
		}}
	}
	changes.Shutdown = func(context.Context, func(context.Context) error) error {
		changes.Kill()
		return nil
	}
}

// errTaken is what dead returns to a server that goes no further.
var errTaken = errors.New("faulty: address taken")

func plantTakenSilent(changes *plant.Changes) {
	bindQuietly(changes, func(d *dead) net.Listener { return d })
}

func plantTakenZero(changes *plant.Changes) {
	bindQuietly(changes, func(d *dead) net.Listener { return givingUp{d} })
	changes.Serve = func(right func() error) error {
		err := right()
		if errors.Is(err, errTaken) {
			return nil
		}
		return err
	}
}

func plantTakenShared(changes *plant.Changes) {
	if !canShare {
		plantTakenSilent(changes)
		return
	}
	changes.Bind = bindWith(share)
}

// bindQuietly plants a listener that listens nowhere when the address is taken.
func bindQuietly(changes *plant.Changes, instead func(*dead) net.Listener) {
	var taken *net.TCPAddr
	changes.Bind = func(addr string) (*net.TCPListener, error) {
		l, err := plant.BindRight(addr)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
		taken, err = net.ResolveTCPAddr("tcp", addr)
		return new(net.TCPListener), err
	}
	changes.Accept = func(l net.Listener) net.Listener {
		if taken == nil {
			return l
		}
		return instead(newDead(l, taken))
	}
}

// dead listens nowhere. It accepts nobody, and waits until it is closed.
type dead struct {
	*door
	addr net.Addr
}

func newDead(l net.Listener, addr net.Addr) *dead {
	d := &dead{newDoor(l), addr}
	d.shut()
	return d
}

func (d *dead) Addr() net.Addr {
	return d.addr
}

// givingUp does not wait.
type givingUp struct{ *dead }

func (givingUp) Accept() (net.Conn, error) {
	return nil, errTaken
}

func plantNoReuseAddr(changes *plant.Changes) {
	changes.Bind = bindWith(doNotReuse)
}

// bindWith listens as the right server does, on a socket that was prepared.
func bindWith(prepare func(network, addr string, c syscall.RawConn) error) func(addr string) (*net.TCPListener, error) {
	return func(addr string) (*net.TCPListener, error) {
		cfg := net.ListenConfig{Control: prepare}
		l, err := cfg.Listen(context.Background(), "tcp", addr)
		if err != nil {
			return nil, err
		}
		return l.(*net.TCPListener), nil
	}
}

func plantBacklog(changes *plant.Changes) {
	changes.Bind = func(addr string) (*net.TCPListener, error) {
		l, err := plant.BindRight(addr)
		if err != nil {
			return nil, err
		}
		if err := setBacklog(l, 3); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		return l, nil
	}
}
