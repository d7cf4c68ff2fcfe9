package delivery

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
	KindReceive       Kind = "receive"        // bytes were read
	KindReceivedFIN   Kind = "received-fin"   // the end of the server's stream was read
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
	// Bytes is an excerpt of what was sent or received: its first bytes, at most 96.
	Bytes []byte
	// Count is the number of bytes sent or received, of which Bytes shows the first; in the note that stands for events that
	// were not kept, their number.
	Count int
	// Confirmation is how sure a cut is.
	Confirmation Confirmation
	// Conn is the number of the connection, from [Options.Number].
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

// timeline keeps the first and the last events of a connection. It is safe for concurrent use.
type timeline struct {
	start  time.Time
	number int

	mu    sync.Mutex
	first []record
	last  []record // a ring, once it is full
	next  int      // where the ring is written next
	lost  int      // events that were overwritten in the ring
}

// add records an event that happens now; of b the first bytes are kept, and count is how many there are in all.
func (t *timeline) add(kind Kind, b []byte, count int, how Confirmation, note string) {
	at := time.Since(t.start)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		t.first = make([]record, 0, fewEvents)
	}
	var r *record
	switch {
	case len(t.first) < keptFirst:
		t.first = append(t.first, record{})
		r = &t.first[len(t.first)-1]
	case len(t.last) < keptLast:
		t.last = append(t.last, record{})
		r = &t.last[len(t.last)-1]
	default:
		r = &t.last[t.next]
		t.next = (t.next + 1) % keptLast
		t.lost++
	}
	r.at, r.kind, r.count, r.confirmation, r.note = at, kind, count, how, note
	r.size = copy(r.bytes[:], b)
}

// events returns the events kept so far, in order.
func (t *timeline) events() []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Event, 0, len(t.first)+len(t.last)+1)
	for i := range t.first {
		all = append(all, t.first[i].event(t.number))
	}
	ring := slices.Concat(t.last[t.next:], t.last[:t.next])
	if t.lost > 0 {
		all = append(all, Event{
			At: ring[0].at, Kind: KindNote, Count: t.lost, Conn: t.number,
			Note: fmt.Sprintf("%d events are not shown", t.lost),
		})
	}
	for i := range ring {
		all = append(all, ring[i].event(t.number))
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
