package emit

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
)

// A program is what the templates draw.
type program struct {
	Title   string
	Origin  string // where the reproduction comes from
	Address string
	Data    []data // the long runs of bytes
	Clients []client
	Limit   int // how much of an answer is kept: one byte more than any right one has

	language language
	plan     plan.Plan
	literals int // bytes that are written out
}

// Data is bytes that have a name in the program: base64, or an expression that names others.
type data struct {
	Name  string
	Bytes []byte
	Parts []part // nil for base64
}

// A part is a run of bytes of the program: some of its data, or a literal.
type part struct {
	data     int // its index, or -1
	from, to int // of the data
	literal  []byte
}

func (q part) len() int {
	if q.data < 0 {
		return len(q.literal)
	}
	return q.to - q.from
}

type client struct {
	Number   int
	Sentence string // what it does
	Steps    []step
	Answers  [][]part
	Prefix   bool
	ToEnd    bool
	Judged   bool // a reset leaves nothing to judge
	End      string
	Sleep    time.Duration // over all its steps
}

// A step is one thing that a client does: one of the fields is set.
type step struct {
	Send  []part
	Await []part
	Pause time.Duration
}

func (p *program) Awaits() bool { return p.has(func(s step) bool { return s.Await != nil }) }

func (p *program) Pauses() bool { return p.has(func(s step) bool { return s.Pause > 0 }) }

func (p *program) has(is func(step) bool) bool {
	return slices.ContainsFunc(p.Clients, func(c client) bool { return slices.ContainsFunc(c.Steps, is) })
}

// Stages are the clients that act side by side, one after another.
func (p *program) Stages() (all [][]client) {
	for from, to := range p.plan.Stages() {
		all = append(all, p.Clients[from:to])
	}
	return all
}

// Ends says whether some client ends in that way: half-close, reset.
func (p *program) Ends(end string) bool {
	return slices.ContainsFunc(p.Clients, func(c client) bool { return c.End == end })
}

// Judges says whether some client's answer is judged.
func (p *program) Judges() bool {
	return slices.ContainsFunc(p.Clients, func(c client) bool { return c.Judged })
}

// Encoded says whether some data is base64.
func (p *program) Encoded() bool {
	return slices.ContainsFunc(p.Data, func(d data) bool { return d.Parts == nil })
}

func (p *program) Timeout() time.Duration { return timeout }

func (p *program) Quiet() time.Duration { return quietTime }

// newProgram checks the reproduction and divides it in what a program does.
func newProgram(r Reproduction, l language) (*program, error) {
	if err := r.Plan.Validate(); err != nil {
		return nil, err
	}
	if len(r.Clients) != len(r.Plan.Clients) {
		return nil, fmt.Errorf("the plan has %d clients, and what must come is known of %d", len(r.Plan.Clients), len(r.Clients))
	}
	address, err := address(r.Address)
	if err != nil {
		return nil, err
	}
	p := &program{Title: sentence(r.Title), Origin: origin(r.Plan), Address: address, language: l, plan: r.Plan}
	for i, e := range r.Clients {
		if err := check(r.Plan.Clients[i], e); err != nil {
			return nil, fmt.Errorf("client %d: %w", i+1, err)
		}
		for _, a := range e.Answers {
			p.Limit = max(p.Limit, len(a)+1)
		}
		for _, a := range e.Awaits {
			p.Limit = max(p.Limit, len(a.Answer)+1)
		}
	}
	p.gather(r.Clients)
	for i, e := range r.Clients {
		p.Clients = append(p.Clients, p.client(i, e))
	}
	held := p.literals
	for _, d := range p.Data {
		if d.Parts == nil {
			held += len(d.Bytes)
		}
	}
	if held > MaxBytes {
		return nil, fmt.Errorf("the requests and answers have %d bytes, and a program of its own holds %d at most: play the plan itself", held, MaxBytes)
	}
	for i, c := range p.Clients {
		if c.Sleep > MaxSleep {
			return nil, fmt.Errorf("client %d would sleep %s at its cuts, and %s is the most: play the plan itself", i+1, c.Sleep, MaxSleep)
		}
	}
	return p, nil
}

// check says what is wrong with what one client expects.
func check(c plan.Client, e Expected) error {
	if !c.Exchanges() && !bytes.Equal(c.Bytes(), e.Request) {
		return fmt.Errorf("the request of %d bytes is not what the plan sends", len(e.Request))
	}
	if err := c.Delivery().Validate(len(e.Request)); err != nil {
		return err
	}
	if len(e.Answers) == 0 && c.End != delivery.Reset {
		return fmt.Errorf("no answer is right")
	}
	last := 0
	for _, a := range e.Awaits {
		if a.At < last || a.At > len(e.Request) {
			return fmt.Errorf("an await after byte %d of a request of %d bytes, the one before it after byte %d", a.At, len(e.Request), last)
		}
		last = a.At
	}
	return nil
}

// address checks a host:port, and names the host where it is left out.
func address(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", fmt.Errorf("the address is no host:port: %w", err)
	}
	if port == "" || strings.HasPrefix(host, "-") || strings.HasPrefix(port, "-") || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("the address %q is no host:port", s)
	}
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port), nil
}

// origin says what the plan is of.
func origin(p plan.Plan) string {
	text := "Found by streamspec (https://github.com/streamspec/streamspec), dialect " + sentence(p.Dialect)
	if p.Requirement != "" {
		text += ", requirement " + sentence(p.Requirement)
	}
	return text + "."
}

