package pair

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
)

// heard is what a server said on a connection.
type heard struct {
	bytes []byte
	ended bool // the server ended the connection,
	last  bool // and not before the client's side had ended
}

// converse sends bytes on a connection of its own, and takes what is said until the server ends it, or enough has come. Where nothing has
// come for so long, the client's side ends: what the server waits for does not come.
func converse(ctx context.Context, addr string, b []byte, idle time.Duration, enough func([]byte) bool) (h heard, err error) {
	ctx, cancel := context.WithTimeout(ctx, idle+patience.Turn)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return h, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer func() { _ = c.Close() }()
	sent := make(chan struct{})
	go func() { // a server may answer, and end, before it has read all
		defer close(sent)
		_, _ = c.Write(b)
	}()
	defer func() {
		_ = c.Close()
		<-sent
	}()
	half := func() {
		h.last = true
		if w, ok := c.(interface{ CloseWrite() error }); ok {
			_ = w.CloseWrite()
		}
		_ = c.SetReadDeadline(time.Now().Add(patience.Lingers))
	}
	if idle == 0 {
		<-sent
		half()
	}
	for part := make([]byte, 16<<10); len(h.bytes) < mostBytes; {
		if !h.last {
			_ = c.SetReadDeadline(time.Now().Add(idle))
		}
		n, err := c.Read(part)
		h.bytes = append(h.bytes, part[:n]...)
		switch {
		case enough != nil && enough(h.bytes):
			return h, nil
		case errors.Is(err, os.ErrDeadlineExceeded) && !h.last:
			half()
		case errors.Is(err, os.ErrDeadlineExceeded), ctx.Err() != nil:
			return h, nil
		case errors.Is(err, io.EOF), err != nil: // FIN, or RST: what had come before it has been read
			h.ended = true
			return h, nil
		}
	}
	return h, nil
}

// statuses are those of the final answers in a stream, as far as they can be read.
func statuses(b []byte, asked ...http1.Asked) (all []int) {
	r := http1.Reader{Asked: asked}
	_, _ = r.Write(b)
	for _, a := range r.Answers() {
		if a.Status != 0 && !a.Interim() {
			all = append(all, a.Status)
		}
	}
	return all
}
