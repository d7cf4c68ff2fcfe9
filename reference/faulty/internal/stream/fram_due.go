package stream

import (
	"net"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that show when a client waits for what is due in the middle of its next request.
var framDueFaults = []plant.Fault{{
	Name:        "until-lf",
	Sentence:    "what has come is taken only when it ends in LF: behind a whole request the beginning of the next one delays the answer",
	Requirement: "FRAM-9",
	Mistake:     "reads are collected until the buffer ends in LF (data.endsWith), and its lines are looked for only then",
	Dialects:    plant.LineDialects,
	Plant:       plantUntilLF,
}}

func plantUntilLF(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &untilLF{Conn: conn} }
}

// untilLF collects what is read until that ends in LF, or the stream does.
type untilLF struct {
	plant.Conn
	collected []byte // beginning with what is handed out next
	whole     bool   // it ends in LF, or at the end of the stream
	err       error  // behind it
}

func (c *untilLF) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for !c.whole && c.err == nil {
		chunk := make([]byte, 4096)
		n, err := c.Conn.Read(chunk)
		c.collected, c.err = append(c.collected, chunk[:n]...), err
		c.whole = n > 0 && chunk[n-1] == '\n'
	}
	if len(c.collected) == 0 {
		return 0, c.err
	}
	n := copy(p, c.collected)
	if c.collected = c.collected[n:]; len(c.collected) == 0 {
		c.collected, c.whole = nil, false
	}
	return n, nil
}
