package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/show"
)

// frames are the drawings of the status line, the last after its erasure empty.
func frames(buf *bytes.Buffer) []string {
	return strings.Split(strings.TrimPrefix(buf.String(), eraseLine), eraseLine)
}

func TestProgressDrawsWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf bytes.Buffer
		p := NewProgress(&buf, 66, ConsoleOptions{})
		step := func() { time.Sleep(redrawEvery); synctest.Wait() }
		p.Start("FRAM-1")
		step()
		p.Start("FRAM-2")
		step()
		p.Done(Result{ID: "FRAM-1", Verdict: Fail})
		step()
		p.Done(Result{ID: "FRAM-2", Verdict: Warn, Level: Should})
		p.Stop()
		want := []string{"0 of 66 · FRAM-1", "0 of 66 · FRAM-1 FRAM-2", "1 of 66 · 1 failed · FRAM-2", "2 of 66 · 1 failed, 1 warned", ""}
		if got := frames(&buf); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q", got)
		}
	})
}

func TestProgressIsThrottledAndCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf bytes.Buffer
		p := NewProgress(&buf, 1000, ConsoleOptions{Color: true})
		for i := range 1000 {
			p.Start("A")
			p.Done(Result{ID: "A", Verdict: Pass})
			if i%100 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		got := frames(&buf)
		if len(got) != 2 || !strings.Contains(got[1], "1000 of 1000") {
			t.Errorf("%q", got)
		}
		p.Stop()
		n := buf.Len()
		p.Start("B")
		p.Done(Result{ID: "B"})
		p.Stop()
		time.Sleep(time.Second)
		synctest.Wait()
		if buf.Len() != n {
			t.Errorf("drawn after Stop: %q", buf.String()[n:])
		}
	})
}

func TestProgressKeepsToOneSafeLine(t *testing.T) {
	for width := 32; width < 120; width += 7 {
		var buf bytes.Buffer
		p := NewProgress(&buf, 0, ConsoleOptions{Width: width, Strict: true})
		p.failed, p.warned = 12, 3
		p.running = []string{"FRAM-1", hostileText, "FRAM-3", "FRAM-4", "FRAM-5"}
		line := p.status()
		if columns(line) >= width || strings.ContainsFunc(line, func(r rune) bool { return !show.Visible(r) }) {
			t.Errorf("%d columns of %d: %q", columns(line), width, line)
		}
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf bytes.Buffer
		p := NewProgress(&buf, 800, ConsoleOptions{})
		for i := range 8 {
			go func() {
				for j := range 100 {
					id := fmt.Sprintf("FRAM-%d", 100*i+j)
					p.Start(id)
					time.Sleep(redrawEvery / 10)
					p.Done(Result{ID: id, Verdict: Pass})
				}
			}()
		}
		time.Sleep(20 * redrawEvery)
		synctest.Wait()
		if n := len(frames(&buf)); n > 12 { // the first, and the last
			t.Errorf("the line was drawn %d times in ten times the least time between two drawings", n)
		}
		p.Stop()
		if p.done != 800 || len(p.running) != 0 {
			t.Errorf("%d done, %d running", p.done, len(p.running))
		}
		if !strings.HasSuffix(buf.String(), eraseLine) {
			t.Errorf("the line was left: %q", buf.String())
		}
	})
}

func TestProgressNeverStartedDrawsNothing(t *testing.T) {
	var buf bytes.Buffer
	NewProgress(&buf, 3, ConsoleOptions{}).Stop()
	if buf.Len() != 0 {
		t.Errorf("%q", buf.String())
	}
}
