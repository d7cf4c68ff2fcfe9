// Package timeline keeps what happened on a connection, in order: the first and the last of its events, and the server's bytes where they arrived.
package timeline

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Kind is what an event is about.
type Kind string

// The kinds of events.
const (
	KindConnect       Kind = "connect"        // the connection was made
	KindSend          Kind = "send"           // a segment was handed to the system
	KindCut           Kind = "cut"            // the wait until the server had read everything is over
	KindPause         Kind = "pause"          // a planned pause begins
	KindFIN           Kind = "fin"            // the client ended its stream
	KindReset         Kind = "reset"          // the client aborted the connection
	KindReceive       Kind = "receive"        // bytes arrived, as far as that was seen before they were read
	KindReceivedFIN   Kind = "received-fin"   // the server ended its stream
	KindReceivedReset Kind = "received-reset" // the server aborted the connection
	KindWaitOver      Kind = "wait-over"      // a wait for the answer ran out
	KindNote          Kind = "note"           // anything else, in words
)

// The bounds of a timeline.
const (
	keptFirst = 200 // events from the beginning
	keptLast  = 40  // events up to the end
	fewEvents = 12  // of a request in three segments and its answer
	excerpt   = 96  // bytes of what was sent or received
)

// Event is one entry in the timeline of a connection.
type Event struct {
	// At is the time since the connecting began.
	At time.Duration
	// Kind is what happened.
	Kind Kind
	// Bytes is an excerpt of what was sent or received: its first bytes, at most 96; of what has arrived, those that were read.
	Bytes []byte
	// Count is the number of bytes sent or received, of which Bytes shows the first; in the note that stands for events that
	// were not kept, their number.
	Count int
	// Confirmation is how sure a cut is.
	Confirmation Confirmation
	// Conn is the number of the connection, as its owner numbers it.
	Conn int
	// Note says more in words; it may be empty.
	Note string
}

// record is an event with its excerpt in place, so that keeping one allocates nothing.
type record struct {
	at           time.Duration
	kind         Kind
	count        int
	confirmation Confirmation
	note         string
	size         int
	bytes        [excerpt]byte
}

// A Log keeps the first and the last events of a connection. It is safe for concurrent use.
type Log struct {
	Start  time.Time // when the connecting began
	Number int       // of the connection

	mu    sync.Mutex
	first []record
	last  []record // a ring, once it is full
	added int      // events in all
	in    incoming
}

// Add records an event that happens now; of b the first bytes are kept, and count is how many there are in all.
func (t *Log) Add(kind Kind, b []byte, count int, how Confirmation, note string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record(kind, b, count, how, note)
}

// record is Add for one who holds mu.
func (t *Log) record(kind Kind, b []byte, count int, how Confirmation, note string) {
	at := time.Since(t.Start)
	if t.first == nil {
		t.first = make([]record, 0, fewEvents)
	}
	switch {
	case t.added < keptFirst:
		t.first = append(t.first, record{})
	case len(t.last) < keptLast:
		t.last = append(t.last, record{})
	}
	t.added++
	r := t.kept(t.added - 1)
	r.at, r.kind, r.count, r.confirmation, r.note = at, kind, count, how, note
	r.size = copy(r.bytes[:], b)
}

// kept is the i-th event, nil where it was overwritten.
func (t *Log) kept(i int) *record {
	switch {
	case i < keptFirst:
		return &t.first[i]
	case i < t.added-keptLast:
		return nil
	}
	return &t.last[(i-keptFirst)%keptLast]
}

// Events returns the events kept so far, in order.
func (t *Log) Events() []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Event, 0, len(t.first)+len(t.last)+1)
	for i := range t.first {
		all = append(all, t.first[i].event(t.Number))
	}
	from := t.added - len(t.last)
	if lost := from - len(t.first); lost > 0 {
		all = append(all, Event{
			At: t.kept(from).at, Kind: KindNote, Count: lost, Conn: t.Number,
			Note: fmt.Sprintf("%d events are not shown", lost),
		})
	}
	for i := from; i < t.added; i++ {
		if i >= keptFirst {
			all = append(all, t.kept(i).event(t.Number))
		}
	}
	return all
}

// event returns the record as an event that shares nothing with it.
func (r *record) event(number int) Event {
	e := Event{At: r.at, Kind: r.kind, Count: r.count, Confirmation: r.confirmation, Conn: number, Note: r.note}
	if r.size > 0 {
		e.Bytes = slices.Clone(r.bytes[:r.size])
	}
	return e
}
