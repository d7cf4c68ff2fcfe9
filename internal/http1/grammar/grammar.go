// Package grammar draws requests of HTTP/1.1 from a seed: valid ones of mixed shapes, alone and as pipelines, and such that are nearly valid. Of
// each it says where it ends, and what RFC 9112 lets a server make of it. Pure.
package grammar

import (
	"bytes"
	"strings"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/show"
)

// A Source makes the choices of a draw.
type Source interface {
	// IntN returns a number from 0 to n-1; n is above 0.
	IntN(n int) int
}

// A Way is what a server may make of the last message of a stream; several are a set.
type Way uint

// The ways.
const (
	Take   Way = 1 << iota // it answers the message, and what comes behind the end that the RFC gives it
	Refuse                 // it refuses the message by a 4xx or 5xx, or ends the connection without an answer
	Keep                   // it refuses the message, and answers what comes behind that end
	End                    // it answers the message, and ends the connection
	Late                   // it answers the message, refuses what is behind the answer, and ends the connection
	Wait                   // it waits for more
	Bare                   // it answers in HTTP/0.9, without a head

	ways = iota
)

// The sets that several classes have in common.
const (
	refused = Refuse | Keep              // a refusal, whatever becomes of the connection
	broken  = Refuse | End               // a refusal behind which the connection ends; the answer may have come before
	open    = Take | refused | End       // what is left open, but for the end of the message
	lax     = open | Late | Wait         // the same of a body
	waits   = Refuse | End | Late | Wait // a body that is not complete, or never will be
)

// Has says whether the set has one of others.
func (w Way) Has(others Way) bool { return w&others != 0 }

// words say what a server does that goes a way.
var words = [ways]string{
	"answers it, and what follows it", "refuses it", "refuses it, and answers what follows it", "answers it, and ends the connection",
	"answers it, refuses what follows, and ends the connection", "waits for more", "answers it without a head",
}

// String says what a server does, each way of a set behind the other.
func (w Way) String() string {
	var all []string
	for i, text := range words {
		if w.Has(1 << i) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", or ")
}

// A Stream is what one client sends: valid messages, each of which lets the connection go on, and a last one.
type Stream struct {
	Before []Message `json:",omitempty"`
	Last   Message
}

// A Message is a request as it is drawn, in parts that can be left out or made simpler one by one. What a part does not say is as plain as it
// can be.
type Message struct {
	Method string   `json:",omitempty"` // "" is GET, and POST where there is a body
	Target string   `json:",omitempty"` // in the notation of [http1.Target.Write]; "" is {P}, and {Q} with POST
	Old    bool     `json:",omitempty"` // in HTTP/1.0
	Fields []string `json:",omitempty"` // lines beside Host, and what says how long the body is
	Framed string   `json:",omitempty"` // the line that says how long the body is, where {n} is its length; "" is no body
	Chunks []Chunk  `json:",omitempty"` // the body; of a length it is what they hold together
	Zeros  string   `json:",omitempty"` // the size of the last chunk; "" is 0
	Extra  []string `json:",omitempty"` // trailers
	// Class is what makes it invalid, and Value how; nil is nothing. Of the parts above, the class takes Fields alone, and whether a body
	// hides a request.
	Class *Class `json:",omitempty"`
	Value string `json:",omitempty"`
}

// A Chunk is a part of a body.
type Chunk struct {
	Size   string `json:",omitempty"` // how its size is written, as fmt has it; "" is %x
	Ext    string `json:",omitempty"` // behind the size
	Data   string `json:",omitempty"`
	Hidden bool   `json:",omitempty"` // a request is behind the data, which must not be answered
}

// A Wire is a stream as it is sent to a server, and what may become of it.
type Wire struct {
	Bytes []byte
	// Ends is where the messages end, as the RFC has it, one behind the other. The last is that of the last message, or of the request
	// that follows it inside of what it seemed to be, where it ends sooner than that: Requests counts that too.
	Ends        []int
	Asked       []http1.Asked
	Before      int // the messages before the last
	Hides       int // where the request begins that the last message hides; -1 where it hides none
	Requests    int
	Closes      bool // the connection ends behind the last, as it says: nothing is sent behind it
	Ways        Way
	Requirement string // that is shown by the last message
	Kept        string // that is broken where the last message was read as it may be, and the connection went on; "" is the same
	Source      string // its section
	Name        string // what the last message is
	Class       *Class // of the last message; nil where it is valid
	Of          Answer
}

