package web_test

import (
	"net"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// A server serves a listener until it is closed.
type server interface {
	Serve(net.Listener) error
	Close() error
}

// right is the reference's demonstration.
func right() server { return reference.NewTCPServer(reference.Config{Handler: http1.Demo}) }

// named is the server with a fault, or the right one that looks odd, of that name.
func named(t *testing.T, name string) server {
	t.Helper()
	s, err := faulty.NewServer(name, service.Name, reference.Config{})
	if err != nil {
		s, err = faulty.NewControl(name, service.Name, reference.Config{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.(server)
}

// meet has a server serve in memory, and learns it: in a bubble of testing/synctest.
func meet(t *testing.T, s server, o service.Options) web.Player {
	t.Helper()
	l := inmemory.ListenTCP(0)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	p := player.NewServer(target.InProcess("in memory", "in memory", nil, nil, 0), d, patience.New(0).Measured(time.Millisecond), delivery.Auto)
	p.Connect = delivery.DialOver(l.Connect)
	to := service.New("localhost", o)
	one := p.Player("web")
	t.Cleanup(one.Done)
	if f := to.Learn(t.Context(), one); f != nil {
		t.Fatalf("%s: %s", f.Kind, f.Problem)
	}
	return web.Player{Player: one, Service: to}
}

// posts are the options of the servers here.
var posts = service.Options{PostPath: "/echo"}

// draws is how many draws a test plays.
const draws = 2000
