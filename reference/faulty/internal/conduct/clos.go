package conduct

import (
	"errors"
	"io"
	"net"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var closFaults = []plant.Fault{{
	Name:        "reset-close",
	Sentence:    "every connection ends by a reset",
	Requirement: "CLOS-4",
	Mistake:     "SO_LINGER is set to 0 against connections in TIME_WAIT",
	Dialects:    plant.EveryDialect,
	Plant:       plantResetClose,
}, {
	Name:        "no-linger",
	Sentence:    "input left unread turns the close into a reset, which may destroy the last answer",
	Requirement: "CLOS-2",
	Mistake:     "the socket is closed as soon as the last answer is written",
	Dialects:    plant.ScriptAlone,
	Plant:       plantNoLinger,
}, {
	Name:        "eof-loses",
	Sentence:    "bytes that come together with the end of the stream are lost",
	Requirement: "CLOS-1",
	Mistake:     "a hang-up that poll reports with the last bytes is handled before them",
	Dialects:    plant.EveryDialect,
	Plant:       plantEOFLoses,
}, {
	Name:        "eof-empty",
	Sentence:    "a client that half-closes without having sent anything waits for the close for good",
	Requirement: "CLOS-3",
	Mistake:     "the end of the stream is looked for behind a request, and not in the place of one",
	Dialects:    plant.EveryDialect,
	Plant:       plantEOFEmpty,
}}

func plantResetClose(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return resetting{conn} }
}

// resetting closes by a reset, and in no other way.
type resetting struct{ plant.Conn }

func (c resetting) CloseWrite() error {
	return errors.ErrUnsupported
}

func (c resetting) Close() error {
	return errors.Join(c.SetLinger(0), c.Conn.Close())
}

func plantNoLinger(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return closing{conn} }
}

// closing can be closed in both directions alone.
type closing struct{ net.Conn }

func plantEOFLoses(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return hangingUp{conn} }
}

// hangingUp drops what it reads when the end of the stream had come before it read.
type hangingUp struct{ plant.Conn }

func (c hangingUp) Read(p []byte) (int, error) {
	ended := hungUp(c.Conn)
	n, err := c.Conn.Read(p)
	if n > 0 && ended && endFollows(c.Conn) {
		return 0, io.EOF
	}
	return n, err
}

func plantEOFEmpty(changes *plant.Changes) {
	changes.Config.MaxConnections = -1 // those that stay open keep nobody out
	changes.Conn = func(conn plant.Conn) net.Conn { return &expecting{Conn: conn, changes: changes} }
}

// expecting does not see the end of the stream before the first byte, until the server stops.
type expecting struct {
	plant.Conn
	changes *plant.Changes
	began   bool
}

func (c *expecting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.began = c.began || n > 0
	if err == io.EOF && !c.began {
		<-c.changes.Stopped()
	}
	return n, err
}
