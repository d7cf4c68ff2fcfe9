package delivery

import (
	"io"
	"syscall"
	"time"
)

// fakeServer is the server's side of a fake connection. Its reads and writes return an error once the client has closed.
type fakeServer struct{ f *fake }

// Read waits for bytes, and returns io.EOF at the end of the client's stream.
func (s *fakeServer) Read(b []byte) (int, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	for {
		n, err, ok := s.f.request.get(b)
		switch {
		case ok:
			s.f.change()
			return n, err
		case s.f.closed || s.f.gone:
			return 0, syscall.ECONNRESET
		}
		s.f.wait(time.Time{})
	}
}

// Write waits for room, and sends b, in as many segments as there was room at once.
func (s *fakeServer) Write(b []byte) (int, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	done := 0
	for {
		if s.f.closed || s.f.gone {
			return done, syscall.EPIPE
		}
		n := s.f.answer.put(b[done:])
		if done += n; n > 0 {
			s.f.carry(&s.f.answer, n, false)
		}
		if done == len(b) {
			return done, nil
		}
		s.f.wait(time.Time{})
	}
}

// CloseWrite sends a FIN.
func (s *fakeServer) CloseWrite() {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.finish()
}

// finish sends a FIN.
func (s *fakeServer) finish() {
	if !s.f.answer.finWritten {
		s.f.answer.finWritten = true
		s.f.carry(&s.f.answer, 0, true)
	}
}

// Close closes the server's end: with a RST where bytes were not read, as kernels do, else with a FIN.
func (s *fakeServer) Close() {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.f.request.arrived > s.f.request.read {
		s.leave()
		return
	}
	s.finish()
	s.f.gone = true
	s.f.change()
}

// abort closes the server's end with a RST.
func (s *fakeServer) abort() {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.leave()
}

// leave sends a RST.
func (s *fakeServer) leave() {
	s.f.gone = true
	s.f.after(func() { s.f.reset = !s.f.answer.finArrived })
}

// read reads n bytes, fewer where the stream ends.
func (s *fakeServer) read(n int) { _, _ = io.ReadFull(s, make([]byte, n)) }

// drain reads up to the end of the client's stream.
func (s *fakeServer) drain() { _, _ = io.Copy(io.Discard, s) }

// write sends the text.
func (s *fakeServer) write(text string) { _, _ = io.WriteString(s, text) }

// stay waits until the client has closed.
func (s *fakeServer) stay() { <-s.f.over }

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
	s.f.mu.Lock()
	s.f.held = time.Now().Add(d)
	s.f.mu.Unlock()
	time.Sleep(d)
}

// set changes the connection while it is in use.
func (s *fakeServer) set(change func(f *fake)) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	change(s.f)
	s.f.change()
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
	s.Close()
}
