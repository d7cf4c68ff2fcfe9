package conduct

import (
	"errors"
	"net"
	"slices"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var lifeFaults = slices.Concat(lifeServingFaults, lifeProcessFaults, lifeResourceFaults, lifeFullFaults)

// lifeServingFaults are those of serving one connection after another.
var lifeServingFaults = []plant.Fault{{
	Name:        "fail-kills",
	Sentence:    "a handler that fails ends the whole server",
	Requirement: "LIFE-4",
	Mistake:     "the error of a handler is returned from the accept loop",
	Dialects:    plant.LineDialects,
	Plant:       plantFailKills,
}, {
	Name:        "one-shot",
	Sentence:    "one client is served, and all later ones are refused",
	Requirement: "LIFE-2",
	Mistake:     "accept is called once, outside the loop",
	Dialects:    plant.EveryDialect,
	Plant:       acceptsOnly(1),
}, {
	Name:        "counted-accept",
	Sentence:    "after 40 connections all later ones are refused",
	Requirement: "LIFE-2",
	Mistake:     "the accept loop counts its rounds, left from a test",
	Dialects:    plant.EveryDialect,
	Plant:       acceptsOnly(40),
}, {
	Name:        "reset-ends",
	Sentence:    "a client that resets its connection ends the whole server",
	Requirement: "LIFE-5",
	Mistake:     "nobody catches the exception of a read from a connection that was reset",
	Dialects:    plant.EveryDialect,
	Plant:       plantResetEnds,
}, {
	Name:        "write-error-ends",
	Sentence:    "a client that leaves before it has its answer ends the whole server",
	Requirement: "LIFE-5",
	Mistake:     "SIGPIPE, whose default is to end the process, is not ignored",
	Dialects:    plant.EveryDialect,
	Plant:       plantWriteErrorEnds,
}, {
	Name:        "never-closes",
	Sentence:    "a connection stays open when its handler is done",
	Requirement: "LIFE-3",
	Mistake:     "closing is left to the client",
	Dialects:    plant.EveryDialect,
	Plant:       plantNeverCloses,
}, {
	Name:        "fail-hangs",
	Sentence:    "a handler that fails leaves its connection open, and silent for good",
	Requirement: "LIFE-4",
	Mistake:     "the close stands behind the handler's call, and an exception passes it by",
	Dialects:    plant.LineDialects,
	Plant:       plantFailHangs,
}, {
	Name:        "fail-answers",
	Sentence:    "a handler that fails sends the line error before its connection is closed",
	Requirement: "LIFE-4",
	Mistake:     "the error is told to the client, in a protocol that has no word for it",
	Dialects:    plant.ScriptAlone,
	Plant:       plantFailAnswers,
}}

func plantFailKills(changes *plant.Changes) {
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			err := d(s)
			if err != nil {
				changes.Kill()
			}
			return err
		}
	}
}

// acceptsOnly plants a listener that is closed as soon as it has accepted n connections.
func acceptsOnly(n int) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Accept = func(l net.Listener) net.Listener { return &counted{door: newDoor(l), left: n} }
	}
}

// counted accepts as many connections as are left.
type counted struct {
	*door
	left int
}

func (l *counted) Accept() (net.Conn, error) {
	conn, err := l.door.Accept()
	if err != nil {
		return nil, err
	}
	if l.left--; l.left == 0 {
		l.shut()
	}
	return conn, nil
}

func plantResetEnds(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &watched{Conn: conn, onRead: func(_ []byte, err error) {
			if isReset(err) {
				changes.Kill()
			}
		}}
	}
}

func plantWriteErrorEnds(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &watched{Conn: conn, onWrite: func(_ int, err error) {
			if isGone(err) {
				changes.Kill()
			}
		}}
	}
}

func plantNeverCloses(changes *plant.Changes) {
	changes.Config.MaxConnections = -1 // those that stay open keep nobody out
	changes.Conn = func(conn plant.Conn) net.Conn { return staying{conn, changes} }
}

// staying is not closed, in either direction, until the server stops.
type staying struct {
	plant.Conn
	changes *plant.Changes
}

func (c staying) CloseWrite() error {
	return errors.ErrUnsupported
}

func (c staying) Close() error {
	<-c.changes.Stopped()
	return c.Conn.Close()
}

// afterFailure plants what is done when a handler has failed, before its connection is closed.
func afterFailure(changes *plant.Changes, do func(s reference.Stream)) {
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			err := d(s)
			if isFailure(err) {
				do(s)
			}
			return err
		}
	}
}

func plantFailHangs(changes *plant.Changes) {
	changes.Config.MaxConnections = -1
	afterFailure(changes, func(reference.Stream) { <-changes.Stopped() })
}

// plantFailAnswers sends what was unsent too: that a server may.
func plantFailAnswers(changes *plant.Changes) {
	afterFailure(changes, func(s reference.Stream) {
		s.WriteContent("error\n")
		_ = s.Send() // the connection is closed in any case
	})
}
