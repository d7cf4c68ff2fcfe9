package judgetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/target"
)

// A machine is where the servers of a test run that the suite starts: in memory, in a bubble, so that how they begin and how they end
// takes virtual time alone. It is the config's Launcher.
type machine struct {
	program func(*Served) int
	ready   time.Duration // how long a server has until it listens

	mu      sync.Mutex
	ports   map[int]*inmemory.TCPListener // that are listened on
	given   int                           // the last port that was free
	started int
	running sync.WaitGroup
}

// A Served is a server of a machine, as a program sees itself, and as the suite sees the process.
type Served struct {
	*machine
	Nth      int             // it is the nth that was started, from 1
	Stopping context.Context // done when it is asked to stop
	Killed   context.Context // done when it is ended, and what it left behind
	Over     context.Context // done when the program has returned

	port      int
	terminate context.CancelFunc
	end       context.CancelFunc
	leave     context.CancelFunc
	listens   chan struct{} // closed when it listens
	done      chan struct{} // closed behind exit
	exit      target.Exit
	begun     time.Time

	mu    sync.Mutex
	words string
	asked time.Time // when it was first asked to stop
}

// Running is a config for servers of a program, which returns its exit status when it ends; the first of them is the target.
func Running(t *testing.T, dialect string, ready time.Duration, program func(*Served) int) judge.Config {
	t.Helper()
	m := &machine{program: program, ready: ready, ports: map[int]*inmemory.TCPListener{}}
	first, err := m.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		first.Kill()
		m.running.Wait()
	})
	return judge.Config{
		Target: target.InProcess("handmade", first.Address(), nil, nil, 0), Dialect: dialect, Launcher: m,
		Connect: func(ctx context.Context, addr string, o delivery.Options) (*delivery.Conn, error) {
			return delivery.DialOver(m.at(addr).Connect)(ctx, addr, o)
		},
	}
}

// at is who listens at an address: one that refuses, where nobody does.
func (m *machine) at(addr string) *inmemory.TCPListener {
	m.mu.Lock()
	defer m.mu.Unlock()
	for port, l := range m.ports {
		if address(port) == addr {
			return l
		}
	}
	l := Near()
	_ = l.Close()
	return l
}

// address is no host:port, so that the system is not asked for it.
func address(port int) string { return fmt.Sprintf("in memory, %d", port) }

// Ready is part of player.Launcher.
func (m *machine) Ready() time.Duration { return m.ready }

// Start is part of player.Launcher.
func (m *machine) Start(ctx context.Context) (player.Process, error) {
	m.mu.Lock()
	m.given++
	port := m.given
	m.mu.Unlock()
	return m.StartOn(ctx, "", port, true)
}

// StartOn is part of player.Launcher.
func (m *machine) StartOn(ctx context.Context, _ string, port int, wait bool) (player.Process, error) {
	m.mu.Lock()
	m.started++
	s := &Served{machine: m, Nth: m.started, port: port, listens: make(chan struct{}), done: make(chan struct{}), begun: time.Now()}
	m.mu.Unlock()
	s.Killed, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.Stopping, s.terminate = context.WithCancel(s.Killed)
	s.Over, s.leave = context.WithCancel(s.Killed)
	m.running.Go(s.run)
	if !wait {
		return s, nil
	}
	select {
	case <-s.listens:
		return s, nil
	case <-s.done:
		return nil, s.Ended()
	case <-time.After(m.ready):
		s.Kill()
		return nil, &target.NotReadyError{Name: "handmade", Address: s.Address(), Waited: m.ready}
	}
}

// run has the program run to its end, and closes its address.
func (s *Served) run() {
	s.exit.Code = s.program(s)
	s.leave()
	from := s.begun
	s.mu.Lock()
	if !s.asked.IsZero() {
		from = s.asked
	}
	s.mu.Unlock()
	s.exit.Elapsed = time.Since(from)
	close(s.done)
}

// A port is what a server listens at.
type port struct {
	*inmemory.TCPListener
	s *Served
}

// Close gives the port back.
func (p port) Close() error {
	m := p.s.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ports[p.s.port] == p.TCPListener {
		delete(m.ports, p.s.port)
	}
	return p.TCPListener.Close()
}

// listen has the server listen on its port, and says so to who started it. Where another holds it, the error is EADDRINUSE.
func (s *Served) listen() (net.Listener, error) {
	l, err := s.take()
	if err == nil {
		close(s.listens)
	}
	return l, err
}

// Orphan leaves a process behind, which holds the port for so long, and accepts nobody.
func (s *Served) Orphan(holds time.Duration) {
	l, err := s.take()
	if err != nil {
		panic(err) // of a test whose server did not close its own
	}
	s.running.Go(func() {
		player.Sleep(s.Killed, holds)
		_ = l.Close()
	})
}

func (s *Served) take() (net.Listener, error) {
	m := s.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ports[s.port] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: syscall.EADDRINUSE}
	}
	m.ports[s.port] = Near()
	return port{m.ports[s.port], s}, nil
}

// Reference is a program: the reference server, whose connections are wrapped unless wrap is nil, and which has so long for what is in
// progress when it is asked to stop.
func (s *Served) Reference(dialect string, grace time.Duration, wrap func(Conn) net.Conn) int {
	l, err := s.listen()
	if err != nil {
		s.say(err)
		return 1
	}
	handler, _ := reference.HandlerFor(dialect)
	server := reference.NewTCPServer(reference.Config{Handler: handler})
	s.machine.running.Go(func() { _ = server.Serve(Wrapping{l, wrap}) }) // until it is closed
	<-s.Stopping.Done()
	ctx, cancel := context.WithTimeout(s.Killed, grace)
	defer cancel()
	_ = server.Shutdown(ctx) // what is left then is cut off
	_ = server.Close()
	return 0
}

// say is a word of the server's on stderr.
func (s *Served) say(v ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words += fmt.Sprintln(v...)
}

// What follows is player.Process.

func (s *Served) Address() string { return address(s.port) }
func (s *Served) Host() string    { return "" }
func (s *Served) Port() int       { return s.port }
func (s *Served) PID() int        { return 0 }
func (s *Served) Stdout() string  { return "" }

func (s *Served) Stderr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words
}

func (s *Served) Exited() (target.Exit, bool) {
	select {
	case <-s.done:
		return s.exit, true
	default:
		return target.Exit{}, false
	}
}

func (s *Served) Ended() error {
	exit, over := s.Exited()
	if !over {
		return nil
	}
	return &target.ExitedError{Name: "handmade", PID: 1, Exit: &exit, Stderr: s.Stderr()}
}

func (s *Served) Wait(ctx context.Context) (target.Exit, error) {
	select {
	case <-s.done:
		return s.exit, nil
	case <-ctx.Done():
		return target.Exit{}, ctx.Err()
	}
}

func (s *Served) Signal(os.Signal) error {
	if _, over := s.Exited(); over {
		return os.ErrProcessDone
	}
	s.mu.Lock()
	if s.asked.IsZero() {
		s.asked = time.Now()
	}
	s.mu.Unlock()
	s.terminate()
	return nil
}

func (s *Served) Kill() {
	s.end()
	<-s.done
}

func (s *Served) Listening() (bool, error) {
	s.machine.mu.Lock()
	defer s.machine.mu.Unlock()
	return s.ports[s.port] != nil, nil
}
