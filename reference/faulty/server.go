package faulty

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/reference"
)

// A Server is what a faulty server has in common with *reference.TCPServer, whose
// methods say what these do.
type Server interface {
	Listen() error
	Addr() net.Addr
	ServeForever() error
	Shutdown(ctx context.Context) error
	Close() error
}

var _ Server = (*reference.TCPServer)(nil)

// NewServer returns a server of the dialect with the fault of that name. Of cfg,
// the Handler and Listen are its own. An unknown name or dialect is an error, and
// so is a dialect in which the fault does not show.
func NewServer(name, dialect string, cfg reference.Config) (Server, error) {
	fault, ok := Lookup(name)
	if !ok {
		return nil, fmt.Errorf("faulty: no fault is named %q", name)
	}
	right, ok := reference.HandlerFor(dialect)
	if !ok {
		return nil, fmt.Errorf("faulty: no dialect is named %q", dialect)
	}
	if !slices.Contains(fault.Dialects, dialect) {
		return nil, fmt.Errorf("faulty: %s shows in %s, not in %s", name, strings.Join(fault.Dialects, ", "), dialect)
	}
	return newServer(fault.plant, dialect, right, cfg), nil
}

// Operations returns the operations on rw of a server of the dialect script with
// the fault of that name, for what the wire cannot show. Its error is that of NewServer.
func Operations(name string, rw io.ReadWriter, cfg reference.Config) (reference.Stream, error) {
	fault, ok := Lookup(name)
	if !ok {
		return nil, fmt.Errorf("faulty: no fault is named %q", name)
	}
	p := &plan{dialect: "script", cfg: cfg, stopped: make(chan struct{})}
	fault.plant(p)
	var s reference.Stream = reference.NewStreamHandler(rw, p.cfg)
	if p.stream != nil {
		s = p.stream(s)
	}
	return s, nil
}

// newServer returns the right server of the dialect, changed by plant.
func newServer(plant func(*plan), dialect string, right reference.Dialect, cfg reference.Config) *server {
	p := &plan{dialect: dialect, cfg: cfg, stopped: make(chan struct{})}
	plant(p)
	p.cfg.Handler = p.handler(right)
	p.cfg.Listen = p.listen
	s := &server{TCPServer: reference.NewTCPServer(p.cfg), plan: p}
	p.kill = func() { _ = s.Close() }
	return s
}

// A server is the reference server, whose fault ends when it does.
type server struct {
	*reference.TCPServer
	plan *plan
}

func (s *server) ServeForever() error {
	if s.plan.serve != nil {
		return s.plan.serve(s.TCPServer.ServeForever)
	}
	return s.TCPServer.ServeForever()
}

func (s *server) Shutdown(ctx context.Context) error {
	if s.plan.shutdown != nil {
		return s.plan.shutdown(ctx, s.right)
	}
	return s.right(ctx)
}

// right shuts down as the right server does.
func (s *server) right(ctx context.Context) error {
	s.plan.stop()
	return s.TCPServer.Shutdown(ctx)
}

func (s *server) Close() error {
	s.plan.stop()
	return s.TCPServer.Close()
}
