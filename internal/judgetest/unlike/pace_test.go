package unlike

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
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
		judgetest.Virtually(t, fmt.Sprintf("%d/%s", row.rate, row.id), func(t *testing.T) {
			cfg := judgetest.InMemory(t, judgetest.Near(), "line", reference.Config{}, func(c judgetest.Conn) net.Conn { return judgetest.SlowReads{Conn: c, Rate: row.rate} })
			cfg.Only = row.id
			r := judgetest.Result(t, judgetest.Judge(t, cfg), row.id)
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
		cfg := judgetest.InMemory(t, judgetest.Near(), "script", reference.Config{}, func(c judgetest.Conn) net.Conn { return &thinks{Conn: c} })
		cfg.Only = "READ-5"
		r := judgetest.Result(t, judgetest.Judge(t, cfg), "READ-5")
		if r.Verdict != report.Pass || r.Reason != "" || r.Observed != "" {
			t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
		}
	})
}

// thinks takes a second for each 4 MiB that it has read before it writes.
type thinks struct {
	judgetest.Conn
	read int
}

func (c *thinks) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += n
	return n, err
}

func (c *thinks) Write(p []byte) (int, error) {
	judgetest.Paced(c.read, 4<<20)
	c.read = 0
	return c.Conn.Write(p)
}

// TestServerThatAClientSlows: each client that idles takes some of a server's time, as of one that spins for each. Those that it has not
// served within some seconds are left out, and said to be: the run ends soon.
func TestServerThatAClientSlows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int64
		cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
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
		rep := judgetest.Judge(t, cfg)
		r := judgetest.Result(t, rep, "CONC-3")
		if r.Verdict != report.Pass || !strings.Contains(r.Observed, "in part: the server took or served ") || !strings.Contains(r.Observed, "of 200 clients, one after another, in 3s") {
			t.Errorf("%s: %s: %s", r.Verdict, r.Observed, judgetest.Told(rep))
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
