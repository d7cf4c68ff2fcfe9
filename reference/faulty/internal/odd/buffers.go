package odd

import (
	"net"
	"sync"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// buffers put a bounded queue, and a goroutine, between handler and socket.
var buffers = []plant.Control{{
	Name:     "reads-ahead",
	Sentence: "the socket is read before the handler asks, up to four reads of 32 KiB ahead",
	Dialects: plant.EveryDialect,
	Plant:    plantReadsAhead,
}, {
	Name:     "writes-elsewhere",
	Sentence: "another goroutine writes the answers to the socket, with at most 256 KiB waiting",
	Dialects: plant.EveryDialect,
	Plant:    plantWritesElsewhere,
}, {
	Name:     "second-later",
	Sentence: "another goroutine writes the answers, and of a connection's first twenty every second one 30 ms later",
	Dialects: plant.EveryDialect,
	Plant:    plantSecondLater,
}}

// A timeLimit is a deadline for waits on a condition, whose lock is held
// whenever a method is called.
type timeLimit struct {
	changed *sync.Cond
	at      time.Time
	timer   *time.Timer
}

// change sets the deadline; the zero time is none. Those who wait look again.
func (l *timeLimit) change(at time.Time) {
	l.at = at
	l.stop()
	if !at.IsZero() {
		l.timer = time.AfterFunc(time.Until(at), l.ring)
	}
	l.changed.Broadcast()
}

// ring has those who wait look again. It takes the lock itself.
func (l *timeLimit) ring() {
	l.changed.L.Lock()
	defer l.changed.L.Unlock()
	l.changed.Broadcast()
}

func (l *timeLimit) passed() bool {
	return !l.at.IsZero() && !time.Now().Before(l.at)
}

func (l *timeLimit) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// failed is the error of an operation on conn, as package net words it.
func failed(operation string, conn net.Conn, err error) error {
	return &net.OpError{Op: operation, Net: "tcp", Source: conn.LocalAddr(), Addr: conn.RemoteAddr(), Err: err}
}
