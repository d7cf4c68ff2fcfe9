package faulty

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// A Server is what a faulty server has in common with *reference.TCPServer, whose
// methods say what these do.
type Server interface {
	Listen() error
	Addr() net.Addr
	ServeForever() error
	Serve(l net.Listener) error
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
	right, ok := rightFor(dialect)
	if !ok {
		return nil, fmt.Errorf("faulty: no dialect is named %q", dialect)
	}
	if !slices.Contains(fault.Dialects, dialect) {
		return nil, fmt.Errorf("faulty: %s shows in %s, not in %s", name, strings.Join(fault.Dialects, ", "), dialect)
	}
	return plant.NewServer(fault.plant, dialect, right, cfg), nil
}

// rightFor returns the right server of a dialect in which faults are planted; false where there is none.
func rightFor(dialect string) (reference.Dialect, bool) {
	if dialect == web.Dialect {
		return web.Right(), true
	}
	return reference.HandlerFor(dialect)
}

// Operations returns the operations on rw of a server of the dialect script with
// the fault of that name, for what the wire cannot show. Its error is that of NewServer.
func Operations(name string, rw io.ReadWriter, cfg reference.Config) (reference.Stream, error) {
	fault, ok := Lookup(name)
	if !ok {
		return nil, fmt.Errorf("faulty: no fault is named %q", name)
	}
	changes := plant.New(fault.plant, "script", cfg)
	var s reference.Stream = reference.NewStreamHandler(rw, changes.Config)
	if changes.Stream != nil {
		s = changes.Stream(s)
	}
	return s, nil
}
