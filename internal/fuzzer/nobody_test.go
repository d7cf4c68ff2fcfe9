package fuzzer_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/report"
)

// hanging is a server of HTTP/1.1 that serves nobody any more once it has read a chunk's size below 0, as one does that works on it for ever: by
// blocking, since in a bubble of testing/synctest time stands still for who works.
type hanging struct {
	*reference.TCPServer
	mu   sync.Mutex
	hung chan struct{} // closed when it is started again; nil where it serves
}

// read is what one of its clients' reads comes to.
func (h *hanging) read(b []byte, n int, err error) (int, error) {
	h.mu.Lock()
	if bytes.Contains(b[:n], []byte("\r\n\r\n-")) && h.hung == nil {
		h.hung = make(chan struct{})
	}
	hung := h.hung
	h.mu.Unlock()
	if hung == nil {
		return n, err
	}
	<-hung
	return 0, io.EOF
}

// restart has it serve again.
func (h *hanging) restart(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hung != nil {
		close(h.hung)
		h.hung = nil
	}
	return nil
}

type hangingListener struct {
	net.Listener
	of *hanging
}

func (l hangingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return hangingConn{c, l.of}, nil
}

type hangingConn struct {
	net.Conn
	of *hanging
}

func (c hangingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return c.of.read(b, n, err)
}

func (c hangingConn) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// TestServesNobody holds that a server that serves nobody any more behind one request is told by that one, where it can be started again, and
// else by all that was played last; and that the run ends in its time.
func TestServesNobody(t *testing.T) {
	const seed, plans = 455, 200 // plan 25 has such a size, behind three requests
	for name, clients := range map[string]int{"started again": 8, "started again, one client": 1, "an address": 8, "an address, one client": 1} {
		t.Run(name, func(t *testing.T) {
			starts := strings.HasPrefix(name, "started")
			synctest.Test(t, func(t *testing.T) {
				h := &hanging{TCPServer: reference.NewTCPServer(reference.Config{Handler: http1.Demo})}
				cfg := meeting(t, "http1", plans, func(l net.Listener) error { return h.Serve(hangingListener{l, h}) })
				t.Cleanup(func() {
					_ = h.restart(t.Context())
					_ = h.Close()
				})
				cfg.For, cfg.Clients, cfg.Suite.Seed = time.Minute, clients, seed
				cfg.Suite.HTTP.Fields = []string{"Host: localhost"}
				cfg.Suite.HTTP.PostPath = "/echo"
				if starts {
					cfg.Suite.Restart = h.restart
				}
				began := time.Now()
				r := run(t, cfg)
				if took := time.Since(began); took > cfg.For+time.Minute { // in which the last failure is looked into
					t.Errorf("it took %v", took)
				}
				if len(r.Failures) != 1 || r.Conclusion() != report.NotConformant {
					t.Fatal(told(r))
				}
				f := r.Failures[0]
				if err := f.Plan.Validate(); err != nil || !f.Died || !bytes.Contains(sent(f), []byte("\r\n\r\n-")) {
					t.Errorf("%v, %+v\n%s", err, f, told(r))
				}
				switch {
				case starts && (f.Requirement != "HCHK-5" || !strings.HasSuffix(f.Problem, ": "+fuzz.Gone) || len(sent(f)) > 200 || f.Failed != 2 || r.Plans != plans || r.Restarts < 2):
					t.Error(told(r))
				case !starts && (f.Requirement != "LIFE-2" || f.Problem != fuzz.Nobody || !strings.Contains(r.Trouble, "give --exec")):
					t.Error(told(r))
				}
			})
		})
	}
}

// sent is all that the clients of a failure's plan send.
func sent(f *fuzz.Failure) (all []byte) {
	for _, c := range f.Plan.Clients {
		all = append(all, c.Bytes()...)
	}
	return all
}
