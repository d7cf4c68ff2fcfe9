package stream

import (
	"cmp"
	"io"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// A writer keeps what is written to a stream itself, until Send. It keeps to the
// contract in parts that a fault can replace.
type writer struct {
	reference.Stream
	written []byte // since the last Send
	limit   int    // how much of it is kept; Send refuses more

	// piece returns what is kept of one write; text tells content from bytes.
	piece func(msg []byte, text bool) []byte
	// send sends what was written since the last Send.
	send func(content []byte) error
	// read is told of every reading operation that was done; at the end of the
	// stream and of an empty line, ended is true.
	read func(ended bool)
}

// writing plants a writer that shape has changed.
func writing(shape func(w *writer)) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Stream = func(s reference.Stream) reference.Stream {
			w := newWriter(changes.Config, s)
			shape(w)
			return w
		}
	}
}

// newWriter returns a right writer to s.
func newWriter(cfg reference.Config, s reference.Stream) *writer {
	w := &writer{
		Stream: s,
		limit:  cmp.Or(cfg.SendLimit, reference.DefaultSendLimit),
		piece:  func(msg []byte, _ bool) []byte { return msg },
		read:   func(bool) {},
	}
	w.send = w.deliver
	return w
}

func (w *writer) WriteContent(msg string) { w.keep([]byte(msg), true) }
func (w *writer) WriteBytes(msg []byte)   { w.keep(msg, false) }

// keep keeps one piece. Beyond the limit it is not needed: Send fails.
func (w *writer) keep(msg []byte, text bool) {
	if len(w.written) <= w.limit {
		kept := w.piece(msg, text) // which may send
		w.written = append(w.written, kept...)
	}
}

func (w *writer) Send() error {
	content := w.written
	w.written = nil
	return w.send(content)
}

// deliver sends content.
func (w *writer) deliver(content []byte) error {
	w.Stream.WriteBytes(content)
	return w.Stream.Send()
}

func (w *writer) Read(n int) (string, error) {
	text, err := w.Stream.Read(n)
	w.read(err == io.EOF)
	return text, err
}

func (w *writer) ReadBytes(n int) ([]byte, error) {
	msg, err := w.Stream.ReadBytes(n)
	w.read(err == io.EOF)
	return msg, err
}

func (w *writer) ReadSome() ([]byte, error) {
	msg, err := w.Stream.ReadSome()
	w.read(err == io.EOF)
	return msg, err
}

func (w *writer) ReadLine() (string, error) {
	text, err := w.Stream.ReadLine()
	w.read(err == io.EOF || err == nil && text == "")
	return text, err
}

func (w *writer) ReadLineLimit(limit int) (string, error) {
	text, err := w.Stream.ReadLineLimit(limit)
	w.read(err == io.EOF || err == nil && text == "")
	return text, err
}

func (w *writer) ReadLineBytes(limit int) ([]byte, error) {
	line, err := w.Stream.ReadLineBytes(limit)
	w.read(err == io.EOF || err == nil && len(line) == 0)
	return line, err
}
