package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// The bounds of what is read.
const (
	defaultLimitBytes = 64 << 20 // where Want leaves it at 0
	evidenceBytes     = 4 << 10  // after a wrong byte
	readBytes         = 64 << 10 // at once
)

// readBuffers holds buffers of readBytes bytes.
var readBuffers = sync.Pool{New: func() any { return new([readBytes]byte) }}

// Receive reads the server's answer and compares it with the right ones while it arrives. Once no right answer agrees, it
// reads a little more for evidence: until nothing comes for 20 ms, at most 4 KiB, at most 200 ms; where the client has ended
// its stream, up to the end of the server's, for 250 ms without a byte and a second at most. It holds no more memory
// than [Want.Keep] and a read buffer, and takes no longer than [Want.Total], whatever the server sends. While the server is
// still reading what was sent, that counts as a byte: [Want.Idle] begins again. While it is at work, as far as
// [Options.Worked] tells, a right answer that has more to come is waited for longer than Idle, up to [Options.Patience].
// That the server has read more is seen by looks, the first of them soon, later ones 50 ms apart: Idle begins again by so much later.
// Idle and Total leave out the time in which this process was kept from running while it waited, as while a machine sleeps.
// Bytes read beyond the end of the answer are not given to a later Receive: they make this answer wrong.
func (c *Conn) Receive(ctx context.Context, w Want) Answer {
	return c.receive(ctx, w, nil)
}

// receive is Receive beside a play, whose progress counts as a sign of life: Idle and Total count from its end on.
func (c *Conn) receive(ctx context.Context, w Want, playing *progress) Answer {
	r := reception{conn: c, want: w, playing: playing, compared: newComparison(w), start: time.Now()}
	r.last = r.start
	if r.want.Idle <= 0 {
		r.want.Idle = defaultIdle
	}
	if r.want.Total <= 0 {
		r.want.Total = defaultTotal
	}
	if r.want.Limit <= 0 {
		r.want.Limit = defaultLimitBytes
	}
	r.read, r.left = c.Taken()
	release := c.guard(ctx, c.socket.SetReadDeadline)
	defer release()
	buffer := readBuffers.Get().(*[readBytes]byte)
	defer readBuffers.Put(buffer)

	err := r.run(ctx, buffer[:])
	a := r.compared.answer(w.Prefix)
	a.Elapsed = time.Since(r.start) - r.kept
	ended := errors.Is(err, io.EOF) || isReset(err)
	switch {
	case a.State == Right && !ended && len(w.Any) > 0:
		c.delay.answered(r.kept)
	default:
		c.delay.add(r.kept)
	}
	if ended {
		c.delay.ends()
	}
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		a.Ending = FIN
		c.log.Ends(timeline.KindReceivedFIN)
	case isReset(err):
		a.Ending = RST
		c.log.Add(timeline.KindReceivedReset, nil, 0, Unconfirmed, "")
	case errors.Is(err, errWaitOver):
		a.TimedOut, a.Steady = true, r.steady
		_, a.Unread = c.Taken()
	default:
		a.Err = err
	}
	return a
}

// errWaitOver says that Idle or Total ran out.
var errWaitOver = errors.New("the wait for the answer is over")

// reception is one Receive.
type reception struct {
	conn     *Conn
	want     Want
	playing  *progress // nil without a play beside it
	compared *comparison
	start    time.Time
	last     time.Time // when bytes last came, or the start
	wrongAt  time.Time // when the answer was found to be wrong
	evidence int       // bytes read after that
	done     bool      // what Done said last
	read     int64     // how much of the request the server had read when that was last looked at
	left     int64     // how much of it was left then
	steady   bool      // the wait ended by Total, and not by silence
	looked   time.Time // when the server was last looked at, whether it is at work; zero when it was not since bytes came
	granted  time.Time // until when it is waited for because of that

	woken time.Time     // when that was last looked at: see wake
	kept  time.Duration // how long this process was kept from running
}

// run reads until the answer is decided, and returns nil then; else it returns io.EOF, a RST, errWaitOver, or what else
// ended the reading.
func (r *reception) run(ctx context.Context, buffer []byte) error {
	if r.want.Delay > 0 {
		r.conn.rest(ctx, receiving, r.want.Delay)
		r.conn.arrivals()
		r.start = time.Now() // the silence was ours
		r.last = r.start
	}
	if r.want.Chunk > 0 {
		buffer = buffer[:min(r.want.Chunk, len(buffer))]
	}
	r.woken = r.last
	for !r.decided() {
		next := earlier(r.deadline(), r.woken.Add(r.nap()))
		if err := r.conn.socket.SetReadDeadline(next); err != nil {
			return err
		}
		if ctx.Err() != nil { // after the deadline was set, so that a later end of the context moves it
			return context.Cause(ctx)
		}
		n, err := r.conn.socket.Read(buffer)
		r.wake(next)
		if n > 0 {
			r.take(buffer[:n])
			r.rest(ctx)
			r.woken = time.Now()
			continue
		}
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		until := r.deadline()
		if r.wrongAt.IsZero() && r.reading() {
			r.alive() // as good as a byte: an answer may follow what is still being read
		}
		switch {
		case r.deadline().After(r.woken):
			continue // that, or the play beside this moved on
		case !r.wrongAt.IsZero():
			return nil
		}
		if r.atWork() && r.deadline().After(until) {
			continue
		}
		// Where this process was kept from running, the answer may have come in time, and the deadline have passed first.
		switch n, err := r.conn.socket.ReadNow(buffer); {
		case n > 0:
			if r.take(buffer[:n]); r.decided() || r.deadline().After(until) {
				continue
			}
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		}
		r.steady = r.deadline().Before(r.silent())
		r.conn.log.Add(timeline.KindWaitOver, nil, 0, Unconfirmed, fmt.Sprintf("nothing more in %v", time.Since(r.last).Round(time.Millisecond)))
		return errWaitOver
	}
	return nil
}

