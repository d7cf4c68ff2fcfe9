package stream

import (
	"bytes"
	"io"
	"net"
	"slices"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var framFaults = slices.Concat(
	framGeneralFaults, framCutFaults, framTogetherFaults, framDueFaults, framStepFaults, framBurstFaults, framValueFaults, framPlaceFaults(),
)

// The faults of framing that stand in this file.
var framGeneralFaults = []plant.Fault{{
	Name:        "read-is-message",
	Sentence:    "where a segment ends, the message ends",
	Requirement: "FRAM-2",
	Mistake:     "recv is called once, and what it returns is taken for the whole message",
	Dialects:    plant.EveryDialect,
	Plant:       plantReadIsMessage,
}, {
	Name:        "crlf-split",
	Sentence:    "a cut between CR and LF loses the LF: two lines become one",
	Requirement: "FRAM-6",
	Mistake:     "an LF at the start of a read is taken for the rest of the CR LF before it",
	Dialects:    plant.LineDialects,
	Plant:       plantCRLFSplit,
}, {
	Name:        "drip",
	Sentence:    "the right answer comes at ten bytes a second",
	Requirement: "FRAM-8",
	Mistake:     "every byte is a write of its own, and waits for a timer",
	Dialects:    plant.EveryDialect,
	Trivial:     true,
	Plant:       plantDrip,
}, {
	Name:        "idle-1s",
	Sentence:    "a connection on which nothing comes for a second is closed, in the middle of a request too",
	Requirement: "FRAM-7",
	Mistake:     "a time limit that was meant for idle clients holds for every read",
	Dialects:    plant.EveryDialect,
	Plant:       func(changes *plant.Changes) { changes.Config.IdleTime = time.Second },
}, {
	Name:        "total-500ms",
	Sentence:    "a connection is closed half a second after it was accepted, whatever is going on",
	Requirement: "FRAM-7",
	Mistake:     "the time limit is set once for the connection, and not again for each read",
	Dialects:    plant.EveryDialect,
	Plant:       plantTotalTime,
}, {
	Name:        "answer-delayed",
	Sentence:    "every answer comes when the next request, or the end of the stream, has come",
	Requirement: "FRAM-1",
	Mistake:     "the output buffer is flushed at the start of the loop, after the read",
	Dialects:    plant.LineDialects,
	Plant:       writing(answerLate),
}, {
	Name:        "echo-delayed",
	Sentence:    "what is echoed comes when more, or the end of the stream, has come",
	Requirement: "FLOW-3",
	Mistake:     "the output buffer is flushed at the start of the loop, after the read",
	Dialects:    plant.ByteDialects,
	Plant:       writing(answerLate),
}, {
	Name:        "lf-out-crlf",
	Sentence:    "every LF of an answer comes as CR LF",
	Requirement: "FRAM-1",
	Mistake:     "the stream is written in text mode",
	Dialects:    []string{"echo", "greet", "line"},
	Plant:       writing(sendCRLF),
}, {
	Name:        "adds-newline",
	Sentence:    "every answer ends in one LF too many",
	Requirement: "FRAM-1",
	Mistake:     "the answer is sent by a print that ends the line",
	Dialects:    []string{"echo", "greet", "script"},
	Plant:       writing(sendLine),
}}

func plantReadIsMessage(changes *plant.Changes) {
	switch changes.Dialect {
	case "line", "script":
		changes.Conn = func(conn plant.Conn) net.Conn { return readIsLine{conn} }
	default:
		changes.Stream = func(s reference.Stream) reference.Stream { return &oneRead{Stream: s} }
	}
}

// readIsLine ends a line where a read ends.
type readIsLine struct{ plant.Conn }

func (c readIsLine) Read(p []byte) (int, error) {
	if len(p) < 2 {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p[:len(p)-1])
	if n > 0 && p[n-1] != '\n' {
		p[n] = '\n'
		n++
	}
	return n, err
}

// oneRead ends the stream after one read.
type oneRead struct {
	reference.Stream
	done bool
}

func (s *oneRead) ReadSome() ([]byte, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	return s.Stream.ReadSome()
}

func plantCRLFSplit(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &crlfSplit{Conn: conn} }
}

// crlfSplit drops an LF that comes first after a read that ended in CR.
type crlfSplit struct {
	plant.Conn
	afterCR bool
}

func (c *crlfSplit) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n == 0 {
		return n, err
	}
	dropped := c.afterCR && p[0] == '\n'
	c.afterCR = p[n-1] == '\r'
	if dropped {
		n = copy(p, p[1:n])
	}
	return n, err
}

func plantDrip(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return dripping{Conn: conn, stopped: changes.Stopped()} }
}

// dripInterval is the time between two bytes of drip.
const dripInterval = 100 * time.Millisecond

// dripping writes one byte at a time, until the server stops.
type dripping struct {
	plant.Conn
	stopped <-chan struct{}
}

func (c dripping) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := c.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		select {
		case <-time.After(dripInterval):
		case <-c.stopped:
			n, err := c.Conn.Write(p[i+1:])
			return i + 1 + n, err
		}
	}
	return len(p), nil
}

// totalTime is how long a connection of total-500ms may last.
const totalTime = 500 * time.Millisecond

func plantTotalTime(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return timed{conn, time.AfterFunc(totalTime, func() { _ = conn.Close() })}
	}
}

// timed is closed by a timer, or before it.
type timed struct {
	plant.Conn
	timer *time.Timer
}

func (c timed) Close() error {
	c.timer.Stop()
	return c.Conn.Close()
}

// answerLate keeps the content of a Send until the server has read again.
func answerLate(w *writer) {
	var late []byte
	over := false // the session ends: nothing will be read any more
	w.send = func(content []byte) error {
		if over {
			return w.deliver(content)
		}
		late = append(late, content...)
		return w.deliver(nil) // which says that the request was answered
	}
	w.read = func(ended bool) {
		over = ended
		if len(late) > 0 {
			_ = w.deliver(late) // an error shows at the next Send
			late = nil
		}
	}
}

func sendCRLF(w *writer) {
	w.send = func(content []byte) error {
		return w.deliver(bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n")))
	}
}

func sendLine(w *writer) {
	w.send = func(content []byte) error {
		if len(content) > 0 {
			content = append(content, '\n')
		}
		return w.deliver(content)
	}
}
