package emit_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/realtime"
)

// TestLong looks at how long runs of bytes are written.
func TestLong(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	for _, f := range forms {
		text := emitted(t, f, longLine())
		if n := 50_000; len(text) > n*4/3*77/76+16<<10 {
			t.Errorf("%s: %d bytes for a line of %d that is sent and comes back", f.name, len(text), n)
		}
		for line := range strings.Lines(string(text)) {
			if len(line) > 400 {
				t.Errorf("%s: a line of %d bytes", f.name, len(line))
			}
		}
	}
	// An answer that many awaits show the beginnings of is written once.
	r := lines("", "", delivery.Whole())
	var requests []plan.Request
	e := emit.Expected{}
	for i := range 500 {
		line := fmt.Sprintf("line %d\n", i)
		requests = append(requests, plan.Of(line))
		e.Request = append(e.Request, line...)
		e.Awaits = append(e.Awaits, emit.Await{At: len(e.Request), Answer: bytes.Clone(e.Request)})
	}
	e.Answers = [][]byte{e.Request}
	r.Plan.Clients[0].Requests, r.Clients[0] = requests, e
	for _, f := range forms {
		if text := emitted(t, f, r); len(text) > 100<<10 {
			t.Errorf("%s: %d bytes for 500 awaits", f.name, len(text))
		}
	}
}

// TestOneAfterAnother has a client that begins when the one before it is done.
func TestOneAfterAnother(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs programs of their own, which the race detector does not see")
	}
	r := oneAfterAnother()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			var open atomic.Int64
			address := listen(t, func(c *net.TCPConn) {
				n := open.Add(1)
				defer open.Add(-1)
				io.ReadFull(c, make([]byte, 1))
				fmt.Fprint(c, n)
			})
			command, dir, env := f.program(t, emitted(t, f, r))
			if status, out := play(realtime.Bounded(t), dir, append(env, "ADDR="+address), command...); status != 0 {
				t.Errorf("exits %d:\n%s", status, out)
			}
		})
	}
}
