package delivery

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
)

// room is how many bytes a fake's streams hold.
const room = inmemory.Room

// fake is a connection in memory, for bubbles of testing/synctest, in which waits take no time. The server's side is played by the
// test: see fakeServer.
type fake struct{ *inmemory.TCP }

// newFake returns a connection without a server.
func newFake() *fake { return &fake{inmemory.NewTCP()} }

// connect returns the connection to a server that serve plays in a goroutine of its own; serve may be nil. It is closed with the test.
func (f *fake) connect(t *testing.T, o Options, serve func(s *fakeServer)) *Conn {
	c := Over(f, o, time.Now())
	t.Cleanup(func() { _ = c.Close() })
	if serve != nil {
		f.serve(t, serve)
	}
	return c
}

// serve plays the server in a goroutine of its own, which the end of the test waits for.
func (f *fake) serve(t *testing.T, serve func(s *fakeServer)) {
	served := make(chan struct{})
	go func() {
		defer close(served)
		serve(f.server())
	}()
	t.Cleanup(func() {
		_ = f.Close()
		f.Server().Abort() // what the client said may have been lost
		<-served
	})
}

// inBubble runs the test in a bubble in which time is virtual.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// fakeServer is the server's side of a fake connection.
type fakeServer struct {
	*inmemory.Server
	f *fake
}

// server returns the server's side.
func (f *fake) server() *fakeServer { return &fakeServer{f.Server(), f} }

// leave closes the server's end, with a RST where bytes were not read.
func (s *fakeServer) leave() { _ = s.Close() }

// halfClose sends a FIN.
func (s *fakeServer) halfClose() { _ = s.CloseWrite() }

// read reads n bytes, fewer where the stream ends.
func (s *fakeServer) read(n int) { _, _ = io.ReadFull(s, make([]byte, n)) }

// drain reads up to the end of the client's stream.
func (s *fakeServer) drain() { _, _ = io.Copy(io.Discard, s) }

// write sends the text.
func (s *fakeServer) write(text string) { _, _ = io.WriteString(s, text) }

// stay waits until the client has closed.
func (s *fakeServer) stay() { <-s.f.Closed() }

// drip sends the text again and again, so far apart, until the client has closed.
func (s *fakeServer) drip(text string, apart time.Duration) {
	for {
		if _, err := io.WriteString(s, text); err != nil {
			return
		}
		time.Sleep(apart)
	}
}

// hold keeps the client's process from running for so long, and returns after it.
func (s *fakeServer) hold(d time.Duration) {
	s.f.Set(func() { s.f.Held = time.Now().Add(d) })
	time.Sleep(d)
}

// took returns how long f takes in the bubble.
func took(f func()) time.Duration {
	begun := time.Now()
	f()
	return time.Since(begun)
}

// echoFake sends back what it receives, and closes after the end of the stream.
func echoFake(s *fakeServer) {
	_, _ = io.Copy(struct{ io.Writer }{s}, struct{ io.Reader }{s})
	s.leave()
}
