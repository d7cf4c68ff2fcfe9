package delivery

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// Options are the settings of a connection. The zero value is good.
type Options struct {
	// Timeout bounds the connecting; 0 means 5 s.
	Timeout time.Duration
	// Confirm is how cuts are confirmed.
	Confirm Mode
	// ConfirmCap bounds the wait for one cut; 0 means 60 ms. Within one play it is lowered when cuts stay unconfirmed: to 5 ms
	// after three, and to 1 ms after two hundred. A cut that is followed by a longer pause may take that long, and the
	// wait before a half-close half a second, where all cuts were confirmed and no answer holds the server up. Where only
	// acknowledgement can be seen, twice the connection's round-trip time comes on top.
	ConfirmCap time.Duration
	// ReceiveBuffer is the size of the receive buffer in bytes as SO_RCVBUF takes it, set before connecting (on Windows
	// after it); 0 leaves the system's.
	ReceiveBuffer int
	// MaxSegment is the size in bytes of the largest segment that the server may send (RFC 9293, section 3.7.1), as TCP_MAXSEG
	// takes it; 0 leaves the system's, as do systems that do not let it be set. Small segments keep small what the kernels hold.
	MaxSegment int
	// Acks is when the client's kernel acknowledges what it receives, where it can be told ([SetsAcks]).
	Acks Acks
	// Stall bounds how long sending may wait without the server's kernel taking a byte, or, for the later half of it, the
	// server reading one, as far as that is seen; 0 means 10 s.
	Stall time.Duration
	// Worked, where it is set, returns for how long the server's processes have run, or waited for a processor, since it was
	// last called: a server that is at work for half of the time has not fallen silent, and its answer is waited for up to
	// Patience without a byte (see [Conn.Receive]).
	Worked   func() time.Duration
	Patience time.Duration
	// Between is how long the client may let the connection be between two things that it does on it, as while it is another's turn; 0
	// means half a second. What it takes longer is part of [Conn.Delay].
	Between time.Duration
	// Heed is how long the client waits behind cuts, all of them together, for something of the server's to come before it goes on: an answer
	// that comes too early stands in the timeline where it shows that. It changes nothing that is sent.
	Heed time.Duration
	// Number is the number of the connection within its case, for the events.
	Number int
}

// Acks is when a kernel acknowledges what it receives.
type Acks int

const (
	// AcksAsUsual leaves it to the kernel.
	AcksAsUsual Acks = iota
	// AcksLate has it wait for something to send along, as it does by itself on a connection of requests and answers: for 40 ms and more.
	AcksLate
	// AcksAtOnce has it wait for nothing.
	AcksAtOnce
)

// withDefaults returns the options with every 0 replaced by what it means.
func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.ConfirmCap <= 0 {
		o.ConfirmCap = defaultCap
	}
	if o.Stall <= 0 {
		o.Stall = defaultStall
	}
	if o.Between <= 0 {
		o.Between = mostBetween
	}
	return o
}

// Conn is a client's end of one TCP connection. One goroutine may send ([Conn.Play], [Conn.Send], [Conn.Cut],
// [Conn.HalfClose]) while another receives ([Conn.Receive]); the other methods may be called at any time.
type Conn struct {
	options Options
	socket  Socket // the client's end of the connection
	view    *view  // the server's end
	clock   Clock
	log     timeline.Log
	said    said
	delay   delay

	sent     atomic.Uint64 // bytes handed to the system
	taken    atomic.Uint64 // what sent was when the server's end was last seen to have read everything
	finAlone bool          // all bytes were read when the FIN was sent; the sender's own
	caps     capState      // the sender's own
	heeded   time.Duration // of the options' Heed; the sender's own
	finSent  atomic.Bool
	closed   atomic.Bool // the client closed the connection; its ports may be another's by now

	made, confirmed atomic.Int64
}

// Dial connects to addr, a host and a port, with TCP_NODELAY set and without keep-alive probes. It returns the error of
// [net.Dialer] when that fails, within the timeout of the options. A connection that TCP made with itself, as happens when
// nothing listens on a port of the ephemeral range, is reported as refused (syscall.ECONNREFUSED). A server that aborts the
// connection at once may make it fail with syscall.ECONNRESET.
func Dial(ctx context.Context, addr string, o Options) (*Conn, error) {
	o = o.withDefaults()
	start := time.Now()
	dialer := net.Dialer{Timeout: o.Timeout, KeepAlive: -1}
	dialer.Control = func(_, _ string, rc syscall.RawConn) error {
		setMaxSegment(rc, o.MaxSegment)
		return setReceiveBuffer(rc, o.ReceiveBuffer)
	}
	dialer.SetMultipathTCP(false)
	nc, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return newConn(nc.(*net.TCPConn), o, start)
}

