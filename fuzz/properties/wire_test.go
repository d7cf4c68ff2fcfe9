package properties

import (
	"bytes"
	"io"

	"github.com/streamspec/streamspec/reference"
)

// A wire is a connection whose client knows when the handler waits for input:
// all that it has to say has been said then.
type wire struct {
	asks     chan struct{} // the handler wants a segment
	segments chan []byte
	done     chan error // the handler has returned
	left     []byte
	got      bytes.Buffer
	over     bool
	err      error // what the handler returned, once it is over
}

// play runs a handler on a wire.
func play(handler reference.Handler) *wire {
	w := &wire{asks: make(chan struct{}), segments: make(chan []byte), done: make(chan error, 1)}
	go func() { w.done <- handler.Handle(reference.NewStreamHandler(w, reference.Config{})) }()
	w.wait()
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.left) == 0 {
		w.asks <- struct{}{}
		segment, ok := <-w.segments
		if !ok {
			return 0, io.EOF
		}
		w.left = segment
	}
	n := copy(p, w.left)
	w.left = w.left[n:]
	return n, nil
}

func (w *wire) Write(p []byte) (int, error) { return w.got.Write(p) }

// send brings a segment, and waits until the handler waits again or returns.
func (w *wire) send(segment []byte) {
	if !w.over {
		w.segments <- segment
		w.wait()
	}
}

// end ends the client's side.
func (w *wire) end() {
	if !w.over {
		close(w.segments)
		w.wait()
	}
}

func (w *wire) wait() {
	select {
	case <-w.asks:
	case w.err = <-w.done:
		w.over = true
	}
}
