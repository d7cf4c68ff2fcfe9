package delivery

import (
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// keptSaid bounds the bytes of what a client said that are kept.
const keptSaid = timeline.Kept

// Said is what a client said on a connection, so that it can be said again: all that it sent, where that was cut, and how it ended its
// stream. A client that closed its connection, or has not, is Open.
type Said struct {
	Bytes []byte
	Segments
	// Whole is false where more was sent than is kept: the beginning of it is.
	Whole bool
}

// said gathers it. It is safe for concurrent use.
type said struct {
	mu   sync.Mutex
	kept Said
	lost bool
}

// sent notes bytes that the system took.
func (s *said) sent(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return
	}
	if room := keptSaid - len(s.kept.Bytes); len(b) > room {
		s.lost, b = true, b[:room]
	}
	s.kept.Bytes = append(s.kept.Bytes, b...)
}

// cut notes a cut behind what was sent.
func (s *said) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, cuts := len(s.kept.Bytes), s.kept.Cuts
	if !s.lost && at > 0 && (len(cuts) == 0 || cuts[len(cuts)-1].At < at) {
		s.kept.Cuts = append(cuts, Cut{At: at})
	}
}

// pause notes a pause behind the last cut.
func (s *said) pause(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cuts := s.kept.Cuts; len(cuts) > 0 && cuts[len(cuts)-1].At == len(s.kept.Bytes) {
		cuts[len(cuts)-1].Pause += d
	}
}

// end notes how the stream ended: what comes later overrules what came before.
func (s *said) end(e ClientEnd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.End = e
}

// Said is what the client said so far. A cut behind which nothing was sent is none.
func (c *Conn) Said() Said {
	c.said.mu.Lock()
	defer c.said.mu.Unlock()
	s := c.said.kept
	s.Whole = !c.said.lost
	s.Bytes, s.Cuts = slices.Clone(s.Bytes), slices.Clone(s.Cuts)
	if n := len(s.Cuts); n > 0 && s.Cuts[n-1].At == len(s.Bytes) {
		s.Cuts = s.Cuts[:n-1]
	}
	return s
}
