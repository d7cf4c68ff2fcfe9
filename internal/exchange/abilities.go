package exchange

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/streamspec/streamspec/suite/dialect"
)

// What a dialect of exchanges can do.
var (
	_ dialect.Closer   = (*Dialect)(nil)
	_ dialect.Filler   = (*Dialect)(nil)
	_ dialect.Dialect  = (*Dialect)(nil)
	_ dialect.Learner  = (*Dialect)(nil)
	_ dialect.Batcher  = (*Dialect)(nil)
	_ dialect.Amasser  = (*Dialect)(nil)
	_ dialect.Burster  = (*Dialect)(nil)
	_ dialect.Follower = (*Dialect)(nil)
	_ dialect.Marker   = (*Dialect)(nil)
	_ dialect.Opener   = (*Dialect)(nil)
	_ dialect.Limiter  = (*Dialect)(nil)
	_ dialect.Grower   = (*Dialect)(nil)
)

// Limits are what the file says that a server holds against its clients.
func (d *Dialect) Limits() dialect.Limits { return d.File.Limits }

// Controls are all messages that are stable, the shortest first.
func (d *Dialect) Controls() []dialect.Session { return d.Cuttable() }

// Batches are copies of each message that pipelines, and one of every such message behind the other.
func (d *Dialect) Batches() []dialect.Batch {
	var all []dialect.Batch
	for _, i := range d.Pipelined() {
		for _, n := range []int{2, 3, 10} {
			b := dialect.Batch{Session: d.Copies(i, n)}
			for k := range n {
				b.Starts = append(b.Starts, k*(len(b.Request)/n))
			}
			all = append(all, b)
		}
	}
	if b, ok := d.Each(); ok {
		all = append(all, b)
	}
	return all
}

// Each is the session of every message that pipelines, one behind the other; ok is false where there are not two.
func (d *Dialect) Each() (b dialect.Batch, ok bool) {
	var names []string
	at := 0
	for _, i := range d.Pipelined() {
		m := d.File.Messages[i]
		names, b.Starts = append(names, m.Name), append(b.Starts, at)
		at += m.Send.Len()
	}
	if len(names) < 2 {
		return b, false
	}
	var err error
	b.Session, err = d.Named(names)
	return b, err == nil
}

// Closing are the messages behind which the server closes, and a plain one behind which the client leaves, where the file says how.
func (d *Dialect) Closing(string) []dialect.Session {
	var all []dialect.Session
	for _, i := range d.stable() {
		if d.known[i].closes {
			all = append(all, d.session(i, 1))
		}
	}
	if i := d.plain(); d.leave != nil && i >= 0 && !d.known[i].closes {
		all = append(all, d.session(i, 1))
	}
	return all
}

// mostVarying is how many answers that vary are asked for at once: they are compared part by part.
const mostVarying = 1 << 10

// Fill is every message that pipelines, one behind the other and over again, up to more than n bytes.
func (d *Dialect) Fill(_ string, n, _ int) (b dialect.Batch) {
	which := d.Pipelined()
	if len(which) == 0 {
		return b
	}
	var names []string
	varying := 0
	for at := 0; at <= n; {
		i := which[len(names)%len(which)]
		if _, like := d.known[i].answer.For(unnamed); like != nil {
			varying++
		}
		if varying > mostVarying {
			return dialect.Batch{}
		}
		m := d.File.Messages[i]
		names, b.Starts = append(names, m.Name), append(b.Starts, at)
		at += m.Send.Len()
	}
	if len(names) == 1 {
		b.Session = d.Copies(which[0], 1)
		return b
	}
	var err error
	if b.Session, err = d.Named(names); err != nil {
		return dialect.Batch{}
	}
	return b
}

