package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/show"
)

// redrawEvery is the least time between two drawings of the status line.
const redrawEvery = 100 * time.Millisecond

// eraseLine returns to the beginning of the line and empties it.
const eraseLine = "\r\x1b[2K"

// Progress draws one status line on a terminal while a run goes on: how far it
// is, what runs now, what failed. Whether there is a terminal is the caller's to
// know. All methods may be called from any goroutine; errors of the writer are
// not reported, since nothing depends on the line.
type Progress struct {
	o     ConsoleOptions
	total int

	mu      sync.Mutex
	w       io.Writer
	running []string // ids, in the order of their start
	done    int
	failed  int
	warned  int
	drawn   time.Time
	timer   *time.Timer // set while a drawing is due
	stopped bool
}

// NewProgress draws on w the progress of total requirements; a total of 0 is one
// that is not known.
func NewProgress(w io.Writer, total int, o ConsoleOptions) *Progress {
	return &Progress{w: w, total: total, o: o}
}

// Start tells that the requirement is being judged.
func (p *Progress) Start(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, id)
	p.changed()
}

// Done tells a requirement's verdict.
func (p *Progress) Done(r Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.running, r.ID); i >= 0 {
		p.running = slices.Delete(p.running, i, i+1)
	}
	p.done++
	switch {
	case r.broken(p.o.Strict):
		p.failed++
	case r.Verdict == Warn:
		p.warned++
	}
	p.changed()
}

// Stop erases the line. Nothing is drawn after it.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
	if !p.drawn.IsZero() {
		_, _ = io.WriteString(p.w, eraseLine)
	}
}

// changed draws the line, or sees to it that it is drawn when it is time again.
// The caller holds the lock.
func (p *Progress) changed() {
	if p.stopped || p.timer != nil {
		return
	}
	if wait := redrawEvery - time.Since(p.drawn); !p.drawn.IsZero() && wait > 0 {
		p.timer = time.AfterFunc(wait, p.due)
		return
	}
	p.draw()
}

// due draws what changed since the last drawing.
func (p *Progress) due() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = nil
	if !p.stopped {
		p.draw()
	}
}

func (p *Progress) draw() {
	p.drawn = time.Now()
	_, _ = io.WriteString(p.w, eraseLine+p.status())
}

// status is the line, one column narrower than the terminal so that it never
// wraps.
func (p *Progress) status() string {
	head := fmt.Sprintf("%d done", p.done)
	if p.total > 0 {
		head = fmt.Sprintf("%d of %d", p.done, p.total)
	}
	var counts []string
	if p.failed > 0 {
		counts = append(counts, fmt.Sprintf("%d failed", p.failed))
	}
	if p.warned > 0 {
		counts = append(counts, fmt.Sprintf("%d warned", p.warned))
	}
	bad := strings.Join(counts, ", ")
	room := p.o.columns() - 1 - columns(head)
	if bad != "" {
		room -= 3 + columns(bad)
	}
	line := p.o.in(bold, head)
	if bad != "" {
		k := red
		if p.failed == 0 {
			k = yellow
		}
		line += " · " + p.o.in(k, bad)
	}
	if now := p.now(room - 3); now != "" {
		line += " · " + p.o.in(dim, now)
	}
	return line
}

// now names what runs, as many as fit a width.
func (p *Progress) now(width int) string {
	ids := make([]string, len(p.running))
	for i, id := range p.running {
		ids[i] = show.Prose(id)
	}
	for n := len(ids); n > 0; n-- {
		s := strings.Join(ids[:n], " ")
		if n < len(ids) {
			s += fmt.Sprintf(" +%d", len(ids)-n)
		}
		if columns(s) <= width {
			return s
		}
	}
	return ""
}