// An Answer names what a plain request gets like the last one.
type Answer int

// The answers.
const (
	OfGet     Answer = iota // GET P
	OfQuery                 // GET P with a query
	OfHead                  // HEAD P
	OfPost                  // POST Q of any body
	OfMissing               // GET X
	OfAny                   // nobody knows: whatever is no refusal of the message itself
)

// At writes the stream for a server.
func (s Stream) At(t http1.Target) Wire {
	w := Wire{Before: len(s.Before)}
	for _, m := range s.Before {
		w.add(m, t)
	}
	m, at := s.Last, len(w.Bytes)
	also := w.add(m, t)
	if w.Hides = bytes.Index(w.Bytes[at:], []byte("GET "+t.Hidden+" ")); w.Hides >= 0 {
		w.Hides += at
	}
	w.Requests = w.Before + 1 + also
	w.Of = m.of()
	w.Closes = m.closes()
	if c := m.Class; c != nil {
		w.Class = c
		w.Ways, w.Requirement, w.Kept, w.Source, w.Name = c.Ways, c.Requirement, c.Kept, c.Source, c.Name
		if m.Value != "" {
			w.Name += " (" + show.Bytes([]byte(named.Replace(m.Value))) + ")"
		}
		return w
	}
	w.Ways, w.Requirement, w.Source = m.ways(), m.requirement(), "12 §6, §7"
	w.Name = m.method() + " that is valid"
	if w.Before > 0 && w.Requirement == plainest {
		w.Requirement, w.Source, w.Name = "HCON-7", "12 §9.3.2", "a pipeline of valid requests"
	}
	return w
}

// add writes a message, and returns how many requests are in it beside its own.
func (w *Wire) add(m Message, t http1.Target) (also int) {
	text, own := m.text(t)
	at := len(w.Bytes)
	w.Bytes = append(w.Bytes, text...)
	w.Ends = append(w.Ends, at+own)
	a := http1.Asked{Old: m.old(), Head: m.method() == "HEAD" && m.Class == nil}
	w.Asked = append(w.Asked, a)
	if own < len(text) && !m.closes() {
		w.Ends, w.Asked, also = append(w.Ends, len(w.Bytes)), append(w.Asked, http1.Asked{}), 1
	}
	return also
}

const crlf = "\r\n"

// named has the numbers of values said by their names.
var named = strings.NewReplacer("{n}", "N", "{m}", "N+1", "{half}", "N/2", "{x}", "N", "{32}", "2^32+N", "{63}", "2^63+N", "{64}", "2^64+N",
	"{x32}", "2^32+N", "{x63}", "2^63+N", "{x64}", "2^64+N", "{x132}", "2^132+N", "{first}", "of the first line alone", "{whole}", "of all of it")

// A text is what the messages of a class are written of.
type text struct {
	http1.Target
	more   string // field lines that do not matter
	value  string
	hides  bool // the body is a request
	hidden string
}

func (m Message) texts(t http1.Target) text {
	x := text{Target: t, value: m.Value, hidden: string(t.Get(t.Hidden).Bytes)}
	for _, line := range m.Fields {
		x.more += line + crlf
	}
	x.hides = len(m.Chunks) > 0 && m.Chunks[0].Hidden
	return x
}

// head is a head of these lines, which end in CR LF, with those of the target behind the first.
func (x text) head(start, lines string) string {
	return start + crlf + "Host: " + x.Host + crlf + x.own() + x.more + lines + crlf
}

func (x text) own() (lines string) {
	for _, f := range x.Target.Fields {
		lines += f + crlf
	}
	return lines
}

// text is the message as it is sent, and how long it is by the RFC.
func (m Message) text(t http1.Target) (all string, own int) {
	x := m.texts(t)
	if m.Class != nil {
		all = m.Class.write(x)
		if own = len(all); m.Class.also || m.Class.closes {
			own = len(all) - len(x.hidden)
		}
		return all, own
	}
	target := strings.NewReplacer("{H}", t.Host, "{P}", t.Path, "{Q}", t.Post, "{X}", t.Missing).Replace(m.target())
	body, n := m.body(x)
	lines := ""
	if m.Framed != "" {
		lines = numbered(m.Framed, n) + crlf
	}
	all = x.head(m.method()+" "+target+" "+m.version(), lines) + body
	return all, len(all)
}