// Amass is so many copies of the message that pipelines and has the longest answer for its bytes, else the message with the longest
// answer.
func (d *Dialect) Amass(size int) (s dialect.Session, ok bool) {
	const least, mostSent = 64 << 10, 4 << 20
	const mostCopies = 1 << 16
	best, copies, answers := -1, 1, 0
	for _, i := range d.Pipelined() {
		example, like := d.known[i].answer.For(unnamed)
		most := mostCopies
		if like != nil {
			most = mostVarying
		}
		n := min(max(1, size/max(len(example), 1)), most, max(1, mostSent/d.File.Messages[i].Send.Len()))
		if n*len(example) > answers {
			best, copies, answers = i, n, n*len(example)
		}
	}
	if answers < least {
		for _, i := range d.stable() {
			if example, _ := d.known[i].answer.For(unnamed); len(example) > answers {
				best, copies, answers = i, 1, len(example)
			}
		}
	}
	if answers < least {
		return s, false
	}
	return d.Copies(best, copies), true
}

// Followed are, for each message that can come again on its connection, the shortest first, that message and n plain ones.
func (d *Dialect) Followed(n int) [][]dialect.Turn {
	plain := d.Turns("", n)
	if len(plain) < n {
		return nil
	}
	var all [][]dialect.Turn
	for _, i := range d.stable() {
		if m, k := d.File.Messages[i], d.known[i]; k.repeats && !k.closes && m.Before == nil {
			all = append(all, append([]dialect.Turn{d.turn(m.Step, k.answer)}, plain...))
		}
	}
	return all
}

// Burst is the first message that pipelines, over and over.
func (d *Dialect) Burst(conn string, _ uint64) []byte {
	which := d.Pipelined()
	if len(which) == 0 {
		return nil
	}
	s := d.Copies(which[0], 1).Bind(conn)
	return bytes.Repeat(s.Request, 1+(64<<10)/len(s.Request))
}

// Marked are the messages with a CR LF or a character of several bytes, and two of each that pipelines: a delimiter in halves, with
// a whole message behind it.
func (d *Dialect) Marked() []dialect.Session {
	all := d.Cuttable()
	for _, i := range d.Pipelined() {
		all = append(all, d.Copies(i, 2))
	}
	var some []dialect.Session
	for _, s := range all {
		if len(dialect.CRLFSplits(s.Request))+len(dialect.CharacterSplits(s.Request)) > 0 {
			some = append(some, s)
		}
	}
	return some
}

// growing is the message whose part grows furthest, or -1.
func (d *Dialect) growing() int {
	best, most := -1, 0
	for _, i := range d.stable() {
		if g := d.File.Messages[i].Send.growth(); g != nil && g.To > most {
			best, most = i, g.To
		}
	}
	return best
}

// Grows says how short and how long the part may be whose length is free; ok is false where no message has one.
func (d *Dialect) Grows() (least, most int, ok bool) {
	i := d.growing()
	if i < 0 {
		return 0, 0, false
	}
	return d.File.Messages[i].Send.Grows()
}

// Grown is the message with such a part, that part n bytes long; ok is false where it may not be so long.
func (d *Dialect) Grown(n int) (s dialect.Session, ok bool) {
	least, most, ok := d.Grows()
	if !ok || n < least || n > most {
		return s, false
	}
	i := d.growing()
	return calledAs(d.sized(i, 1, n), []string{grownName(d.File.Messages[i].Name, n)}), true
}

// grownName is how a plan names a message whose part that grows has n bytes.
func grownName(name string, n int) string { return name + "#" + strconv.Itoa(n) }

// find finds the message of a name, and how long its part is that grows, -1 where it has none; ok is false where there is no such.
func (d *Dialect) find(name string) (i, n int, ok bool) {
	called := func(name string) int {
		return slices.IndexFunc(d.File.Messages, func(m Message) bool { return m.Name == name })
	}
	if i = called(name); i >= 0 {
		n = -1
		if least, _, grows := d.File.Messages[i].Send.Grows(); grows {
			n = least
		}
		return i, n, true
	}
	at := strings.LastIndexByte(name, '#')
	if at < 0 {
		return 0, 0, false
	}
	i = called(name[:at])
	n, err := strconv.Atoi(name[at+1:])
	if i < 0 || err != nil {
		return 0, 0, false
	}
	least, most, grows := d.File.Messages[i].Send.Grows()
	return i, n, grows && least <= n && n <= most
}
