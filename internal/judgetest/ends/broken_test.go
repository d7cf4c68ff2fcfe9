package ends

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// A brittle server echoes, until something happens to it. From then on it is broken, and lives: it accepts, and answers in its way, until
// it is started again.
type brittle struct {
	way    string
	breaks func(received []byte, lives int) bool

	mu     sync.Mutex
	broken bool
	lives  int // how often it was started again
}

// ways are how a brittle server is broken.
var ways = []string{"answers nothing", "answers rubbish", "closes"}

// brokenBy says whether a server breaks that every byte value, or what another protocol begins with, breaks: FRAM-8 and ROBU-4 send these.
func brokenBy(received []byte, _ int) bool {
	return bytes.Contains(received, []byte("\x00\x01\x02\x03")) || bytes.Contains(received, []byte("SSH-"))
}

// some are the requirements that such a server is judged by, few of which wait, and many of which are judged beside one another.
const some = "LIFE-1..5,CONC-1,FRAM,CLOS,ROBU-4,ROBU-5"

func (b *brittle) restart(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = false
	b.lives++
	return nil
}

// hears says whether the server is broken when it has received something.
func (b *brittle) hears(received []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = b.broken || b.breaks(received, b.lives)
	return b.broken && len(received) > 0
}

func (b *brittle) serve(c judgetest.Conn) {
	for buf := make([]byte, 64<<10); ; {
		n, err := c.Read(buf)
		if b.hears(buf[:n]) {
			switch b.way {
			case "answers nothing":
				_, _ = io.Copy(io.Discard, c) // until its client leaves
			case "answers rubbish":
				_, _ = c.Write(bytes.Repeat([]byte("!"), n)) // the client sees whether it comes
				_, _ = io.Copy(io.Discard, c)
			}
			return
		}
		if _, wrote := c.Write(buf[:n]); err != nil || wrote != nil {
			_ = c.CloseWrite() // the client sees it
			return
		}
	}
}

// TestServerThatStaysBroken: a server that does not end, and serves nobody from some moment on, is started again where the suite can.
// What breaks it again is blamed; what was judged beside that is judged again by itself, and is not.
func TestServerThatStaysBroken(t *testing.T) {
	judgetest.Table(t)
	for _, way := range ways {
		judgetest.Virtually(t, way, func(t *testing.T) {
			b := &brittle{way: way, breaks: brokenBy}
			cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) { b.serve(c) })
			cfg.Restart, cfg.Workers, cfg.Only = b.restart, 8, some
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"FRAM-8", "ROBU-4"}) || len(rep.Notes) > 0 {
				t.Errorf("notes %q: %s", rep.Notes, judgetest.Told(rep))
			}
			for _, r := range rep.Results {
				if r.Verdict == report.Skip && !strings.Contains(r.Reason, "give --") {
					t.Errorf("%s was skipped: %s", r.ID, r.Reason)
				}
			}
			if b.lives > 8 { // of each of the two once, and when it is judged again; and some times to see whether it does so of itself
				t.Errorf("it was started again %d times", b.lives)
			}
		})
	}
}

// TestServerThatStaysBrokenForGood: where the suite cannot start it again, the run stops, soon. One requirement is named, and it is said
// what was judged beside it, and of the others that they were not judged.
func TestServerThatStaysBrokenForGood(t *testing.T) {
	for _, way := range ways {
		for _, workers := range []int{1, 8} {
			judgetest.Virtually(t, fmt.Sprintf("%s, %d at once", way, workers), func(t *testing.T) {
				b := &brittle{way: way, breaks: brokenBy}
				cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) { b.serve(c) })
				cfg.Workers, cfg.Only = workers, some+",FLOW-1"
				began := time.Now()
				rep := judgetest.Judge(t, cfg)
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("it took %s", took)
				}
				broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive)
				if len(broken) != 1 || rep.Conclusion != report.NotConformant {
					t.Fatalf("%s", judgetest.Told(rep))
				}
				said := "the server stopped serving while " + broken[0] + " was judged beside "
				if len(rep.Notes) != 1 || !strings.HasPrefix(rep.Notes[0], said) || strings.Contains(rep.Notes[0], broken[0]+",") {
					t.Errorf("notes %q", rep.Notes)
				}
				for _, r := range rep.Results {
					if r.Verdict == report.Skip && !strings.Contains(r.Reason, "give --") && !strings.HasSuffix(r.Reason, "see "+broken[0]) {
						t.Errorf("%s: %s", r.ID, r.Reason)
					}
				}
				if skipped := judgetest.Having(rep, report.Skip); len(skipped) < 3 {
					t.Errorf("only %q were not judged", skipped)
				}
			})
		}
	}
}

// TestServerThatBreaksOnce: one that serves nobody from some moment on, and serves on when the same is judged again, is not conformant, and
// nothing is blamed for it.
func TestServerThatBreaksOnce(t *testing.T) {
	for _, way := range ways {
		judgetest.Virtually(t, way, func(t *testing.T) {
			b := &brittle{way: way, breaks: func(received []byte, lives int) bool { return lives == 0 && brokenBy(received, lives) }}
			cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) { b.serve(c) })
			cfg.Restart, cfg.Only = b.restart, some
			rep := judgetest.Judge(t, cfg)
			if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); len(broken) > 0 || rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Trouble, "of what it stopped is not known") {
				t.Errorf("%s", judgetest.Told(rep))
			}
		})
	}
}
