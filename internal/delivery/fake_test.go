package delivery

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// fake is a connection in memory, for bubbles of testing/synctest, in which waits take no time: the client's socket, its view
// of the server's end, and its clock. The server's side is played by the test: see fakeServer. The fields that are not
// guarded are set before the connection is made.
type fake struct {
	verdict
	flight time.Duration // how long a segment is on its way, and its acknowledgement as well
	trip   time.Duration // what the client's kernel says of the round trip
	untold bool          // the client's kernel does not tell what is unacknowledged
	hidden int           // so many looks do not find the server's end
	torn   func()        // what happens in a look between the reading of the queue and of the count, mu being held

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, whenever something changes
	over    chan struct{} // closed when the client has closed

	readBy, writeBy time.Time // the client's deadlines
	held            time.Time // until when the client's process is kept from running
	closed          bool      // by the client

	request stream // the client's
	answer  stream // the server's
	gone    bool   // the server's end is no more
	reset   bool   // the server's RST has arrived, and no FIN before it
}

// stream is one direction of a connection: bytes, and whether a FIN follows them.
type stream struct {
	bytes    []byte // that were written, and not read
	room     int    // how many bytes may be written and not read
	lost     bool   // what is sent from now on does not arrive
	corked   int    // bytes that wait for the FIN
	segments uint32 // that brought bytes

	written, arrived, acknowledged, read         int
	finWritten, finArrived, finAcknowledged, fin bool // fin is one that was read
}

// count returns the bytes and the FIN as a kernel counts them.
func count(bytes int, fin bool) int {
	if fin {
		return bytes + 1
	}
	return bytes
}

// queue returns what has arrived and was not read.
func (s *stream) queue() int { return count(s.arrived, s.finArrived) - count(s.read, s.fin) }

// unacknowledged returns what was written and not acknowledged.
func (s *stream) unacknowledged() int {
	return count(s.written, s.finWritten) - count(s.acknowledged, s.finAcknowledged)
}

// put takes what there is room for of b.
func (s *stream) put(b []byte) int {
	n := min(len(b), max(s.room-len(s.bytes), 0))
	s.bytes = append(s.bytes, b[:n]...)
	s.written += n
	return n
}

// get reads what has arrived into b; it returns io.EOF at the end, and ok where there was anything to read.
func (s *stream) get(b []byte) (n int, err error, ok bool) {
	n = min(len(b), s.arrived-s.read)
	if n == 0 && s.finArrived && s.arrived == s.read {
		s.fin = true
		return 0, io.EOF, true
	}
	n = copy(b, s.bytes[:n])
	s.bytes = s.bytes[n:]
	s.read += n
	if n > 0 && s.arrived == s.read {
		s.fin = s.finArrived // the kernel counts a FIN that joined unread bytes as read with the last of them
	}
	return n, nil, n > 0
}

// room is how many bytes a fake's streams hold.
const room = 256 << 10

// newFake returns a connection without a server.
func newFake() *fake {
	return &fake{changed: make(chan struct{}), over: make(chan struct{}), request: stream{room: room}, answer: stream{room: room}}
}

// connect returns the connection to a server that serve plays in a goroutine of its own; serve may be nil. It is closed with the test.
func (f *fake) connect(t *testing.T, o Options, serve func(s *fakeServer)) *Conn {
	c := newConnOver(f, f, f, o.withDefaults(), time.Now())
	if o.Confirm == Never {
		f.decide(unwanted)
	} else {
		f.look()
	}
	t.Cleanup(func() { _ = c.Close() })
	if serve != nil {
		f.serve(t, serve)
	}
	return c
}

// serve plays the server in a goroutine of its own, which the end of the test waits for.
func (f *fake) serve(t *testing.T, serve func(s *fakeServer)) {
	served := make(chan struct{})
	go func() {
		defer close(served)
		serve(&fakeServer{f})
	}()
	t.Cleanup(func() {
		_ = f.Close()
		<-served
	})
}

// inBubble runs the test in a bubble in which time is virtual.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// change wakes all that wait. The caller holds mu.
func (f *fake) change() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// wait returns when something changes, or at an instant that is not zero; mu is let go meanwhile.
func (f *fake) wait(by time.Time) {
	changed := f.changed
	f.mu.Unlock()
	defer f.mu.Lock()
	if by.IsZero() {
		<-changed
		return
	}
	ctx, cancel := context.WithDeadline(context.Background(), by)
	defer cancel()
	select {
	case <-changed:
	case <-ctx.Done():
	}
}

