package conduct

import (
	"bytes"
	"io"
	"net"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The trivial servers do not serve at all; a suite that passes one of them has
// shown nothing.
var trivialFaults = []plant.Fault{{
	Name:        "accept-close",
	Sentence:    "every connection is closed as soon as it is open",
	Requirement: "LIFE-1",
	Mistake:     "the handler is never called",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       instead(acceptClose),
}, {
	Name:        "accept-hang",
	Sentence:    "connections are accepted, and nothing is ever read or answered",
	Requirement: "LIFE-1",
	Mistake:     "the handler waits for something that never comes",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       instead(acceptHang),
}, {
	Name:        "flood",
	Sentence:    "the answer never ends, whatever is sent",
	Requirement: "FRAM-1",
	Mistake:     "the loop that writes has no end",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       instead(flood),
}, {
	Name:        "sink",
	Sentence:    "everything is read and nothing answered",
	Requirement: "LIFE-1",
	Mistake:     "the answer is written to a buffer that nobody flushes",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       instead(sink),
}, {
	Name:        "constant",
	Sentence:    "the answer to everything is OK",
	Requirement: "FRAM-1",
	Mistake:     "the answer was tried out with one request",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       instead(constant),
}, {
	Name:        "accept-reset",
	Sentence:    "every connection is reset as soon as it is open",
	Requirement: "LIFE-1",
	Mistake:     "a proxy in front of the server accepts, and has nobody to pass the client on to",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       plantAcceptReset,
}, {
	Name:        "once",
	Sentence:    "the first client is served, and no later one gets anything",
	Requirement: "LIFE-2",
	Mistake:     "the first connection's thread never gives back what every connection needs",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       plantOnce,
}, {
	Name:        "early-answer",
	Sentence:    "every client is sent hello when it comes, and nothing after that",
	Requirement: "FRAM-1",
	Mistake:     "the server is a banner alone",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       instead(earlyAnswer),
}}

// instead plants a session in the place of the dialect.
func instead(session func(changes *plant.Changes, s reference.Stream) error) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Session = func(reference.Dialect) reference.Dialect {
			return func(s reference.Stream) error { return session(changes, s) }
		}
	}
}

func acceptClose(*plant.Changes, reference.Stream) error {
	return nil
}

func acceptHang(changes *plant.Changes, _ reference.Stream) error {
	<-changes.Stopped()
	return nil
}

func flood(changes *plant.Changes, s reference.Stream) error {
	wave := bytes.Repeat([]byte("flood\n"), 1<<12)
	for !changes.IsStopped() {
		s.WriteBytes(wave)
		if err := s.Send(); err != nil {
			return err
		}
	}
	return nil
}

func sink(_ *plant.Changes, s reference.Stream) error {
	return answerEach(s, "")
}

func constant(_ *plant.Changes, s reference.Stream) error {
	return answerEach(s, "OK\n")
}

func earlyAnswer(_ *plant.Changes, s reference.Stream) error {
	s.WriteContent("hello\n")
	if err := s.Send(); err != nil {
		return err
	}
	return answerEach(s, "")
}

// answerEach gives the same answer to every segment.
func answerEach(s reference.Stream, answer string) error {
	for {
		if _, err := s.ReadSome(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		s.WriteContent(answer)
		if err := s.Send(); err != nil {
			return err
		}
	}
}

func plantAcceptReset(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		_ = conn.SetLinger(0)
		_ = conn.Close()
		return conn
	}
}

func plantOnce(changes *plant.Changes) {
	served := false
	changes.Conn = func(conn plant.Conn) net.Conn {
		if served {
			return hung{conn, changes.Stopped()}
		}
		served = true
		return conn
	}
}

// hung reads nothing until the server stops, and then the end of the stream.
type hung struct {
	plant.Conn
	stopped <-chan struct{}
}

func (c hung) Read([]byte) (int, error) {
	<-c.stopped
	return 0, io.EOF
}
