package fuzz_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"

	"github.com/streamspec/streamspec/fuzz"
	"github.com/streamspec/streamspec/suite/target"
)

// Some plans are played to a server of this process.
func ExampleRun() {
	server, err := target.Serve(func(l net.Listener) error {
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
	})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close(context.Background())
	r, err := fuzz.Run(context.Background(), fuzz.Config{Target: server, Dialect: "echo", Seed: 1, Plans: 20})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Plans, "plans,", len(r.Failures), "failures")
	// Output: 20 plans, 0 failures
}
