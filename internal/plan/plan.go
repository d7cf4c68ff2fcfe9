// Package plan holds deliveries as data: what some clients send, in which pieces, and how they leave. A plan is a value
// that prints itself as a small text ([Plan.String]), which [Parse] reads back; the same plan puts the same bytes on the
// wire on every machine. What a server must answer to it is not part of it: that is the dialect's to say.
//
// The text has a line for each thing, and # begins a comment:
//
//	streamspec plan 1
//	dialect line
//	target 127.0.0.1:7000
//	requirement FRAM-2
//	client
//	  request "caf\xc3\xa9\r\n"
//	  request text(40, 7) "\n"
//	  await
//	  await 12
//	  cut 4
//	  cut 14 pause 20ms
//	  end half-close
//
// The first line names the format and its version. The dialect is a word of the command line; target, an
// address, requirement, drawn and seed may be left out; drawn is how requests of HTTP/1.1's grammar are judged. Each client begins with a line of its own, and the clients act side by side;
// with then behind the word, a client and those that follow it begin when all before it are done. A request is made of pieces:
// strings as Go writes them, text(size, seed) and bytes(size, seed), which stand for so many bytes drawn from a seed
// ([dialect.Text], [dialect.Bytes]). With an exchange file it is exchange "its name" instead; of bytes that are sent to such a server no
// answer is known, and any is right, as long as a new client is served afterwards. Await lets the client wait
// for what is due to all it has sent before it goes on: behind the requests that stand before it, or behind so many bytes of all
// that this client sends, which may be in the middle of a request. A cut is after so many bytes too; what lies between two cuts
// leaves in one segment, also where it holds several requests. The end is open, half-close,
// half-close-with-data or reset, and half-close where it is left out.
package plan

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
)

// The bounds of a plan. What is beyond them is refused, by [Plan.Validate] and [Parse].
const (
	MaxClients  = 64
	MaxRequests = 4096             // of one client
	MaxAwaits   = 65536            // of one client
	MaxBytes    = 16 << 20         // that all clients send
	MaxCuts     = 65536            // of one client
	MaxPause    = 30 * time.Second // after one cut
	MaxPauses   = 2 * time.Minute  // of one client together
)

// A Plan is what some clients do to a server, side by side or one after another.
type Plan struct {
	Dialect     string // a word of the command line: "line", "preset:redis", "own.yaml"
	Target      string // the address at which it was found; "" where there is no such
	Requirement string // that it shows to be broken, where it was found; else ""
	Drawn       string // what of HTTP/1.1's grammar its requests are, by which they are judged; "" where they are none
	Seed        uint64 // that it was drawn from; 0 where it was not
	Clients     []Client
}

// A Client is one connection: all that it sends, where that is cut, and how it ends its stream.
type Client struct {
	Requests []Request
	Awaits   []int          // ascending offsets, counted over all requests, behind each of which it goes on when it has what is due to all before
	Cuts     []delivery.Cut // ascending, counted over all requests
	End      delivery.ClientEnd
	Then     bool // it begins when all clients before it are done, and not beside them; the first has none before it
}

// A Request is what one answer, or none, is due to.
type Request struct {
	Pieces   []Piece
	Exchange string // the name of an exchange of the dialect's file, in the place of pieces
}

// A Piece is some bytes of a request: Text itself, or, where Size is above 0, so many bytes drawn from Seed.
type Piece struct {
	Text   []byte
	Size   int
	Seed   uint64
	Binary bool // drawn from all byte values, and not from printable ASCII
}

// Text returns the piece of these bytes.
func Text(text string) Piece { return Piece{Text: []byte(text)} }

// Of returns the request of these bytes.
func Of(text string) Request { return Request{Pieces: []Piece{Text(text)}} }

// Len is how many bytes the piece has.
func (p Piece) Len() int {
	if p.Size > 0 {
		return p.Size
	}
	return len(p.Text)
}

// Bytes returns the bytes of the piece.
func (p Piece) Bytes() []byte {
	switch {
	case p.Size == 0:
		return p.Text
	case p.Binary:
		return dialect.Bytes(p.Size, p.Seed)
	}
	return dialect.Text(p.Size, p.Seed)
}

// Len is how many bytes the request has, without those of an exchange, which the file knows.
func (r Request) Len() int {
	n := 0
	for _, p := range r.Pieces {
		n += p.Len()
	}
	return n
}

// Bytes returns the bytes of the request, without those of an exchange.
func (r Request) Bytes() []byte {
	if len(r.Pieces) == 1 {
		return r.Pieces[0].Bytes()
	}
	b := make([]byte, 0, r.Len())
	for _, p := range r.Pieces {
		b = append(b, p.Bytes()...)
	}
	return b
}

// Len is how many bytes the client sends.
func (c Client) Len() int {
	n := 0
	for _, r := range c.Requests {
		n += r.Len()
	}
	return n
}

// Bytes returns all that the client sends.
func (c Client) Bytes() []byte {
	if len(c.Requests) == 1 {
		return c.Requests[0].Bytes()
	}
	b := make([]byte, 0, c.Len())
	for _, r := range c.Requests {
		for _, p := range r.Pieces {
			b = append(b, p.Bytes()...)
		}
	}
	return b
}

// Exchanges says whether the client's requests are exchanges of a file.
func (c Client) Exchanges() bool { return len(c.Requests) > 0 && c.Requests[0].Exchange != "" }

