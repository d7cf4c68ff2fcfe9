package reference_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// A server of one's own protocol: it answers a name with a greeting.
func ExampleNewTCPServer() {
	server := reference.NewTCPServer(reference.Config{
		Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
			for {
				name, err := h.ReadLine()
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				h.WriteContent("Hello, " + name + "!\n")
				if err := h.Send(); err != nil {
					return err
				}
			}
		}),
	})
	if err := server.Listen(); err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go server.ServeForever()

	conn, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	io.WriteString(conn, "Ada\r\nGrace\n")
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	fmt.Printf("%s%v\n", answer, err)
	// Output:
	// Hello, Ada!
	// Hello, Grace!
	// <nil>
}

// What is written against io.Reader and io.Writer works on a handler's own
// buffers, beside its other operations. These messages begin with their length.
func ExampleStreamHandler_Reader() {
	client, conn := net.Pipe()
	go func() {
		defer conn.Close()
		h := reference.NewStreamHandler(conn, reference.Config{})
		var length uint16
		for binary.Read(h.Reader(), binary.BigEndian, &length) == nil {
			fmt.Fprintf(h.Writer(), "%d bytes: ", length)
			if _, err := io.CopyN(h.Writer(), h.Reader(), int64(length)); err != nil {
				return
			}
			h.WriteContent("\n")
			if err := h.Send(); err != nil {
				return
			}
		}
	}()

	answers := bufio.NewReader(client)
	for _, message := range []string{"\x00\x05hello", "\x00\x06stream"} {
		io.WriteString(client, message)
		answer, err := answers.ReadString('\n')
		fmt.Printf("%q %v\n", answer, err)
	}
	client.Close()
	// Output:
	// "5 bytes: hello\n" <nil>
	// "6 bytes: stream\n" <nil>
}

// A handler that goes on by itself is told by its context to finish, and still has
// time for its last answer.
func ExampleTCPServer_Shutdown() {
	server := reference.NewTCPServer(reference.Config{
		Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
			h.WriteContent("working\n")
			if err := h.Send(); err != nil {
				return err
			}
			<-h.Context().Done()
			h.WriteContent("finished\n")
			return h.Send()
		}),
	})
	if err := server.Listen(); err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()

	conn, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	answers := bufio.NewScanner(conn)
	answers.Scan()
	fmt.Println(answers.Text())

	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		stopped <- server.Shutdown(ctx)
	}()
	answers.Scan()
	fmt.Println(answers.Text())
	conn.Close()
	fmt.Println(<-stopped)
	fmt.Println(errors.Is(<-served, reference.ErrServerClosed))
	// Output:
	// working
	// finished
	// <nil>
	// true
}
