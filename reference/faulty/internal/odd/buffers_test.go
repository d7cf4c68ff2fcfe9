//go:build linux

package odd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// What was received when the server shuts down is answered, wherever it is held.
func TestControlsAnswerWhatWasReceived(t *testing.T) {
	for _, control := range Controls() {
		if !slices.Contains(control.Dialects, "echo") {
			continue // they differ in their sessions alone
		}
		for _, pieces := range [][]string{{"a"}, {"a", "b"}, {"a", "b", "c", "d"}} {
			t.Run(control.Name, func(t *testing.T) { answersWhatWasReceived(t, control, pieces) })
		}
	}
}

func answersWhatWasReceived(t *testing.T, control plant.Control, pieces []string) {
	held, goOn := make(chan socket, 1), make(chan struct{})
	waiting, looked := make(chan struct{}, 10), make(chan struct{}, 10)
	s := serveHere(t, "echo", reference.Echo, func(changes *plant.Changes) {
		control.Plant(changes)
		right := changes.Conn
		changes.Conn = func(conn plant.Conn) net.Conn {
			var c socket = conn
			if right != nil {
				c = right(conn).(socket)
			}
			held <- c
			return gated{c, waiting, looked, goOn}
		}
	})
	c := dialHere(t, s)
	far := <-held
	for i, piece := range pieces {
		mustWrite(t, c, piece)
		if reads, ok := far.(*ahead); ok {
			reads.awaitHeld(i + 1)
		} else {
			awaitReceived(t, far, i+1)
		}
	}
	<-waiting
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), testPatience)
		defer cancel()
		done <- s.Shutdown(ctx)
	}()
	<-looked
	close(goOn)
	for _, piece := range pieces {
		mustRead(t, c, piece)
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes, %v; want the end of the stream", n, err)
	}
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// A socket is what the reference server uses of a connection, where it can.
type socket interface {
	net.Conn
	syscall.Conn
	CloseWrite() error
}

// gated reads when goOn is closed. It says that a read waits for that, and that
// somebody looked what is pending.
type gated struct {
	socket
	waiting, looked, goOn chan struct{}
}

func (c gated) SyscallConn() (syscall.RawConn, error) {
	c.looked <- struct{}{}
	return c.socket.SyscallConn()
}

func (c gated) Read(p []byte) (int, error) {
	c.waiting <- struct{}{}
	<-c.goOn
	return c.socket.Read(p)
}

// awaitReceived waits until the kernel has received so many bytes, and leaves them.
func awaitReceived(t *testing.T, c socket, want int) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Read(func(fd uintptr) bool {
		n, _, _ := syscall.Recvfrom(int(fd), make([]byte, want), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return n == want
	})
	if err != nil {
		t.Fatal(err)
	}
}

// awaitHeld waits until so many reads are held.
func (c *ahead) awaitHeld(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) < n {
		c.changed.Wait()
	}
}

func TestReadsAhead(t *testing.T) {
	near, conn := pair(t, planted(plantReadsAhead))
	far := conn.(*ahead)
	buf := make([]byte, 100)

	waiting := make(chan error, 1)
	go func() {
		_, err := far.Read(buf)
		waiting <- err
	}()
	if err := far.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read that was to end at once: %v", err)
	}

	mustWrite(t, near, "hello")
	far.awaitHeld(1)
	if _, err := far.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read after its deadline: %v", err)
	}
	if err := far.SetReadDeadline(time.Now().Add(testPatience)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hel", "lo"} {
		if n, err := far.Read(buf[:3]); string(buf[:n]) != want || err != nil {
			t.Errorf("Read = %q, %v; want %q", buf[:n], err, want)
		}
	}
	if err := near.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := far.Read(buf); n != 0 || err != io.EOF {
			t.Errorf("Read = %d, %v; want the end of the stream", n, err)
		}
	}
	if err := far.Close(); err != nil {
		t.Error(err)
	}
	if _, err := far.Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read after Close: %v", err)
	}
	if err := far.SetReadDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a deadline after Close: %v", err)
	}
}

