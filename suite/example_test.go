package suite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite"
)

// echoing is a server that somebody wrote: it sends back what it reads.
func echoing(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			io.Copy(c, c)
		}()
	}
}

// readingOnce is one that takes what a read returns for the whole message.
func readingOnce(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, 4096)
			n, _ := bufio.NewReader(c).Read(buf)
			c.Write(buf[:n])
		}()
	}
}

// A server in Go is judged where it is tested: TestServer has a subtest for each requirement.
func ExampleTest() {
	TestServer := func(t *testing.T) {
		suite.Test(t, suite.Config{Dialect: "echo", Serve: echoing})
	}

	goTest(TestServer)
}

// A server that listens already is judged by its listener.
func ExampleTest_listener() {
	TestServer := func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go echoing(l)
		suite.Test(t, suite.Config{Dialect: "echo", Listener: l, Only: "FRAM"})
	}

	goTest(TestServer)
}

// uploading is a handler for net/http that somebody wrote: it greets, takes what is uploaded and gives it back, and says what it was asked.
func uploading() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "Hello!\n") })
	mux.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	mux.HandleFunc("GET /asked", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s of %s: %s\n", r.RequestURI, r.Host, r.Header["X-Probe"])
	})
	return mux
}

// An HTTP server is asked for / and judged by what it answers; what cannot be learned of it is said. Only is here for the time that it
// takes: without it all is judged that is known of HTTP/1.1, some 100 requirements.
func ExampleTest_http() {
	TestServer := func(t *testing.T) {
		server := httptest.NewServer(uploading())
		defer server.Close()
		suite.Test(t, suite.Config{
			Dialect: "http1", Listener: server.Listener,
			HTTP: suite.HTTP{PostPath: "/upload", EchoPath: "/asked", BodyLimit: 64 << 10},
			Only: "HREQ-3,HLEN-2",
		})
	}

	goTest(TestServer)
}

// A handler of package http1 is served by the reference server.
func ExampleTest_handler() {
	TestHandler := func(t *testing.T) {
		handler := http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
			if r.Path() != "/" {
				return http1.Refuse(404, "There is nothing here.")
			}
			return w.Text(200, "Hello!\n")
		}}
		server := reference.NewTCPServer(reference.Config{Handler: handler})
		suite.Test(t, suite.Config{Dialect: "http1", Serve: server.Serve, Only: "HFLD-2,HLEN-2"})
	}

	goTest(TestHandler)
}

// A report says which requirement is broken, and where to begin.
func ExampleRun() {
	r, err := suite.Run(context.Background(), suite.Config{Dialect: "echo", Serve: readingOnce, Only: "LIFE-1,FRAM-1,FRAM-2", Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, result := range r.Results {
		fmt.Println(result.ID, result.Verdict, result.Title)
	}
	fmt.Println(r.Sentence)
	fmt.Println("begin with", r.First)
	// Output:
	// LIFE-1 pass accepts on its address and serves
	// FRAM-1 pass the whole request in one segment
	// FRAM-2 fail cut in two at every byte
	// not conformant: 1 of 3 MUST broken (FRAM-2)
	// begin with FRAM-2
}