// rouse keeps the client's process from going on as long as it is held. The caller holds mu.
func (f *fake) rouse() {
	for d := time.Until(f.held); d > 0; d = time.Until(f.held) {
		f.mu.Unlock()
		time.Sleep(d)
		f.mu.Lock()
	}
}

// after calls do when a segment that leaves now has arrived. Both, the caller and do, hold mu.
func (f *fake) after(do func()) {
	if f.flight == 0 {
		do()
		f.change()
		return
	}
	time.AfterFunc(f.flight, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		do()
		f.change()
	})
}

// carry sends n bytes of the stream, and its FIN where fin says so, as one segment.
func (f *fake) carry(s *stream, n int, fin bool) {
	if s.lost {
		return
	}
	f.after(func() {
		if s == &f.request && f.gone { // nobody takes it
			return
		}
		s.arrived += n
		s.finArrived = s.finArrived || fin
		if n > 0 {
			s.segments++
		}
		f.after(func() {
			s.acknowledged += n
			s.finAcknowledged = s.finAcknowledged || fin
		})
	})
}

// late says whether a deadline is past.
func late(by time.Time) bool { return !by.IsZero() && !time.Now().Before(by) }

// The client's socket.

func (f *fake) SetReadDeadline(t time.Time) error  { return f.setDeadline(&f.readBy, t) }
func (f *fake) SetWriteDeadline(t time.Time) error { return f.setDeadline(&f.writeBy, t) }

func (f *fake) setDeadline(by *time.Time, t time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	*by = t
	f.change()
	if f.closed {
		return net.ErrClosed
	}
	return nil
}

func (f *fake) read(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; ; f.rouse() {
		if late(f.readBy) { // as the runtime does, also where bytes are there
			return 0, os.ErrDeadlineExceeded
		}
		if n, err, ok := f.take(b); ok {
			return n, err
		}
		f.wait(f.readBy)
	}
}

func (f *fake) readNow(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n, err, ok := f.take(b); ok {
		return n, err
	}
	return 0, os.ErrDeadlineExceeded
}

// take reads what there is; it is not ok where there is nothing.
func (f *fake) take(b []byte) (n int, err error, ok bool) {
	if f.closed {
		return 0, net.ErrClosed, true
	}
	if n, err, ok = f.answer.get(b); ok {
		f.change()
		return n, err, true
	}
	return 0, syscall.ECONNRESET, f.reset
}

func (f *fake) write(b []byte, more bool) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; ; f.rouse() {
		switch {
		case f.closed:
			return 0, net.ErrClosed
		case late(f.writeBy):
			return 0, os.ErrDeadlineExceeded
		case f.reset:
			return 0, syscall.ECONNRESET
		}
		if n := f.request.put(b); n > 0 {
			if more && n == len(b) {
				f.request.corked = n
			} else {
				f.carry(&f.request, n, false)
			}
			return n, nil
		}
		f.wait(f.writeBy)
	}
}

func (f *fake) CloseWrite() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return net.ErrClosed
	case f.reset:
		return syscall.ENOTCONN
	}
	f.request.finWritten = true
	f.carry(&f.request, f.request.corked, true)
	return nil
}

func (f *fake) abort() error { return f.Close() }

func (f *fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return net.ErrClosed
	}
	f.closed = true
	close(f.over)
	f.change()
	return nil
}

func (f *fake) peerClosed() ServerEnd {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.answer.finArrived:
		return FIN
	case f.reset:
		return RST
	}
	return StillOpen
}

func (f *fake) arrived() (bytes uint64, segments uint32, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return uint64(f.answer.arrived), f.answer.segments, !f.closed
}

func (f *fake) unacknowledged() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.untold {
		return -1
	}
	return f.request.unacknowledged()
}

func (f *fake) roundTrip() time.Duration { return f.trip }
func (f *fake) LocalAddr() net.Addr      { return &net.TCPAddr{Port: 1} }
func (f *fake) RemoteAddr() net.Addr     { return &net.TCPAddr{Port: 2} }

// The view of the server's end.

func (f *fake) look() (kernel.Endpoint, sight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hidden > 0 {
		f.hidden--
		return kernel.Endpoint{}, absent
	}
	if f.gone {
		return kernel.Endpoint{}, absent
	}
	f.seen.Store(true)
	e := kernel.Endpoint{Queue: uint32(f.request.queue())}
	if f.torn != nil {
		f.torn()
	}
	e.Received = uint64(count(f.request.arrived, f.request.finArrived))
	e.Unsent = uint32(f.answer.unacknowledged())
	return e, present
}

func (f *fake) giveUp() { f.decide("it is elsewhere") }

// The clock.

func (f *fake) nap(d time.Duration) {
	time.Sleep(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rouse()
}

func (f *fake) yield() {}
