package http1_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// TestGoClient: net/http's client gets its answers, whatever it asks, on one connection after another
// or on one that is kept.
func TestGoClient(t *testing.T) {
	server := reference.NewTCPServer(reference.Config{Handler: http1.Demo})
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	transport := &http.Transport{ExpectContinueTimeout: time.Hour, MaxConnsPerHost: 1}
	defer func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
	}()
	long := strings.Repeat("0123456789abcdef", 1<<16)
	for _, ask := range []struct {
		method, path string
		body         io.Reader
		expect       bool
		status       int
		content      string
	}{
		{"GET", "/", nil, false, 200, "I am the server, I have got it.\n"},
		{"HEAD", "/", nil, false, 200, ""},
		{"POST", "/echo", strings.NewReader(long), false, 200, long},
		{"POST", "/echo", io.MultiReader(strings.NewReader(long)), false, 200, long},
		{"POST", "/echo", strings.NewReader("hello"), true, 200, "hello"},
		{"POST", "/echo", io.MultiReader(strings.NewReader("hello")), true, 200, "hello"},
		{"DELETE", "/", strings.NewReader("hello"), false, 405, "The method is not one of this resource.\n"},
		{"OPTIONS", "/", nil, false, 204, ""},
		{"GET", "/nowhere", nil, false, 404, "There is nothing here.\n"},
		{"GET", "/inspect?a=b", nil, false, 200, "method: GET\ntarget: /inspect?a=b\nhost: " + server.Addr().String() + "\n"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		r, err := http.NewRequestWithContext(ctx, ask.method, "http://"+server.Addr().String()+ask.path, ask.body)
		if err != nil {
			t.Fatal(err)
		}
		if ask.expect {
			r.Header.Set("Expect", "100-continue")
		}
		a, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatalf("%s %s: %v", ask.method, ask.path, err)
		}
		content, err := io.ReadAll(a.Body)
		_ = a.Body.Close()
		if err != nil || a.StatusCode != ask.status || !bytes.Equal(content, []byte(ask.content)) {
			t.Errorf("%s %s: %d, %v, %.200q", ask.method, ask.path, a.StatusCode, err, content)
		}
		cancel()
	}
}
