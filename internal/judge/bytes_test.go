package judge_test

import (
	"net"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
)

// TestTimeForWhatIsSent: what a case sends comes through within its bound at the slowest pace, but for cases that bound
// themselves: those of large requests, and those that send until the server is stuck.
func TestTimeForWhatIsSent(t *testing.T) {
	judgetest.Table(t)
	untilStuck := []string{"LIFE-5/leaving", "FLOW-2/stuck-reader", "ROBU-6/never-reads"}
	for _, dialect := range []string{"line", "script"} {
		judgetest.Virtually(t, dialect, func(t *testing.T) {
			var read atomic.Int64
			r, err := judge.Open(t.Context(), judgetest.InMemory(t, judgetest.Near(), dialect, reference.Config{}, func(c judgetest.Conn) net.Conn { return counts{c, &read} }))
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
	judgetest.Conn
	read *atomic.Int64
}

func (c counts) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}
