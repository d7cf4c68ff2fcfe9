//go:build linux

package odd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// What is odd about the controls, and what they keep, where a client cannot tell for certain.

// testPatience is the time in which what is right comes.
const testPatience = time.Minute

// planted is what a control changes.
func planted(do func(*plant.Changes)) *plant.Changes {
	return plant.New(do, "", reference.Config{})
}

// pair is both ends of a connection: a client's, and one that the changed server has accepted.
func pair(t *testing.T, changes *plant.Changes) (*net.TCPConn, net.Conn) {
	t.Helper()
	l, err := changes.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near.(*net.TCPConn), far
}

func mustWrite(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func TestOneByteReads(t *testing.T) {
	near, far := pair(t, planted(plantOneByteReads))
	mustWrite(t, near, "hello")
	buf := make([]byte, 10)
	for _, want := range "hello" {
		if n, err := far.Read(buf); n != 1 || err != nil || buf[0] != byte(want) {
			t.Errorf("Read = %d, %v: %q; want one byte, %q", n, err, buf[:n], want)
		}
	}
	if n, err := far.Read(nil); n != 0 || err != nil {
		t.Errorf("Read of nothing = %d, %v", n, err)
	}
}

func TestOneByteWrites(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 4000)
	var written []byte
	var sizes []int
	left := 4096
	for range 2 { // what the first leaves of the single bytes is the next one's
		n, err := divided(content[:20000], &left, func(p []byte) (int, error) {
			sizes, written = append(sizes, len(p)), append(written, p...)
			return len(p), nil
		})
		if n != 20000 || err != nil {
			t.Errorf("%d bytes and %v, want all of 20000", n, err)
		}
		content = content[20000:]
	}
	if !bytes.Equal(written, bytes.Repeat([]byte("0123456789"), 4000)) {
		t.Errorf("%d bytes, and not those of the answers", len(written))
	}
	want := slices.Concat(slices.Repeat([]int{1}, 4096), []int{20000 - 4096, 16384, 20000 - 16384})
	if !slices.Equal(sizes, want) {
		t.Errorf("%d writes, the last ones of %v bytes", len(sizes), sizes[max(0, len(sizes)-5):])
	}
	left = 10
	calls := 0
	n, err := divided([]byte("0123456789"), &left, func([]byte) (int, error) {
		calls++
		return calls % 2, map[bool]error{true: os.ErrDeadlineExceeded}[calls == 2]
	})
	if n != 1 || left != 9 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes and %v, want one and the write's error", n, err)
	}
}

func TestSocketOptions(t *testing.T) {
	for _, option := range []struct {
		plant       func(*plant.Changes)
		level, name int
		want        int
	}{
		{plantNagle, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 0},
		{func(*plant.Changes) {}, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1},
		{plantOneByteWrites, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1},
		// Linux doubles what it is asked for.
		{plantSmallBuffers, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2 * smallBuffer},
		{plantSmallBuffers, syscall.SOL_SOCKET, syscall.SO_SNDBUF, 2 * smallBuffer},
	} {
		_, far := pair(t, planted(option.plant))
		raw, err := far.(syscall.Conn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var got int
		var failed error
		err = raw.Control(func(fd uintptr) { got, failed = syscall.GetsockoptInt(int(fd), option.level, option.name) })
		if err != nil || failed != nil || got != option.want {
			t.Errorf("option %d of %d is %d, want %d (%v, %v)", option.name, option.level, got, option.want, err, failed)
		}
	}
}

// A deadline is put off by what the server waits; one that is over stays.
func TestDeadlineIsPutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set time.Time
		d := deadline{set: func(at time.Time) error { set = at; return nil }}
		const wait = 5 * time.Millisecond
		for _, c := range []struct {
			name string
			at   time.Time
			put  time.Duration
		}{
			{"a time to come", time.Now().Add(time.Hour), wait},
			{"a time within the wait", time.Now().Add(wait + wait/2), wait}, // the first has waited
			{"a time past", time.Unix(1, 0), 0},
			{"none", time.Time{}, 0},
		} {
			if err := d.change(c.at); err != nil || !set.Equal(c.at) {
				t.Errorf("%s: set to %v, %v", c.name, set, err)
			}
			d.wait(wait)
			if put := set.Sub(c.at); put != c.put {
				t.Errorf("%s: put off by %v, want %v", c.name, put, c.put)
			}
		}
	})
}

// serveHere serves with changes until the test ends.
func serveHere(t *testing.T, dialect string, right reference.Dialect, do func(*plant.Changes)) *plant.Server {
	t.Helper()
	s := plant.NewServer(do, dialect, right, reference.Config{})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeForever() }()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	return s
}

func dialHere(t *testing.T, s *plant.Server) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(testPatience)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

func mustRead(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

func TestThreadEach(t *testing.T) {
	threads := make(chan int, 20)
	s := serveHere(t, "line", reference.Line, func(changes *plant.Changes) {
		plantThreadEach(changes)
		locked := changes.Session
		changes.Session = func(d reference.Dialect) reference.Dialect {
			return locked(func(s reference.Stream) error {
				threads <- syscall.Gettid()
				_, _ = s.ReadLine()
				threads <- syscall.Gettid()
				return d(s)
			})
		}
	})
	seen := map[int]bool{}
	for range 5 {
		c := dialHere(t, s)
		first := <-threads
		mustWrite(t, c, "x\n")
		if second := <-threads; first != second || seen[first] {
			t.Errorf("served by the threads %d and %d; others are %v", first, second, seen)
		}
		seen[first] = true
	}
}

func TestTwoWorkers(t *testing.T) {
	const clients = 6
	var computing, most atomic.Int64
	began, goOn := make(chan struct{}, clients), make(chan struct{})
	s := serveHere(t, "echo", reference.Echo, func(changes *plant.Changes) {
		plantTwoWorkers(changes)
		changes.Stream = func(s reference.Stream) reference.Stream {
			return computes{Stream: s, f: func() {
				now := computing.Add(1)
				defer computing.Add(-1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				began <- struct{}{}
				<-goOn
			}}
		}
	})
	var all []*net.TCPConn
	for range clients {
		c := dialHere(t, s)
		mustWrite(t, c, "hello")
		all = append(all, c)
	}
	for range 2 {
		<-began
	}
	idle := dialHere(t, s) // holds no worker
	close(goOn)
	for _, c := range all {
		mustRead(t, c, "hello")
	}
	if most.Load() != 2 {
		t.Errorf("%d handlers computed at once, want 2", most.Load())
	}
	mustWrite(t, idle, "x")
	mustRead(t, idle, "x")
}

// computes calls f when something was read.
type computes struct {
	reference.Stream
	f func()
}

func (s computes) ReadSome() ([]byte, error) {
	some, err := s.Stream.ReadSome()
	if err == nil {
		s.f()
	}
	return some, err
}
