package faulty

import (
	"context"
	"fmt"
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
	right, ok := reference.DialectFor(dialect)
	if !ok {
		return nil, fmt.Errorf("faulty: no dialect is named %q", dialect)
	}
	if !slices.Contains(fault.Dialects, dialect) {
		return nil, fmt.Errorf("faulty: %s shows in %s, not in %s", name, strings.Join(fault.Dialects, ", "), dialect)
	}
	p := &plan{dialect: dialect, cfg: cfg, stopped: make(chan struct{})}
	fault.plant(p)
	p.cfg.Handler = p.handler(right)
	p.cfg.Listen = p.listen
	s := &server{TCPServer: reference.NewTCPServer(p.cfg), plan: p}
	p.kill = func() { _ = s.Close() }
	return s, nil
}

// A server is the reference server, whose fault ends when it does.
type server struct {
	*reference.TCPServer
	plan *plan
}

func (s *server) Shutdown(ctx context.Context) error {
	s.plan.stop()
	return s.TCPServer.Shutdown(ctx)
}

func (s *server) Close() error {
	s.plan.stop()
	return s.TCPServer.Close()
}
