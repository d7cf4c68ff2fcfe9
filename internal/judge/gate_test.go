package judge_test

import (
	"net"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
)

// readsLate waits before each read.
type readsLate struct {
	judgetest.Conn
	by time.Duration
}

func (c readsLate) Read(p []byte) (int, error) {
	time.Sleep(c.by)
	return c.Conn.Read(p)
}

// TestReadingIsMeasured: a server that is slow to read has cuts that wait for it.
func TestReadingIsMeasured(t *testing.T) {
	judgetest.Virtually(t, "slow", func(t *testing.T) {
		const late = 200 * time.Millisecond
		r, err := judge.Open(t.Context(), judgetest.InMemory(t, judgetest.Near(), "line", reference.Config{}, func(c judgetest.Conn) net.Conn { return readsLate{c, late} }))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Server.Patience.Cut; got < 4*late {
			t.Errorf("a cut waits for %s, and the server reads after %s", got, late)
		}
	})
}
