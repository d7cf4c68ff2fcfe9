package coverage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Variable is the environment variable that tells a server's endpoint where to listen.
const Variable = "STREAMSPEC_COVERAGE"

// The bounds of an endpoint.
const (
	dialBound = 10 * time.Second // for it to listen
	dialRetry = 5 * time.Millisecond
	takeBound = 10 * time.Second // for one answer
	wordBound = 32               // for the first line of an answer, in bytes
	textBound = 4 << 10          // for the text of an error, in bytes
)

// An Endpoint is the Source of a server that calls endpoint.Serve.
type Endpoint struct {
	path string
	conn net.Conn
	r    *bufio.Reader

	mu     sync.Mutex // held by Take
	broken error      // what ended the connection
}

var _ Source = (*Endpoint)(nil)

// Dial connects to the endpoint at the path of a unix socket, or at a port such as 127.0.0.1:7008. A server that was just
// started may not listen yet: Dial tries until ctx ends, and for ten seconds at most.
func Dial(ctx context.Context, path string) (*Endpoint, error) {
	network, err := networkOf(path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialBound)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, network, path)
		if err == nil {
			return &Endpoint{path: path, conn: conn, r: bufio.NewReader(conn)}, nil
		}
		if !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.EACCES) {
			select {
			case <-ctx.Done():
			case <-time.After(dialRetry):
				continue
			}
		}
		return nil, fmt.Errorf("no coverage endpoint at %s: the server calls endpoint.Serve, and is started with %s=%s (%w)", path, Variable, path, err)
	}
}

// networkOf says whether the path is a socket's, or a port of the loopback interface.
func networkOf(path string) (string, error) {
	host, port, err := net.SplitHostPort(path)
	if err != nil {
		return "unix", nil
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "unix", nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("the coverage endpoint %s is no port of the loopback interface, such as 127.0.0.1:7008", path)
	}
	return "tcp", nil
}

// Take asks for what was reached since it was last asked. Ask when each connection has come to its end: what the server
// still does for one counts for the next time. A server that has nothing to do answers within a millisecond; the
// wait is ten seconds at most. When the connection fails or ctx ends meanwhile, the endpoint is of no use any more, and
// what it had to tell is lost. A server that was not built with -cover says so, and may be asked again.
func (e *Endpoint) Take(ctx context.Context) ([]Edge, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken != nil {
		return nil, e.broken
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	word, body, err := e.ask(ctx)
	if err != nil {
		if ended := ctx.Err(); ended != nil {
			err = ended
		}
		e.broken = fmt.Errorf("the coverage endpoint %s does not answer: %w", e.path, err)
		_ = e.conn.Close()
		return nil, e.broken
	}
	if word == "error" {
		return nil, fmt.Errorf("the server has no coverage to give: %q", body)
	}
	edges, err := Parse(body)
	if err != nil {
		return nil, fmt.Errorf("the coverage endpoint %s: %w", e.path, err)
	}
	return edges, nil
}

// ask sends a request and reads its answer.
func (e *Endpoint) ask(ctx context.Context) (word string, body []byte, err error) {
	if err := e.conn.SetDeadline(time.Now().Add(takeBound)); err != nil {
		return "", nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = e.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(e.conn, "take\n"); err != nil {
		return "", nil, err
	}
	line, err := e.r.Peek(1)
	for n := 2; err == nil && line[len(line)-1] != '\n'; n++ {
		if n > wordBound {
			return "", nil, fmt.Errorf("it answers %q, and not counters or error", line)
		}
		line, err = e.r.Peek(n)
	}
	if err != nil {
		return "", nil, err
	}
	word, size, err := announced(string(line))
	if err != nil {
		return "", nil, err
	}
	_, _ = e.r.Discard(len(line))
	body = make([]byte, 0, min(size, 64<<10))
	for chunk := 64 << 10; len(body) < size; chunk *= 2 { // memory for what comes, not for what is announced
		have := len(body)
		body = append(body, make([]byte, min(chunk, size-have))...)
		if _, err := io.ReadFull(e.r, body[have:]); err != nil {
			return "", nil, err
		}
	}
	return word, body, nil
}

// announced reads the first line of an answer.
func announced(line string) (word string, size int, err error) {
	word, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	most := map[string]int{"counters": MaxData, "error": textBound}[word]
	n, err := strconv.ParseUint(number, 10, 31)
	switch {
	case most == 0 || err != nil:
		return "", 0, fmt.Errorf("it answers %q, and not counters or error", line)
	case n > uint64(most):
		return "", 0, fmt.Errorf("it announces %d bytes, and %d is the most", n, most)
	}
	return word, int(n), nil
}

// Close closes the connection. It may be called again, and while Take waits.
func (e *Endpoint) Close() error {
	if err := e.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