// reading says whether the server has read more of the request since this was last asked.
func (r *reception) reading() bool {
	if r.taken() {
		return false // without a look: nothing is left to read
	}
	before := r.read
	r.read, r.left = r.conn.Taken()
	return r.read > before
}

// taken says whether the server is known to have read all that was sent.
func (r *reception) taken() bool { return r.left == 0 && r.read == r.conn.Sent() }

// nap returns how long to sleep until the next look at what the server has read, where there is anything to read, and at whether this process
// was woken when it was to be. A server mostly reads soon, or not at all: the first looks come soon, and each as much later as was waited.
func (r *reception) nap() time.Duration {
	if r.taken() || !r.wrongAt.IsZero() {
		return mostAsleep
	}
	moved, _ := r.playing.seen()
	return min(max(r.woken.Sub(later(r.last, moved)), leastAsleep), mostAsleep)
}

// wake notes that a wait for a byte is over, which was to be over at next: what it took longer is no silence of the server.
func (r *reception) wake(next time.Time) {
	now := time.Now()
	if d := keptFor(now.Sub(later(next, r.woken))); d > 0 {
		moved, _ := r.playing.seen()
		r.last = later(r.last, moved).Add(d)
		r.kept += d
	}
	r.woken = now
}

// alive notes a sign of life, from which the wait begins again.
func (r *reception) alive() {
	r.last, r.looked, r.granted = time.Now(), time.Time{}, time.Time{}
}

// atWork says whether the server seems to be at work on what is still due, and has more time then. It has a first window
// to be watched in.
func (r *reception) atWork() bool {
	worked := r.conn.options.Worked
	if worked == nil || len(r.want.Any) == 0 || r.compared.enough() {
		return false
	}
	did, now := worked(), time.Now()
	if watched := now.Sub(r.looked); !r.looked.IsZero() && did < watched/2 {
		return false
	}
	moved, _ := r.playing.seen()
	r.looked, r.granted = now, earlier(now.Add(workWindow), later(r.last, moved).Add(r.conn.options.Patience))
	return true
}

// rest makes the pause of a slow reader, unless the answer is decided.
func (r *reception) rest(ctx context.Context) {
	if r.want.Chunk > 0 && r.want.Pause > 0 && !r.decided() {
		r.conn.rest(ctx, receiving, r.want.Pause)
		r.conn.arrivals()
		r.last = time.Now() // the silence was ours
	}
}

// take accounts for bytes that were read.
func (r *reception) take(b []byte) {
	r.conn.log.Reads(b)
	r.alive()
	if !r.wrongAt.IsZero() {
		r.evidence += len(b)
	}
	r.compared.take(b)
	if r.wrongAt.IsZero() && r.compared.wrong() {
		r.wrongAt = r.last
	}
	if len(r.want.Any) == 0 && r.want.Done != nil {
		r.done = r.want.Done(r.compared.head)
	}
}

// decided says whether there is nothing more to read for.
func (r *reception) decided() bool {
	switch {
	case len(r.want.Any) == 0:
		return r.done || r.compared.total >= r.want.Limit
	case !r.wrongAt.IsZero():
		return r.evidence >= evidenceBytes
	}
	return !r.want.ToEnd && r.compared.enough()
}

// deadline returns until when to wait for the next byte.
func (r *reception) deadline() time.Time {
	if !r.wrongAt.IsZero() {
		if r.conn.finSent.Load() { // the server is about to close, and what it says before that is all of its answer
			return earlier(r.last.Add(closingIdle), r.wrongAt.Add(closingTotal))
		}
		return earlier(r.last.Add(evidenceIdle), r.wrongAt.Add(evidenceTotal))
	}
	until := r.silent()
	if moved, over := r.playing.seen(); over {
		until = earlier(until, later(r.start, moved).Add(r.want.Total+r.kept))
	}
	return until
}

// silent returns until when nothing more may come until that is a silence.
func (r *reception) silent() time.Time {
	moved, _ := r.playing.seen()
	return later(later(r.last, moved).Add(r.idle()), r.granted)
}

// idle returns how long to wait without a byte now.
func (r *reception) idle() time.Duration {
	if r.want.EndIdle > 0 && len(r.want.Any) > 0 && r.compared.enough() {
		return r.want.EndIdle
	}
	return r.want.Idle
}

// earlier returns the earlier of two instants.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// later returns the later of two instants.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
