package fuzz_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/streamspec/streamspec/fuzz"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/target"
)

// Two servers are given the same requests: where neither frames one otherwise, none can be smuggled past the one to the other.
func ExampleCompare() {
	one, err := target.Serve(func(l net.Listener) error {
		return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err == nil {
				w.Write(body)
			}
		}))
	})
	if err != nil {
		log.Fatal(err)
	}
	defer one.Close(context.Background())
	other, err := target.Serve(reference.NewTCPServer(reference.Config{Handler: http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		return w.Text(200, string(body))
	}}}).Serve)
	if err != nil {
		log.Fatal(err)
	}
	defer other.Close(context.Background())
	c, err := fuzz.Compare(context.Background(), fuzz.CompareConfig{Targets: [2]*target.Target{one, other}, Seed: 1, Draws: 30})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Draws, "draws,", len(c.Differences), "framed otherwise")
	// Output: 30 draws, 0 framed otherwise
}
