package suite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"testing"

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
