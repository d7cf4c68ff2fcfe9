package http1_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// A server in ten lines.
func ExampleHandler() {
	server := reference.NewTCPServer(reference.Config{
		Addr: "127.0.0.1:0",
		Handler: http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
			return w.Text(200, "Hello, "+strings.TrimPrefix(r.Path(), "/")+"!\n")
		}},
	})
	if err := server.Listen(); err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go server.ServeForever()

	show(dialing(server), "GET /Ada HTTP/1.1\r\nHost: a\r\n\r\n", "GET /Grace HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	// Output:
	// HTTP/1.1 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 12
	//
	// Hello, Ada!
	// HTTP/1.1 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 14
	// Connection: close
	//
	// Hello, Grace!
}

// Content is read as it comes, and an error that is returned is the answer.
func ExampleRefuse() {
	sum := func(w *http1.Answer, r *http1.Request) error {
		if r.Method != "POST" {
			if err := w.Set("Allow", "POST"); err != nil {
				return err
			}
			return http1.Refuse(405, "Post numbers.")
		}
		total, numbers := 0.0, json.NewDecoder(r.Body)
		for {
			var number float64
			if err := numbers.Decode(&number); err == io.EOF {
				return w.Text(200, fmt.Sprintln(total))
			} else if err != nil {
				return http1.Refuse(422, "That is no number.")
			}
			total += number
		}
	}
	show(inMemory(http1.Handler{Serve: sum}),
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n1 2\r\n4\r\n 3.5\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none",
		"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n",
	)
	// Output:
	// HTTP/1.1 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 4
	//
	// 6.5
	// HTTP/1.1 422 Unprocessable Content
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 19
	//
	// That is no number.
	// HTTP/1.1 405 Method Not Allowed
	// Allow: POST
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 14
	//
	// Post numbers.
}

// An answer whose length is not known goes in chunks: each part when it is there.
func ExampleAnswer_Flush() {
	count := func(w *http1.Answer, r *http1.Request) error {
		for _, word := range []string{"one", "two", "three"} {
			fmt.Fprintln(w, word)
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	}
	show(inMemory(http1.Handler{Serve: count}), "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output:
	// HTTP/1.1 200 OK
	// Transfer-Encoding: chunked
	//
	// 4
	// one
	//
	// 4
	// two
	//
	// 6
	// three
	//
	// 0
}

// dialing returns a connection to a server.
func dialing(server *reference.TCPServer) io.ReadWriteCloser {
	conn, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		panic(err)
	}
	return conn
}

// inMemory returns a connection to a handler.
func inMemory(h http1.Handler) io.ReadWriteCloser {
	client, conn := net.Pipe()
	go func() {
		defer conn.Close()
		_ = h.Handle(reference.NewStreamHandler(conn, reference.Config{}))
	}()
	return client
}

// show sends requests, and shows what is answered, but for dates.
func show(conn io.ReadWriteCloser, requests ...string) {
	defer conn.Close()
	for _, request := range requests {
		io.WriteString(conn, request)
		answer := ""
		for p := make([]byte, 4<<10); !complete(answer); {
			n, err := conn.Read(p)
			answer += string(p[:n])
			if err != nil {
				break
			}
		}
		fmt.Print(strings.ReplaceAll(withoutDates(answer), "\r\n", "\n"))
	}
}

// complete says whether an answer has come to its end.
func complete(text string) bool {
	all, err := readAnswers(text, nil)
	return err == nil && len(all) == 1
}
