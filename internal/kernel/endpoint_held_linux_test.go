package kernel

import (
	"testing"
	"time"
)

// TestAnEndShowsWhatHasNotLeft: of what is written to a client that does not read, a part waits in the server's own kernel.
func TestAnEndShowsWhatHasNotLeft(t *testing.T) {
	const much = 32 << 20
	client, server := connect(t, "tcp4", "127.0.0.1")
	here, there := addresses(client)
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = server.Write(make([]byte, much)) // it ends with the connection
	}()
	look := LookUpEndpoint(there, here)
	var e, before Endpoint
	for e.Waiting == 0 || e != before { // while more is written, the one is counted later than the other
		var err error
		before = e
		if e, err = look.Look(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if e.Sent == 0 || e.Unsent < e.Waiting || e.Sent+uint64(e.Waiting) > much {
		t.Errorf("%+v", e)
	}
	_ = client.Close()
	<-written
}
