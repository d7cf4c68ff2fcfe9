package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/reference"
)

// stopGrace is how long the answers in progress may take when serve is asked to stop.
const stopGrace = 3 * time.Second

func newServe() *cobra.Command {
	var name, addr, fault, odd string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the reference server",
		Long: `serve runs the reference server until SIGINT or SIGTERM; then it accepts nothing
more and lets the answers in progress finish.

In the dialect http1 it answers GET and HEAD of / with a fixed text, of /chunked with the
same in chunks, POST to /echo with the content, and /inspect with what it has understood
of the request.`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, ok := handlerFor(name); !ok {
				return usageError("%s", hint.Unknown("dialect", name, served()))
			}
			if fault != "" {
				if err := checkFault(fault, name); err != nil {
					return err
				}
			}
			if odd != "" {
				if fault != "" {
					return usageError("a server has either a --fault or looks --odd, not both")
				}
				if err := checkOdd(odd, name); err != nil {
					return err
				}
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			server, bound, err := newReference(name, fault, odd, reference.Config{Addr: addr, Logger: log})
			if err != nil {
				return err
			}
			if err := server.Listen(); err != nil {
				return listenError(addr, err)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "streamspec: serving %s on %s\n", name, bound())
			return serveUntil(cmd.Context(), server)
		},
	}
	cmd.Flags().StringVar(&name, "dialect", "script", "what to speak: echo, greet, line, script or http1")
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:7777", "address to listen on")
	cmd.Flags().StringVar(&fault, "fault", "", "plant a fault (streamspec list --faults)")
	cmd.Flags().StringVar(&odd, "odd", "", "be right, and look odd (streamspec list --odd)")
	return cmd
}

// listenError says what to do about an address that cannot be listened on.
func listenError(addr string, err error) error {
	switch {
	case errors.Is(err, reference.ErrAddressTaken):
		return fmt.Errorf("%s is taken: stop the server that listens there, or give another --addr", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine: give one that is as --addr, such as 127.0.0.1:7777", addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s needs privileges: give a port above 1023 as --addr", addr)
	}
	return err
}

// serveUntil serves until ctx ends, and lets the answers in progress finish.
func serveUntil(ctx context.Context, server referenceServer) error {
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