// newConn returns the connection that plays on tcp, which it closes when it returns an error; start is when the connecting
// began.
func newConn(tcp *net.TCPConn, o Options, start time.Time) (*Conn, error) {
	if tcp.LocalAddr().String() == tcp.RemoteAddr().String() {
		remote := tcp.RemoteAddr()
		err := abort(tcp)
		if err == nil {
			err = syscall.ECONNREFUSED
		}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: remote, Err: os.NewSyscallError("connect", err)}
	}
	raw, err := tcp.SyscallConn()
	if err == nil && o.ReceiveBuffer > 0 && runtime.GOOS == "windows" {
		err = tcp.SetReadBuffer(o.ReceiveBuffer)
	}
	if err != nil {
		_ = tcp.Close() // the connection is of no use, and the error says why
		return nil, err
	}
	socket := &tcpSocket{TCPConn: tcp, raw: raw, acks: o.Acks}
	socket.setAcks()
	c := newConnOver(socket, systemClock{}, o, start)
	c.view.openTCP(tcp.LocalAddr(), tcp.RemoteAddr(), o.Confirm)
	return c, nil
}

// newConnOver returns the connection that plays on a socket, and lets time pass by k; start is when the connecting began. Its view
// is to be opened.
func newConnOver(s Socket, k Clock, o Options, start time.Time) *Conn {
	c := &Conn{options: o, socket: s, view: new(view), clock: k}
	c.log.Start, c.log.Number = start, o.Number
	late := time.Since(start)
	if keptFor(late) > 0 { // else there is no need to ask the system
		late -= 2 * s.RoundTrip()
	}
	c.delay.add(keptFor(late)) // the server may have had the connection for as long
	c.log.Add(timeline.KindConnect, nil, 0, Unconfirmed, fmt.Sprintf("%v to %v", s.LocalAddr(), s.RemoteAddr()))
	return c
}

// Reset ends the connection with a RST and closes it; what was not sent or not read is lost. It returns the system's error,
// and net.ErrClosed when the connection was closed before.
func (c *Conn) Reset() error {
	c.arrivals()
	c.log.Add(timeline.KindReset, nil, 0, Unconfirmed, "")
	c.said.end(Reset)
	c.closed.Store(true)
	return c.socket.Abort()
}

// Close closes the connection; where received bytes were not read the kernel sends a RST. It returns net.ErrClosed when the
// connection was closed before. Calls that wait on the connection return.
func (c *Conn) Close() error {
	c.closed.Store(true)
	return c.socket.Close()
}

// PeerClosed returns how the server ended its stream, as far as the client's kernel knows, whether or not it was read that
// far. Where the system does not tell it is what was read.
func (c *Conn) PeerClosed() ServerEnd {
	fin, reset := c.socket.Ended()
	if fin || reset {
		c.delay.ends()
	}
	switch {
	case fin:
		return FIN
	case reset:
		return RST
	}
	return StillOpen
}

// Cuts returns how many cuts were made so far, and how many of them were confirmed. The wait before a FIN on its own is not
// a cut.
func (c *Conn) Cuts() CutCount {
	return CutCount{Made: int(c.made.Load()), Confirmed: int(c.confirmed.Load())}
}

// Sent returns how many bytes were handed to the system so far.
func (c *Conn) Sent() int64 { return int64(c.sent.Load()) }

// Arrived returns what the kernel has received on this connection, read or not: the number of bytes, and of the segments that
// brought any. A FIN without bytes counts as neither. It is not ok where the system does not tell, and after a close.
func (c *Conn) Arrived() (bytes uint64, segments uint32, ok bool) { return c.socket.Arrived() }

// Answered returns how long behind the last bytes that the client sent the last ones of the server's came, as the client's kernel has it, to
// some milliseconds: the client itself may have been kept from running. It is not ok where the system does not tell.
func (c *Conn) Answered() (took time.Duration, ok bool) {
	if s, tells := c.socket.(interface {
		answered() (time.Duration, bool)
	}); tells {
		return s.answered()
	}
	return 0, false
}

// Timeline returns what happened on the connection so far, in order: the first 200 events and the last 40, and between them
// a note that counts those that were not kept.
func (c *Conn) Timeline() []timeline.Event { return c.log.Events() }

// Began returns when the connecting began.
func (c *Conn) Began() time.Time { return c.log.Start }

// Received returns how many bytes of the server's stream were read.
func (c *Conn) Received() int64 { return c.log.Received() }

// Raw returns the bytes of both sides in their order: see [timeline.Log.Raw].
func (c *Conn) Raw() []timeline.Raw { return c.log.Raw(c.Said().Bytes) }

// Sees says whether the server's end of this connection was found in the kernel, so that cuts are confirmed. Behind a proxy
// on this machine the end that is found is the proxy's.
func (c *Conn) Sees() bool { return c.view.found() }

// Unseen says in words why the server's end is not seen: it is elsewhere, the kernel does not tell, or the options do not
// want it. It is empty when the end is seen, or when that was not decided yet; it is by the first cut.
func (c *Conn) Unseen() string {
	if c.Sees() {
		return ""
	}
	return c.view.reason()
}
