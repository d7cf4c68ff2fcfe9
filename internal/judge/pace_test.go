package judge

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// TestSlowReads: a right server that takes 400 KiB a second, or 35, is conformant. What it would need minutes for is left out,
// and said to be.
func TestSlowReads(t *testing.T) {
	for _, row := range []struct {
		rate    int
		id      string
		verdict report.Verdict
		words   string
	}{
		{400 << 10, "FRAM-8", report.Pass, "in part: the server is slow, and 16 MiB would take about 41s: left out"},
		{400 << 10, "ROBU-2", report.Skip, "the server is slow, and 64 MiB on one connection would take about 2m37s: left out"},
		{35 << 10, "FRAM-8", report.Pass, "in part: the server is slow, and what is larger than 128 KiB would take about 2m34s: left out"},
	} {
		virtually(t, fmt.Sprintf("%d/%s", row.rate, row.id), func(t *testing.T) {
			cfg := inMemory(t, near(), "line", reference.Config{}, func(c conn) net.Conn { return slowReads{c, row.rate} })
			cfg.Only = row.id
			r := result(t, judge(t, cfg), row.id)
			if r.Verdict != row.verdict || !strings.Contains(r.Reason+r.Observed, row.words) {
				t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
			}
		})
	}
}

// TestSilenceBeforeALongAnswer: a right server that works on all of a request before it answers may be silent over 16 MiB for
// longer than over a line.
func TestSilenceBeforeALongAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := inMemory(t, near(), "script", reference.Config{}, func(c conn) net.Conn { return &thinks{conn: c} })
		cfg.Only = "READ-5"
		r := result(t, judge(t, cfg), "READ-5")
		if r.Verdict != report.Pass || r.Reason != "" || r.Observed != "" {
			t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
		}
	})
}

// TestTimeForWhatIsSent: what a case sends comes through within its bound at the slowest pace, but for cases that bound
// themselves: those of large requests, and those that send until the server is stuck.
func TestTimeForWhatIsSent(t *testing.T) {
	table(t)
	untilStuck := []string{"LIFE-5/leaving", "FLOW-2/stuck-reader", "ROBU-6/never-reads"}
	for _, dialect := range []string{"line", "script"} {
		virtually(t, dialect, func(t *testing.T) {
			var read atomic.Int64
			r, err := Open(t.Context(), inMemory(t, near(), dialect, reference.Config{}, func(c conn) net.Conn { return counts{c, &read} }))
			if err != nil {
				t.Fatal(err)
			}
			bound := r.Server.Patience.Bound(patience.Work{})
			most := int64(0)
			for _, req := range r.Requirements() {
				for _, c := range rules.For(req.ID, r.Dialect()) {
					if c.Bytes > 0 || slices.Contains(untilStuck, c.ID) {
						continue
					}
					before := read.Load()
					if f := r.Play(t.Context(), c); f != nil && !f.Is(finding.NotShown) {
						t.Errorf("%s: %s", c.ID, f.Problem)
					}
					sent := read.Load() - before
					most = max(most, sent)
					if needs := patience.Carrying(int(sent)); needs > bound {
						t.Errorf("%s sends %d bytes: a slow server needs more than %s for them, say so in its Bytes", c.ID, sent, bound)
					}
				}
			}
			if most < 100<<10 {
				t.Errorf("no case was seen to send more than %d bytes", most)
			}
		})
	}
}

// counts counts what is read.
type counts struct {
	conn
	read *atomic.Int64
}

func (c counts) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// paced waits as long as n bytes take at so many a second.
func paced(n, rate int) { time.Sleep(time.Duration(n) * time.Second / time.Duration(rate)) }

type slowReads struct {
	conn
	rate int // bytes a second
}

func (c slowReads) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p[:min(len(p), 4<<10)])
	paced(n, c.rate)
	return n, err
}

// thinks takes a second for each 4 MiB that it has read before it writes.
type thinks struct {
	conn
	read int
}

func (c *thinks) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	c.read += n
	return n, err
}

func (c *thinks) Write(p []byte) (int, error) {
	paced(c.read, 4<<20)
	c.read = 0
	return c.conn.Write(p)
}

// stoppedWrites writes slowly once the server was asked to stop, and closes where it has written most of an answer since, or writes
// nothing more. What it writes is counted, and not how long that takes, so that a busy machine changes nothing.
type stoppedWrites struct {
	conn
	ctx  context.Context // done when it is asked to stop
	over context.Context // done when its process has ended
	rate int             // bytes a second
	most int             // bytes that are written since; counts down
}

func (c *stoppedWrites) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, err := c.conn.Write(p[written:min(len(p), written+64<<10)])
		if written += n; err != nil {
			return written, err
		}
		if c.ctx.Err() == nil {
			continue
		}
		if c.rate == 0 {
			player.Sleep(c.over, time.Minute) // its process ends before
		}
		if c.most -= n; c.most <= 0 {
			_ = c.Close()
			return written, net.ErrClosed
		}
		paced(n, c.rate)
	}
	return written, nil
}

// TestServerThatAClientSlows: each client that idles takes some of a server's time, as of one that spins for each. Those that it has not
// served within some seconds are left out, and said to be: the run ends soon.
func TestServerThatAClientSlows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int64
		cfg := serving(t, "echo", func(c conn, _ int) {
			open.Add(1)
			defer open.Add(-1)
			for buf := make([]byte, 64<<10); ; {
				n, err := c.Read(buf)
				time.Sleep(time.Duration(open.Load()) * 10 * time.Millisecond)
				if _, wrote := c.Write(buf[:n]); err != nil || wrote != nil {
					_ = c.CloseWrite() // the client sees it
					return
				}
			}
		})
		cfg.Only = "CONC-3"
		began := time.Now()
		rep := judge(t, cfg)
		r := result(t, rep, "CONC-3")
		if r.Verdict != report.Pass || !strings.Contains(r.Observed, "in part: the server took or served ") || !strings.Contains(r.Observed, "of 200 clients, one after another, in 3s") {
			t.Errorf("%s: %s: %s", r.Verdict, r.Observed, told(rep))
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
