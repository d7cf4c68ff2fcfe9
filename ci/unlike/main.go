// Command unlike is a right server that is unlike most: it has few workers, or answers late; a relay, behind which a server is far; and a
// server that breaks for good, which costs whoever judges it time.
//
//	unlike [--dialect line] [--workers N] [--late 200ms] ADDR
//	unlike [--dialect line] --after 20 --then hang|reset|refuse ADDR
//	unlike [--dialect line] --spin ADDR
//	unlike --relay SERVER [--late 25ms] ADDR
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/relay"
	"github.com/streamspec/streamspec/reference"
)

func main() {
	dialect := flag.String("dialect", "line", "what the server speaks: echo, greet, line or script")
	workers := flag.Int("workers", 0, "how many clients it serves at once (0: any number)")
	late := flag.Duration("late", 0, "how much later it answers, or passes on")
	to := flag.String("relay", "", "be a relay to the server at this address")
	var b breaks
	flag.IntVar(&b.after, "after", 0, "after how many clients it breaks")
	flag.StringVar(&b.then, "then", "", "what becomes of all later clients: hang, reset or refuse")
	flag.BoolVar(&b.spin, "spin", false, "keep a core busy for each client that is silent")
	flag.Parse()
	if err := run(*dialect, *workers, *late, *to, b, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "unlike:", err)
		os.Exit(1)
	}
}

func run(dialect string, workers int, late time.Duration, to string, b breaks, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("say at which address to listen")
	}
	if err := b.check(); err != nil {
		return err
	}
	handler, ok := reference.HandlerFor(dialect)
	if !ok {
		return fmt.Errorf("no dialect is named %q: use echo, greet, line or script", dialect)
	}
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	if to != "" {
		return relay.Serve(l, to, late)
	}
	if late > 0 {
		l = slow{l.(*net.TCPListener), late}
	} else {
		l = newBreaking(l.(*net.TCPListener), b)
	}
	return serve(reference.NewTCPServer(reference.Config{Handler: handler, MaxConnections: workers}), l)
}

// serve serves until SIGINT or SIGTERM, and lets the answers in progress finish then.
func serve(server *reference.TCPServer, l net.Listener) error {
	stopped, done := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer done()
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-stopped.Done():
	}
	const grace = 5 * time.Second
	finishing, end := context.WithTimeout(context.Background(), grace)
	defer end()
	if err := server.Shutdown(finishing); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// slow accepts connections on which answers leave so late.
type slow struct {
	*net.TCPListener
	by time.Duration
}

func (l slow) Accept() (net.Conn, error) {
	c, err := l.TCPListener.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return later{c, l.by}, nil
}

type later struct {
	*net.TCPConn
	by time.Duration
}

func (c later) Write(p []byte) (int, error) {
	time.Sleep(c.by)
	return c.TCPConn.Write(p)
}
