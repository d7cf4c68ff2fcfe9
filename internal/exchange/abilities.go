package exchange

import (
	"github.com/streamspec/streamspec/suite/dialect"
	"math"
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
)

// together is how many messages there may be on one connection.
func (d *Dialect) together() int {
	if n := d.File.Limits.Messages; n > 0 {
		return n
	}
	return math.MaxInt
}

// Limits are what the file says that a server holds against its clients.
func (d *Dialect) Limits() dialect.Limits { return d.File.Limits }

// Controls are all messages that are stable, the shortest first.
func (d *Dialect) Controls() []dialect.Session { return d.Cuttable() }

// Batches are copies of each message that pipelines, fewer where its answer is long, and one of every such message behind the other.
func (d *Dialect) Batches() []dialect.Batch {
	var all []dialect.Batch
	for _, i := range d.Pipelined() {
		for _, n := range []int{2, 3, 10} {
			if n > 2 && n*d.answerLen(i) > mostAnswered || n > d.together() {
				break
			}
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
	if len(names) < 2 || len(names) > d.together() {
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

// Fill is every message that pipelines and is not answered with very much more, one behind the other and over again, up to more than
// n bytes; none where that is too much to answer.
func (d *Dialect) Fill(_ string, n, _ int) (b dialect.Batch) {
	which := d.modest()
	if len(which) == 0 {
		return b
	}
	var names []string
	varying, answers := 0, 0
	for at := 0; at <= n; {
		i := which[len(names)%len(which)]
		if _, like := d.known[i].answer.For(unnamed); like != nil {
			varying++
		}
		if varying > mostVarying || len(names) == d.together() {
			return dialect.Batch{}
		}
		if answers += d.answerLen(i); answers > mostAnswered && len(names) > 0 {
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
func (d *Dialect) Amass(size, most int) (s dialect.Session, messages int) {
	const least, mostSent = 64 << 10, 4 << 20
	most = min(most, 1<<16, d.together())
	best, copies, answers := -1, 1, 0
	for _, i := range d.Pipelined() {
		example, like := d.known[i].answer.For(unnamed)
		atMost := most
		if like != nil {
			atMost = min(most, mostVarying)
		}
		n := min(max(1, size/max(len(example), 1)), atMost, max(1, mostSent/d.File.Messages[i].Send.Len()))
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
		return s, 0
	}
	return d.Copies(best, copies), copies
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
			all = append(all, append([]dialect.Turn{d.turn(i)}, plain...))
		}
	}
	return all
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