// client is what one client does.
func (p *program) client(i int, e Expected) client {
	of := p.plan.Clients[i]
	c := client{Number: i + 1, Prefix: e.Prefix, ToEnd: e.ToEnd, Judged: of.End != delivery.Reset}
	request := p.express(e.Request)
	at, awaits, sends := 0, e.Awaits, 0
	var answer []part
	if len(e.Answers) > 0 && len(awaits) > 0 {
		answer = p.express(e.Answers[0])
	}
	send := func(to int) {
		if to > at {
			c.Steps, at, sends = append(c.Steps, step{Send: cut(request, at, to)}), to, sends+1
		}
	}
	await := func(to int) {
		for len(awaits) > 0 && awaits[0].At <= to {
			due := awaits[0].Answer
			if len(due) == 0 {
				awaits = awaits[1:]
				continue
			}
			send(awaits[0].At)
			parts := p.express(due)
			if len(e.Answers) > 0 && bytes.HasPrefix(e.Answers[0], due) {
				parts = cut(answer, 0, len(due))
			}
			c.Steps = append(c.Steps, step{Await: p.count(parts)})
			awaits = awaits[1:]
		}
	}
	for _, cut := range of.Cuts {
		await(cut.At)
		send(cut.At)
		c.pause(max(cut.Pause, cutPause))
	}
	await(len(e.Request))
	send(len(e.Request))
	p.count(request)
	switch of.End {
	case delivery.HalfClose:
		c.pause(cutPause)
		c.End = "half-close"
	case delivery.HalfCloseWithData:
		c.End = "half-close"
	case delivery.Reset:
		c.pause(cutPause)
		c.End = "reset"
	}
	if c.Judged {
		for _, a := range e.Answers {
			c.Answers = append(c.Answers, p.count(p.express(a)))
		}
	}
	c.Sentence = fmt.Sprintf("sends %s in %s, %s", count(len(e.Request), "byte"), count(sends, "write"), map[delivery.ClientEnd]string{
		delivery.Open:              "and leaves its side open",
		delivery.HalfClose:         "then closes its side",
		delivery.HalfCloseWithData: "and closes its side at once",
		delivery.Reset:             "then resets the connection",
	}[of.End])
	return c
}

// pause adds a step that sleeps, in whole milliseconds.
func (c *client) pause(d time.Duration) {
	d = (d + time.Millisecond - 1).Truncate(time.Millisecond)
	c.Steps, c.Sleep = append(c.Steps, step{Pause: d}), c.Sleep+d
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// count counts the literals of the parts, and returns the parts.
func (p *program) count(parts []part) []part {
	for _, q := range parts {
		p.literals += len(q.literal)
	}
	return parts
}

// gather finds the long runs of bytes: the long pieces of the plan that were drawn from a seed, what else is long in
// requests and answers, and the answers that many awaits show the beginnings of.
func (p *program) gather(clients []Expected) {
	for _, c := range p.plan.Clients {
		for _, r := range c.Requests {
			for _, piece := range r.Pieces {
				if piece.Size > MaxLiteral {
					p.add(piece.Bytes(), nil)
				}
			}
		}
	}
	for _, e := range clients {
		p.share(e.Request)
		for _, a := range e.Answers {
			p.share(a)
		}
		awaited := 0
		for _, a := range e.Awaits {
			p.share(a.Answer)
			awaited += len(a.Answer)
		}
		if awaited > MaxLiteral && len(e.Answers) > 0 {
			p.add(e.Answers[0], p.express(e.Answers[0]))
		}
	}
}

// share adds the long literals that b would have.
func (p *program) share(b []byte) {
	for _, q := range p.express(b) {
		if len(q.literal) > MaxLiteral {
			p.add(q.literal, nil)
		}
	}
}

// add gives b a name, unless all of it has one.
func (p *program) add(b []byte, parts []part) {
	if all := p.express(b); len(all) == 0 || len(all) == 1 && all[0].data >= 0 {
		return
	}
	p.Data = append(p.Data, data{Name: fmt.Sprintf("data%d", len(p.Data)+1), Bytes: b, Parts: p.count(parts)})
}

// probe is how many bytes must agree before a run is written as a part of some data.
const probe = 64

// express writes b as parts, of data where its bytes are found there: from the beginning of the data, or where a part
// begins in b.
func (p *program) express(b []byte) (parts []part) {
	for len(b) > 0 {
		if q, ok := p.find(b); ok {
			parts, b = append(parts, q), b[q.len():]
			continue
		}
		n := len(b)
		for _, d := range p.Data {
			if len(d.Bytes) < probe {
				continue
			}
			if at := bytes.Index(b, d.Bytes[:probe]); at > 0 {
				n = min(n, at)
			}
		}
		parts, b = append(parts, part{data: -1, literal: b[:n]}), b[n:]
	}
	return parts
}

// find finds the longest beginning of b in the data.
func (p *program) find(b []byte) (best part, ok bool) {
	if len(b) < probe {
		return best, false
	}
	for i, d := range p.Data {
		from := bytes.Index(d.Bytes, b[:probe])
		if from < 0 {
			continue
		}
		n := common(b, d.Bytes[from:])
		if whole := common(b, d.Bytes); whole >= n {
			from, n = 0, whole
		}
		if n > best.len() || !ok {
			best, ok = part{data: i, from: from, to: from + n}, true
		}
	}
	return best, ok
}

// common is how many bytes a and b have in common at their beginnings.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// cut returns the parts from one offset to another.
func cut(parts []part, from, to int) []part {
	out := []part{}
	for _, q := range parts {
		n := q.len()
		if a, b := max(from, 0), min(to, n); a < b {
			if q.data < 0 {
				q.literal = q.literal[a:b]
			} else {
				q.from, q.to = q.from+a, q.from+b
			}
			out = append(out, q)
		}
		if from, to = from-n, to-n; to <= 0 {
			break
		}
	}
	return out
}
