package stream

import (
	"cmp"
	"net"
	"sync"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// flushTime is how long content stays unsent in timer-flush.
const flushTime = 50 * time.Millisecond

// plantTimerFlush gives every session its connection: the timer writes to that
// one, because a stream is for one goroutine at a time.
func plantTimerFlush(changes *plant.Changes) {
	var conns sync.Map // by the address of the client
	changes.Conn = func(conn plant.Conn) net.Conn {
		conns.Store(conn.RemoteAddr().String(), conn)
		return conn
	}
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			client := s.(interface{ RemoteAddr() net.Addr }).RemoteAddr()
			conn, ok := conns.LoadAndDelete(client.String())
			if !ok {
				return d(s)
			}
			w := &timerFlush{
				Stream:    s,
				conn:      conn.(plant.Conn),
				writeTime: cmp.Or(changes.Config.WriteTime, reference.DefaultWriteTime),
			}
			defer w.stop()
			return d(w)
		}
	}
}

// timerFlush keeps what is written until Send, or until its timer comes.
type timerFlush struct {
	reference.Stream
	conn      plant.Conn
	writeTime time.Duration

	mu      sync.Mutex
	written []byte
	timer   *time.Timer // nil when nothing was written since it came
}

func (w *timerFlush) WriteContent(msg string) {
	w.WriteBytes([]byte(msg))
}

func (w *timerFlush) WriteBytes(msg []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = append(w.written, msg...)
	if w.timer == nil {
		w.timer = time.AfterFunc(flushTime, w.flush)
	}
}

// flush writes what waits. Where that fails, the next Send does so too.
func (w *timerFlush) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		return
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(w.writeTime))
	_, _ = w.conn.Write(w.take())
}

// take returns what waits, and stops the timer. w.mu is held.
func (w *timerFlush) take() []byte {
	written := w.written
	w.written = nil
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	return written
}

func (w *timerFlush) Send() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Stream.WriteBytes(w.take())
	return w.Stream.Send()
}

// stop drops what waits when the session ends.
func (w *timerFlush) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.take()
}
