package web

import (
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// hconFaults are those of the connection.
var hconFaults = []Fault{{
	Name:        "closes-always",
	Sentence:    "the connection is closed behind each answer, which says so",
	Requirement: "HCON-1",
	Mistake:     "the handler serves one request and returns",
	Plant:       by(func(s *server.Seams) { s.Persists = func(*server.Conn, *server.Request) bool { return false } }),
}, {
	Name:        "closes-silently",
	Sentence:    "the connection is closed behind each answer, and none says so",
	Requirement: "HCON-2",
	Mistake:     "the handler serves one request and returns, and the answer was written by somebody else",
	Plant: by(func(s *server.Seams) {
		s.Persists = func(*server.Conn, *server.Request) bool { return false }
		s.Composed = func(_ *server.Conn, _ *server.Request, a *server.Answer) { a.Set("Connection", "") }
	}),
}, {
	Name:        "close-exact-match",
	Sentence:    "CLOSE, and close beside another option, do not close the connection",
	Requirement: "HCON-3",
	Mistake:     "the value of Connection is compared with close as a whole",
	Plant: by(func(s *server.Seams) {
		s.Persists = func(c *server.Conn, r *server.Request) bool {
			if r.Minor > 0 {
				return !slices.Contains(r.Values("connection"), "close")
			}
			return server.Persists(c, r)
		}
	}),
}, {
	Name:        "close-at-idle",
	Sentence:    "requests that came with one that says close are answered too",
	Requirement: "HCON-4",
	Mistake:     "the connection is marked to be closed, and that is done when nothing is left in the buffer",
	Plant: by(func(s *server.Seams) {
		s.Persists = func(c *server.Conn, r *server.Request) bool {
			c.Closing = c.Closing || !server.Persists(c, r)
			return !c.Closing || len(c.In.Buf) > 0
		}
	}),
}, {
	Name:        "close-unsaid",
	Sentence:    "the answer to a request that says close does not say it",
	Requirement: "HCON-5",
	Mistake:     "who closes because the client wants it does not see what there is to say",
	Plant: by(func(s *server.Seams) {
		s.Composed = func(_ *server.Conn, r *server.Request, a *server.Answer) {
			if server.HasMember(r.Values("connection"), "close") {
				a.Set("Connection", "")
			}
		}
	}),
}, {
	Name:        "1.0-kept",
	Sentence:    "the connection stays open behind a request of HTTP/1.0 that does not ask for it",
	Requirement: "HCON-6",
	Mistake:     "the default of HTTP/1.1 is taken for all versions",
	Plant: by(func(s *server.Seams) {
		s.Persists = func(_ *server.Conn, r *server.Request) bool {
			return !server.HasMember(r.Values("connection"), "close")
		}
	}),
}, {
	Name:        "error-eats-answers",
	Sentence:    "a malformed request is answered alone when others came with it in one segment",
	Requirement: "HCON-7",
	Mistake:     "answers leave when the segment was read to its end, and an error throws away what is in the buffer",
	Plant: holding(func(c *server.Conn) []*server.Answer {
		if last := len(c.Held) - 1; last >= 0 && c.Held[last].Refusal {
			return c.Held[last:]
		}
		return c.Held
	}),
}, {
	Name:        "pipeline-dropped",
	Sentence:    "of requests that come in one segment only the first is answered",
	Requirement: "HCON-7",
	Mistake:     "the buffer is emptied for the next request",
	Plant: by(func(s *server.Seams) {
		s.Send = func(c *server.Conn, _ *server.Request, a *server.Answer) error {
			c.In.Buf = nil
			return c.Write(a)
		}
	}),
}, {
	Name:        "pipeline-reordered",
	Sentence:    "requests that come in one segment are answered in reverse order",
	Requirement: "HCON-7",
	Mistake:     "requests are handed to workers, and the answers written as these are done",
	Plant: holding(func(c *server.Conn) []*server.Answer {
		slices.Reverse(c.Held)
		return c.Held
	}),
}, {
	Name:        "pipeline-merged",
	Sentence:    "requests that come in one segment get one answer, with the contents of all",
	Requirement: "HCON-7",
	Mistake:     "the answer in progress is appended to while the segment is read",
	Plant: holding(func(c *server.Conn) []*server.Answer {
		if len(c.Held) > 1 {
			first := c.Held[0]
			for _, a := range c.Held[1:] {
				first.Body += a.Body
			}
			first.Set("Content-Length", strconv.Itoa(len(first.Body)))
		}
		return c.Held[:min(1, len(c.Held))]
	}),
}, {
	Name:        "head-with-body",
	Sentence:    "the answer to HEAD has content",
	Requirement: "HCON-8",
	Mistake:     "HEAD is routed as GET is, and nobody takes the content away",
	Plant: by(func(s *server.Seams) {
		s.Composed = func(_ *server.Conn, r *server.Request, a *server.Answer) {
			if r.Method == "HEAD" && a.Status != 304 {
				a.Body = a.Content
			}
		}
	}),
}, {
	Name:        "length-outlives",
	Sentence:    "a request without a body waits for one as long as that of the request before it",
	Requirement: "HCON-9",
	Mistake:     "the length is a variable of the connection, and is set only where a request has one",
	Plant: by(func(s *server.Seams) {
		s.Framed = func(c *server.Conn, r *server.Request) {
			if c.Last != nil && !r.Framing.HasBody() && len(r.Values("content-length")) == 0 {
				r.Framing.Length = c.Last.Framing.Length
			}
		}
	}),
}, {
	Name:        "chunked-outlives",
	Sentence:    "a request without a body is read as chunks when the request before it was in chunks",
	Requirement: "HCON-9",
	Mistake:     "that a body is in chunks is a variable of the connection, and nobody takes it back",
	Plant: by(func(s *server.Seams) {
		s.Framed = func(c *server.Conn, r *server.Request) {
			if c.Last != nil && !r.Framing.HasBody() {
				r.Framing.Chunked = c.Last.Framing.Chunked
			}
		}
	}),
}, {
	Name:        "head-outlives",
	Sentence:    "the answer behind that to a HEAD has no content",
	Requirement: "HCON-9",
	Mistake:     "that no content is to be sent is a variable of the connection, and is taken back too late",
	Plant: by(func(s *server.Seams) {
		s.Composed = func(c *server.Conn, _ *server.Request, a *server.Answer) {
			if c.Last != nil && c.Last.Method == "HEAD" {
				a.Body = ""
			}
		}
	}),
}, {
	Name:        "continue-never",
	Sentence:    "a client that waits for 100 gets nothing until it sends the body all the same",
	Requirement: "HCON-10",
	Mistake:     "Expect is a field that nobody knows",
	Plant:       by(func(s *server.Seams) { s.Invite = func(*server.Conn, *server.Request) error { return nil } }),
}, {
	Name:        "expect-case",
	Sentence:    "a client that expects 100-Continue gets nothing until it sends the body all the same",
	Requirement: "HCON-10",
	Mistake:     "the expectation is compared by case, and another is nobody's matter",
	Plant: by(func(s *server.Seams) {
		s.Invite = func(c *server.Conn, r *server.Request) error {
			if !slices.Contains(server.Members(r.Values("expect")), "100-continue") {
				return nil
			}
			return server.Invite(c, r)
		}
	}),
}, {
	Name:        "continue-is-final",
	Sentence:    "a request that expects 100 and has no body gets 100 and nothing more",
	Requirement: "HCON-11",
	Mistake:     "the 100 is sent when the head was read, and a request without a body is done then",
	Plant: by(func(s *server.Seams) {
		s.Send = func(c *server.Conn, r *server.Request, a *server.Answer) error {
			if r.Minor > 0 && !a.Refusal && !r.Framing.HasBody() && server.HasMember(r.Values("expect"), "100-continue") {
				return server.Invite(c, r)
			}
			return c.Write(a)
		}
	}),
}, {
	Name:        "continue-twice-final",
	Sentence:    "a request that expects 100 is answered twice",
	Requirement: "HCON-11",
	Mistake:     "the request is handled when its head was read, and again when its body was",
	Plant: by(func(s *server.Seams) {
		s.Send = func(c *server.Conn, r *server.Request, a *server.Answer) error {
			if r.Expects {
				if err := c.Write(a); err != nil {
					return err
				}
			}
			return c.Write(a)
		}
	}),
}, {
	Name:        "early-answer-leaves-body",
	Sentence:    "the body of a request that was refused while the client waited for 100 is read as the next request",
	Requirement: "HCON-12",
	Mistake:     "who is not told to go on does not send the body, it is thought",
	Plant: by(func(s *server.Seams) {
		s.Early = func(c *server.Conn, r *server.Request) *server.Answer {
			a := server.Early(c, r)
			if a != nil {
				a.Closes = false
				r.Unframe()
			}
			return a
		}
	}),
}, {
	Name:        "continue-to-1.0",
	Sentence:    "a client of HTTP/1.0 gets a 100",
	Requirement: "HCON-13",
	Mistake:     "Expect is obeyed without a look at the version",
	Plant: by(func(s *server.Seams) {
		s.Expects = func(c *server.Conn, r *server.Request) (bool, error) {
			if r.Minor == 0 && server.HasMember(r.Values("expect"), "100-continue") {
				return r.Framing.HasBody(), nil
			}
			return server.ExpectsContinue(c, r)
		}
	}),
}, {
	Name:        "upgrade-any",
	Sentence:    "every Upgrade is answered with 101, whatever the protocol and the version are",
	Requirement: "HCON-14",
	Mistake:     "an Upgrade field is taken for a handshake of WebSocket",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			if all := r.Values("upgrade"); len(all) > 0 && c.Forbids(r) == nil {
				return &server.Answer{Status: 101, Fields: []server.Field{server.FieldOf("Upgrade", all[0])}}
			}
			return server.Respond(c, r)
		}
	}),
}, {
	Name:        "fin-cancels",
	Sentence:    "a request whose client ends its stream right behind it is not answered",
	Requirement: "HCON-15",
	Mistake:     "the end of the stream is taken for a client that has left, and cancels what is being handled",
	Plant: func(changes *plant.Changes) {
		by(func(*server.Seams) {})(changes)
		changes.Conn = func(conn plant.Conn) net.Conn { return &cancelled{Conn: conn} }
	},
}, {
	Name:        "close-with-unread",
	Sentence:    "a request that is refused while its body still comes is answered, and the connection reset",
	Requirement: "HCON-16",
	Mistake:     "the socket is closed while there is something to read in it",
	Plant: by(func(s *server.Seams) {
		s.Changes.Config.LingerTime = -1
		s.Early = func(c *server.Conn, r *server.Request) *server.Answer {
			if why := c.Forbids(r); why != nil && r.Framing.Length > 64<<10 {
				a := server.Respond(c, r)
				a.Closes = true
				return a
			}
			return server.Early(c, r)
		}
	}),
}, {
	Name:        "resync-at-blank-line",
	Sentence:    "behind a malformed request the next one is looked for at the next empty line",
	Requirement: "HCON-17",
	Mistake:     "the parser goes on where a request may begin, lest one mistake cost the connection",
	Plant: by(func(s *server.Seams) {
		s.Composed = func(_ *server.Conn, _ *server.Request, a *server.Answer) {
			if a.Refusal && a.Status == 400 {
				a.Set("Connection", "")
			}
		}
		s.Refused = func(c *server.Conn, r *server.Request, why *server.Refusal) bool {
			if why.Status != 400 {
				return false
			}
			for !r.Whole {
				if _, behind, found := strings.Cut(string(c.In.Buf), "\r\n\r\n"); found {
					c.In.Take(len(c.In.Buf) - len(behind))
					return true
				}
				if len(c.In.Buf) > c.Limits.Field || c.In.Fill() != nil {
					return false
				}
			}
			return true
		}
	}),
}}