// A client whose server does not read is not read from for ever.
func TestReadsAheadAreBounded(t *testing.T) {
	near, conn := pair(t, planted(plantReadsAhead))
	far := conn.(*ahead)
	if err := near.SetWriteDeadline(time.Now().Add(testPatience)); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	content := bytes.Repeat([]byte("0123456789"), 1<<20)
	go func() {
		_, err := near.Write(content)
		sent <- errors.Join(err, near.CloseWrite())
	}()
	far.awaitHeld(aheadReads)
	got, err := io.ReadAll(struct{ io.Reader }{far})
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes of %d, %v", len(got), len(content), err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	far.mu.Lock()
	defer far.mu.Unlock()
	if len(far.queue) != 0 || cap(far.queue) > 1000 {
		t.Errorf("%d of %d pieces are left", len(far.queue), cap(far.queue))
	}
}

// fill writes until nothing more is taken, and returns how much was.
func fill(t *testing.T, far *elsewhere) int {
	t.Helper()
	piece, taken := make([]byte, 1<<20), 0
	for {
		if err := far.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		n, err := far.Write(piece)
		taken += n
		if errors.Is(err, os.ErrDeadlineExceeded) && n == 0 {
			return taken
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
	}
}

func TestWritesElsewhere(t *testing.T) {
	near, conn := pair(t, planted(plantWritesElsewhere))
	far := conn.(*elsewhere)
	taken := fill(t, far)
	far.mu.Lock()
	if far.waiting > mostWaiting {
		t.Errorf("%d bytes wait, of at most %d", far.waiting, mostWaiting)
	}
	far.mu.Unlock()
	ended := make(chan error, 1)
	go func() { ended <- far.CloseWrite() }()
	if got, err := io.ReadAll(near); err != nil || len(got) != taken {
		t.Errorf("%d bytes arrived, %v; %d were taken", len(got), err, taken)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Closing as it is waits for nobody, and lets go who waits until all is written.
func TestWritesElsewhereCloseAtOnce(t *testing.T) {
	_, conn := pair(t, planted(plantWritesElsewhere))
	far := conn.(*elsewhere)
	fill(t, far)
	ended, wrote := make(chan error, 1), make(chan error, 1)
	go func() { ended <- far.CloseWrite() }()
	go func() {
		_, err := far.Write([]byte("more"))
		wrote <- err
	}()
	if err := far.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
		t.Errorf("CloseWrite: %v", err)
	}
	// The write ends by the deadline that fill has left, or by Close.
	if err := <-wrote; !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Write: %v", err)
	}
	if err := far.SetWriteDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a deadline after Close: %v", err)
	}
}

// An error of the socket shows at a later write.
func TestWritesElsewhereFail(t *testing.T) {
	near, conn := pair(t, planted(plantWritesElsewhere))
	far := conn.(*elsewhere)
	if err := errors.Join(near.SetLinger(0), near.Close()); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(testPatience); ; time.Sleep(time.Millisecond) {
		_, err := far.Write([]byte("x"))
		if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
			break
		}
		if err != nil || time.Now().After(end) {
			t.Fatalf("Write: %v", err)
		}
	}
	<-far.done
}

// A socket that takes nothing fails in time.
func TestWritesElsewhereEndInTime(t *testing.T) {
	_, conn := pair(t, planted(func(changes *plant.Changes) {
		changes.Config.WriteTime = 20 * time.Millisecond
		plantWritesElsewhere(changes)
	}))
	far := conn.(*elsewhere)
	n, err := far.Write(make([]byte, 64<<20))
	if n == 0 || n == 64<<20 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Write = %d, %v", n, err)
	}
	_ = far.CloseWrite() // returns
	<-far.done
}
