package faulty

import (
	"errors"
	"net"
)

var closFaults = []Fault{{
	Name:        "reset-close",
	Sentence:    "every connection ends by a reset",
	Requirement: "CLOS-4",
	Mistake:     "SO_LINGER is set to 0 against connections in TIME_WAIT",
	Dialects:    everyDialect,
	plant:       plantResetClose,
}, {
	Name:        "no-linger",
	Sentence:    "input left unread turns the close into a reset, which may destroy the last answer",
	Requirement: "CLOS-2",
	Mistake:     "the socket is closed as soon as the last answer is written",
	Dialects:    scriptAlone,
	plant:       plantNoLinger,
}}

func plantResetClose(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return resetting{conn} }
}

// resetting closes by a reset, and in no other way.
type resetting struct{ *net.TCPConn }

func (c resetting) CloseWrite() error {
	return errors.ErrUnsupported
}

func (c resetting) Close() error {
	return errors.Join(c.SetLinger(0), c.TCPConn.Close())
}

func plantNoLinger(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return closing{conn} }
}

// closing can be closed in both directions alone.
type closing struct{ net.Conn }