// holding plants that answers are held back until the next read, and which of them leave then.
func holding(which func(c *server.Conn) []*server.Answer) func(*plant.Changes) {
	flush := func(c *server.Conn) {
		for _, a := range which(c) {
			_ = c.Write(a) // the next read says what is wrong with the connection
		}
		c.Held = nil
	}
	return by(func(s *server.Seams) {
		s.Begin = func(c *server.Conn) { c.In.Before = func() { flush(c) } }
		s.AtEnd = flush
		s.Send = func(c *server.Conn, _ *server.Request, a *server.Answer) error {
			c.Held = append(c.Held, a)
			return nil
		}
	})
}

// cancelGrace is within which time the end of a stream cancels what came before it.
const cancelGrace = 2 * time.Millisecond

// cancelled writes nothing once the client's stream has ended right behind what was read.
type cancelled struct {
	plant.Conn
	ahead []byte
	ended bool

	mu    sync.Mutex // who stops the server sets a deadline during a read
	limit time.Time  // until when the server lets a read wait
}

func (c *cancelled) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = t
	return c.Conn.SetReadDeadline(t)
}

func (c *cancelled) Read(p []byte) (int, error) {
	n := copy(p, c.ahead)
	c.ahead = c.ahead[n:]
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if n == 0 || err != nil {
		return n, err
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(cancelGrace)) // where it fails, so does the read
	some := make([]byte, 1)
	more, err := c.Conn.Read(some)
	c.mu.Lock()
	_ = c.Conn.SetReadDeadline(c.limit)
	c.mu.Unlock()
	c.ahead, c.ended = some[:more], err == io.EOF
	return n, nil
}

func (c *cancelled) Write(p []byte) (int, error) {
	if c.ended {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}
