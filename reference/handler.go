package reference

import (
	"context"
	"io"
	"net"
)

// A Handler answers one connection. When it returns, the connection is ended in
// an orderly way; content that was not sent is dropped. An error or a panic
// costs that connection and nothing else: it is logged, and the server serves
// on. What h returns as a slice, and h itself, must not be used afterwards.
type Handler interface {
	Handle(h *StreamHandler) error
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(h *StreamHandler) error

// Handle calls f(h).
func (f HandlerFunc) Handle(h *StreamHandler) error {
	return f(h)
}

// Stream is the contract's operations on a connection. A StreamHandler has
// them; the dialects are written against Stream, so that one operation can be
// replaced around them.
type Stream interface {
	Encode(msg string) []byte
	Decode(msg []byte) (string, error)
	Read(n int) (string, error)
	ReadBytes(n int) ([]byte, error)
	ReadSome() ([]byte, error)
	ReadLine() (string, error)
	ReadLineLimit(limit int) (string, error)
	ReadLineBytes(limit int) ([]byte, error)
	WriteContent(msg string)
	WriteBytes(msg []byte)
	Send() error
	Close() error
}

// A StreamHandler reads and writes one connection as a stream of bytes. All
// reads share one buffer: what one leaves, the next finds. Written content waits
// in a buffer of its own until Send. It is for one goroutine at a time.
type StreamHandler struct {
	link       *link
	in         input
	out        output
	lineLimit  int
	readLimit  int
	unanswered bool // input was consumed since the last Send
	closed     bool
}

var _ Stream = (*StreamHandler)(nil)

// NewStreamHandler returns a handler of rw, which may be a connection, one end
// of a net.Pipe or any reader and writer; its limits are those of cfg. IdleTime
// and WriteTime hold where rw has deadlines. Closing rw is left to the caller.
func NewStreamHandler(rw io.ReadWriter, cfg Config) *StreamHandler {
	cfg = cfg.withDefaults()
	return newStreamHandler(newLink(context.Background(), rw, cfg), cfg)
}

func newStreamHandler(l *link, cfg Config) *StreamHandler {
	return &StreamHandler{
		link:      l,
		out:       output{limit: cfg.SendLimit},
		lineLimit: cfg.LineLimit,
		readLimit: cfg.ReadLimit,
	}
}

// Context returns a context that ends when the server is told to stop, by
// Shutdown or by Close; its cause is then ErrServerClosed. A handler that goes on
// by itself, with no input to wait for, is told by it to finish: after Shutdown
// there is still time to send. The context of a handler that NewStreamHandler
// made never ends.
func (h *StreamHandler) Context() context.Context {
	return h.link.ctx
}

// RemoteAddr returns the client's address, or nil where there is none.
func (h *StreamHandler) RemoteAddr() net.Addr {
	if conn, ok := h.link.rw.(net.Conn); ok {
		return conn.RemoteAddr()
	}
	return nil
}

// Encode returns the UTF-8 bytes of a text; see the function Encode.
func (h *StreamHandler) Encode(msg string) []byte {
	return Encode(msg)
}

// Decode returns the text of UTF-8 bytes; see the function Decode.
func (h *StreamHandler) Decode(msg []byte) (string, error) {
	return Decode(msg)
}

// Trim gives back the memory of buffers that hold nothing and have grown. A handler
// whose clients may be silent for long between two requests calls it there, where ten
// thousand of them are to cost little; one whose requests follow one another does not.
func (h *StreamHandler) Trim() {
	if len(h.in.buffered()) == 0 && len(h.in.buf) > trimmedBuffer {
		h.in.buf = nil
	}
	if h.out.empty() && cap(h.out.buf) > trimmedBuffer {
		h.out.buf = nil
	}
}

// Close says that the handler is done with the connection: unsent content is
// dropped, and the client sees the end of the stream at once, where the
// connection can be closed in one direction. Later reads and sends return
// ErrClosed. The connection itself is closed by the server when the handler
// returns or, for a handler made by NewStreamHandler, by its maker. Closing
// twice is closing once.
func (h *StreamHandler) Close() error {
	if h.closed {
		return nil
	}
	h.closed = true
	h.out.drop()
	h.out.err = ErrClosed
	_, err := closeWrite(h.link.rw)
	return err
}