// Delivery returns how the client's bytes are delivered.
func (c Client) Delivery() delivery.Segments { return delivery.Segments{Cuts: c.Cuts, End: c.End} }

// Clone returns a copy that shares nothing but the bytes of its texts, which nobody changes.
func (p Plan) Clone() Plan {
	p.Clients = slices.Clone(p.Clients)
	for i := range p.Clients {
		c := &p.Clients[i]
		c.Requests, c.Awaits, c.Cuts = slices.Clone(c.Requests), slices.Clone(c.Awaits), slices.Clone(c.Cuts)
	}
	return p
}

// Equal says whether both put the same on the wire in the same way, and are called the same.
func (p Plan) Equal(q Plan) bool {
	return p.Dialect == q.Dialect && p.Target == q.Target && p.Requirement == q.Requirement && p.Drawn == q.Drawn && p.Seed == q.Seed && slices.EqualFunc(p.Clients, q.Clients, func(a, b Client) bool {
		return a.End == b.End && a.Then == b.Then && slices.Equal(a.Awaits, b.Awaits) && slices.Equal(a.Cuts, b.Cuts) && slices.EqualFunc(a.Requests, b.Requests, func(r, s Request) bool {
			return r.Exchange == s.Exchange && slices.EqualFunc(r.Pieces, s.Pieces, func(x, y Piece) bool {
				return x.Size == y.Size && x.Seed == y.Seed && x.Binary == y.Binary && bytes.Equal(x.Text, y.Text)
			})
		})
	})
}

// Stages yields the clients that act side by side, as the index of their first and the one behind their last, in the order of
// the plan.
func (p Plan) Stages() iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for from, to := 0, 1; from < len(p.Clients); from, to = to, to+1 {
			for to < len(p.Clients) && !p.Clients[to].Then {
				to++
			}
			if !yield(from, to) {
				return
			}
		}
	}
}

// Cuts is how many cuts the plan makes, over all clients.
func (p Plan) Cuts() int {
	n := 0
	for _, c := range p.Clients {
		n += len(c.Cuts)
	}
	return n
}

// Len is how many bytes the plan sends, over all clients.
func (p Plan) Len() int {
	n := 0
	for _, c := range p.Clients {
		n += c.Len()
	}
	return n
}

// Validate returns an error that names the first thing that a plan must not have: a bound that is exceeded, requests of
// both kinds on one connection, awaits or cuts that do not ascend or lie outside of what is sent. Where the requests are exchanges,
// whose length the file knows, the last is not judged.
func (p Plan) Validate() error {
	if p.Dialect == "" {
		return fmt.Errorf("the plan names no dialect")
	}
	if len(p.Clients) == 0 {
		return fmt.Errorf("the plan has no client")
	}
	if len(p.Clients) > MaxClients {
		return fmt.Errorf("the plan has %d clients, and %d is the most", len(p.Clients), MaxClients)
	}
	if p.Clients[0].Then {
		return fmt.Errorf("the first client cannot come behind others: client, without then")
	}
	total := 0
	for i, c := range p.Clients {
		n, err := c.validate()
		if err == nil {
			if total += n; total > MaxBytes {
				err = fmt.Errorf("more than %d bytes are sent altogether", MaxBytes)
			}
		}
		if err != nil {
			return fmt.Errorf("client %d: %w", i+1, err)
		}
	}
	return nil
}

// validate returns how many bytes the client sends.
func (c Client) validate() (int, error) {
	if len(c.Requests) > MaxRequests {
		return 0, fmt.Errorf("%d requests, and %d is the most", len(c.Requests), MaxRequests)
	}
	if len(c.Cuts) > MaxCuts {
		return 0, fmt.Errorf("%d cuts, and %d is the most", len(c.Cuts), MaxCuts)
	}
	if len(c.Awaits) > MaxAwaits {
		return 0, fmt.Errorf("%d awaits, and %d is the most", len(c.Awaits), MaxAwaits)
	}
	n := 0
	for _, r := range c.Requests {
		if (r.Exchange != "") != c.Exchanges() || r.Exchange != "" && len(r.Pieces) > 0 {
			return 0, fmt.Errorf("its requests are bytes and exchanges both: they must be of one kind")
		}
		for _, p := range r.Pieces {
			if p.Size < 0 || p.Size > MaxBytes {
				return 0, fmt.Errorf("a piece of %d bytes, and %d is the most", p.Size, MaxBytes)
			}
			if n += p.Len(); n > MaxBytes {
				return 0, fmt.Errorf("more than %d bytes", MaxBytes)
			}
		}
	}
	var pauses time.Duration
	for _, cut := range c.Cuts {
		if cut.Pause > MaxPause {
			return 0, fmt.Errorf("a pause of %s, and %s is the most", cut.Pause, MaxPause)
		}
		pauses += cut.Pause
	}
	if pauses > MaxPauses {
		return 0, fmt.Errorf("pauses of %s together, and %s is the most", pauses, MaxPauses)
	}
	bound := n
	if c.Exchanges() {
		bound = MaxBytes
	}
	last := 0
	for _, at := range c.Awaits {
		switch {
		case at <= 0 || at > bound:
			return 0, fmt.Errorf("an await is behind byte %d, which is not among the %d that are sent", at, bound)
		case at <= last:
			return 0, fmt.Errorf("an await behind byte %d does not come behind the one before it, behind byte %d", at, last)
		}
		last = at
	}
	return n, c.Delivery().Validate(bound)
}
