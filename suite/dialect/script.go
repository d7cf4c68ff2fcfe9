package dialect

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadLimit is the largest n of READ n (contract section 3).
const ReadLimit = 16777216

// Script is the dialect in which the client scripts the handler's operations.
type Script struct{}

// Name is "script".
func (Script) Name() string { return "script" }

// Summary says what a script server does.
func (Script) Summary() string {
	return "does the handler operations that the client names (READ, READLINE, WRITE, BYTES, SEND, ATEND, CLOSE)"
}

// Predict interprets the input as a right handler would, command by command.
// What was written and never sent is dropped at the end; flushing it then is right too.
func (Script) Predict(input []byte) Prediction {
	written, sent := make([]byte, 0, len(input)), 0 // all that was written, and how much of it was sent
	p := Prediction{End: ByClient}
	atEnd, done, whole, due := false, false, true, 0 // due is how much was sent when the last whole command was done
	for !done {
		if p.Used == len(input) {
			break
		}
		line, taken := readLine(input[p.Used:], LineLimit)
		whole = isWhole(input[p.Used:p.Used+taken], LineLimit)
		p.Used += taken
		word, arg, _ := bytes.Cut(line, []byte(" "))
		switch {
		case !utf8.Valid(line):
			p.End, done = ByFailure, true
		case len(line) == 0, string(line) == "CLOSE":
			p.End, done = ByServer, true
			atEnd = atEnd && len(line) == 0
		case string(line) == "SEND":
			sent = len(written)
		case string(line) == "ATEND":
			atEnd = true
		case string(word) == "WRITE":
			written = append(written, arg...)
		case string(word) == "BYTES":
			b, err := appendHex(written, string(arg))
			if err != nil {
				p.End, done = ByFailure, true
				break
			}
			written = b
		case string(word) == "READ", string(word) == "READLINE":
			r, ok := scriptRead(string(word), string(arg), input[p.Used:])
			whole = whole && r.whole
			p.Used += r.taken
			if !ok {
				p.End, done = ByFailure, true
				break
			}
			written = appendNetstring(written, r.text)
		default:
			p.End, done = ByFailure, true
		}
		if whole {
			due = sent
		}
	}
	if atEnd && p.End != ByFailure {
		if sent = len(written); whole && p.End == ByServer {
			due = sent
		}
	}
	if !whole || p.End != ByFailure {
		p.Due = written[:due:due]
	}
	p.Answers = [][]byte{written[:sent:sent]}
	if sent < len(written) {
		p.Answers = append(p.Answers, written[:len(written):len(written)])
	}
	return p
}

// appendHex appends what pairs of hexadecimal digits say; ASCII white space may stand between two pairs (contract section 3, BYTES).
func appendHex(to []byte, arg string) (_ []byte, err error) {
	for pairs := range strings.FieldsFuncSeq(arg, func(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) }) {
		if to, err = hex.AppendDecode(to, []byte(pairs)); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// scripted is what READ or READLINE reads.
type scripted struct {
	text  []byte
	taken int
	whole bool // it was not the end of the input that ended it
}

// scriptRead does READ or READLINE at the start of in; ok is false when the
// handler fails: a number that is none or too large, bytes that are no UTF-8.
func scriptRead(word, arg string, in []byte) (r scripted, ok bool) {
	limit := LineLimit
	if arg != "" || word == "READ" {
		n, err := strconv.ParseUint(arg, 10, 31)
		if err != nil || n > ReadLimit {
			return scripted{whole: true}, false
		}
		limit = int(n)
	}
	if word == "READ" {
		r.taken = min(limit, len(in))
		r.text, r.whole = in[:r.taken], r.taken == limit
	} else {
		r.text, r.taken = readLine(in, limit)
		r.whole = isWhole(in[:r.taken], limit)
	}
	return r, utf8.Valid(r.text)
}

// Netstring is the length of b in decimal, a colon, b, and a comma.
func Netstring(b []byte) []byte { return appendNetstring(make([]byte, 0, len(b)+10), b) }

func appendNetstring(to, b []byte) []byte {
	to = append(strconv.AppendInt(to, int64(len(b)), 10), ':')
	return append(append(to, b...), ',')
}

// Commands builds a script request. Its methods append a command, with the
// bytes that the command reads, and return it for chaining.
type Commands struct{ b []byte }

// Read appends READ len(data) and the data itself.
func (c *Commands) Read(data string) *Commands {
	return c.Raw("READ ", strconv.Itoa(len(data)), "\n", data)
}

// ReadLine appends READLINE and a raw line with whatever line end it brings.
func (c *Commands) ReadLine(raw string) *Commands { return c.Raw("READLINE\n", raw) }

// ReadLineLimit appends READLINE limit and the raw bytes that follow it.
func (c *Commands) ReadLineLimit(limit int, raw string) *Commands {
	return c.Raw("READLINE ", strconv.Itoa(limit), "\n", raw)
}

// Write appends WRITE text.
func (c *Commands) Write(text string) *Commands { return c.Raw("WRITE ", text, "\n") }

// Bytes appends BYTES with b in hexadecimal.
func (c *Commands) Bytes(b []byte) *Commands {
	return c.Raw("BYTES ", hex.EncodeToString(b), "\n")
}

// WriteLong appends WRITE commands that write size bytes together, no two of which write the same.
func (c *Commands) WriteLong(size int) *Commands {
	line := make([]byte, 60000)
	for i := range line {
		line[i] = byte('a' + i%23)
	}
	for n := 0; size > 0; n++ {
		copy(line, fmt.Sprintf("%08d", n))
		k := min(size, len(line))
		c.Write(string(line[:k]))
		size -= k
	}
	return c
}

// Send appends SEND.
func (c *Commands) Send() *Commands { return c.Raw("SEND\n") }

// AtEnd appends ATEND.
func (c *Commands) AtEnd() *Commands { return c.Raw("ATEND\n") }

// Close appends CLOSE.
func (c *Commands) Close() *Commands { return c.Raw("CLOSE\n") }

// End appends the empty line that ends a session.
func (c *Commands) End() *Commands { return c.Raw("\n") }

// Raw appends the texts as they are.
func (c *Commands) Raw(texts ...string) *Commands {
	n := 0
	for _, text := range texts {
		n += len(text)
	}
	c.b = slices.Grow(c.b, n) // once, since a text may be large
	for _, text := range texts {
		c.b = append(c.b, text...)
	}
	return c
}

// Request returns the bytes built so far.
func (c *Commands) Request() []byte { return c.b }

// Session returns the session of the bytes built so far.
func (c *Commands) Session(name string) Session { return session(Script{}, name, c.b) }

// Lines is a session that reads these raw lines by READLINE. Where the last has
// no LF the session is ended by the half-close, and answered then (ATEND).
func (Script) Lines(name string, raws ...string) Session {
	var c Commands
	open := len(raws) > 0 && !strings.HasSuffix(raws[len(raws)-1], "\n")
	if open {
		c.AtEnd()
	}
	for _, raw := range raws {
		c.ReadLine(raw)
	}
	if !open {
		c.Send().End()
	}
	return c.Session(name)
}

// Plain writes a text that carries id, and sends it.
func (Script) Plain(id string) Session {
	return new(Commands).Write(named(id, 1)).Send().End().Session("a text that is written and sent")
}

// Turns writes and sends a text at each turn.
func (Script) Turns(id string, n int) []Turn {
	turns := make([]Turn, n)
	for i := range turns {
		text := named(id, i)
		var c Commands
		c.ReadLine(text + "\n").Send()
		turns[i] = Turn{Request: c.Request(), Answer: Netstring([]byte(text))}
	}
	return turns
}

// Rich uses every command, both line ends and long characters.
func (Script) Rich() Session {
	var c Commands
	c.Raw("READ 7\r\n").Raw("é\r\n日").Raw("READLINE\n").Raw("café 日\r\n").Raw("READLINE 4\n").Raw("😀").
		Write("a b").Bytes([]byte{0, 0xff}).Send().Raw("READLINE\r\nx\r\n").Raw("SEND\r\n").Read("").Send().End()
	return c.Session("every command")
}

// Random draws commands; those that read bring random words.
func (Script) Random(r *rand.Rand, size int) Session {
	var c Commands
	for want := 1 + r.IntN(max(size, 1)); len(c.b) < want; {
		switch r.IntN(6) {
		case 0:
			c.Read(word(r) + "\n" + word(r))
		case 1:
			c.ReadLine(randomLine(r))
		case 2:
			w := string(text(r, 1+r.IntN(30)))
			c.ReadLineLimit(len(w), w)
		case 3:
			c.Write(string(text(r, 1+r.IntN(40))))
		case 4:
			c.Bytes(anyBytes(r.IntN(20), r.Uint64()))
		case 5:
			c.Send()
		}
	}
	return c.Send().End().Session("random commands")
}

// Values writes every byte value, and reads back every character up to U+00FF.
func (Script) Values() Session {
	var c Commands
	c.Bytes(everyValue()).Send()
	for _, raw := range valueLines() {
		c.ReadLine(raw)
	}
	return c.Send().End().Session("every byte value and control character")
}

// Bulk reads lines of up to 60,000 bytes, sending each as it goes.
func (Script) Bulk(size int, seed uint64) Session {
	const read, send = "READLINE\n", "SEND\n"
	const least = len(read) + len("x\n") + len(send)
	r := rand.New(rand.NewPCG(seed, uint64(size)))
	request := make([]byte, 0, size)
	answer := make([]byte, 0, size)
	for left := size - 1; left >= least; left = size - 1 - len(request) {
		n := min(left, least+r.IntN(60000))
		if left-n > 0 && left-n < least { // too little for one more
			if n -= least; n < least {
				n = left
			}
		}
		line := restless(r, n-least+1)
		request = append(append(append(append(request, read...), line...), '\n'), send...)
		answer = append(answer, Netstring(line)...)
	}
	return Session{Name: "long lines", Request: append(request, '\n'), Answers: [][]byte{answer}, End: ByServer}
}

// Ending reads and sends a line; the half-close ends the session.
func (Script) Ending(id string) Session {
	return new(Commands).ReadLine(named(id, 1) + "\n").Send().Session("a line that is read and sent")
}

// Failing sends an unknown command, RAISE, bad numbers and hexadecimal digits.
func (Script) Failing() []Session {
	all := []Session{new(Commands).Raw("RAISE\n").Session("the command RAISE alone")}
	for _, command := range []string{"RAISE", "NONSENSE", "READ x", "READ 16777217", "BYTES 0g"} {
		var c Commands
		c.Write("before").Send().Write("unsent").Raw(command + "\n").Write("after").Send().End()
		all = append(all, c.Session("the command "+command))
	}
	return all
}

// Joined sends the requests of turns together.
func (d Script) Joined(turns []Turn) Session { return joined(d, turns) }

// Cuttable are an ending, a plain and a rich session.
func (d Script) Cuttable() []Session {
	return append([]Session{new(Commands).Write("a").Send().Session("a text that is written and sent")}, cuttable(d)...)
}

// Beginning is as much of the request as a handler waits behind.
func (d Script) Beginning(request []byte) []byte { return beginning(d, request) }

// Controls are an ending and a plain session.
func (d Script) Controls() []Session { return controls(d) }

// Batches are several turns in one request.
func (d Script) Batches() []Batch { return batches(d) }

// Fill are lines that have n bytes together.
func (d Script) Fill(id string, n, requests int) Batch { return filled(d, id, n, requests) }

// Burst is a MiB of lines that are read and sent.
func (d Script) Burst(_ string, seed uint64) (requests []byte, answers int) { return burst(d, seed) }

// Unbroken sends size bytes of lines: a script cannot do without line ends.
func (d Script) Unbroken(size int, seed uint64) Session { return d.Bulk(size, seed) }

// Closing are an ending and a plain session, and what a script has to end its session by.
func (d Script) Closing(id string) []Session {
	return []Session{
		d.Ending(id), d.Plain(id), new(Commands).Write("bye").Send().Close().Session("CLOSE"),
		new(Commands).Close().Session("CLOSE alone"), new(Commands).End().Session("an empty line alone"),
	}
}

// LongAnswer writes size bytes, and sends them all at once; the half-close ends the session.
func (Script) LongAnswer(size int, _ uint64) (s Session, atOnce bool) {
	return new(Commands).WriteLong(size).Send().Session("a long answer"), true
}

// Marked are lines with characters of several bytes, and CR LF.
func (d Script) Marked() []Session { return marked(d) }

// LongLine reads a line of content bytes, and another. What lies past the limit is read by the commands that follow.
func (Script) LongLine(content int) Session {
	text := Numbered(content)
	var c Commands
	for ; len(text) >= LineLimit; text = text[LineLimit:] {
		c.ReadLine(text[:LineLimit])
	}
	return c.ReadLine(text + "\n").ReadLine("next\n").Send().End().Session("a long line")
}

// EmptyLine has commands behind an empty line.
func (Script) EmptyLine() (s Session, does []string) {
	s = new(Commands).Write("a").Send().End().Write("b").Send().Session("commands after an empty line")
	s.Answers, s.End = [][]byte{[]byte("a"), []byte("ab")}, ByClient
	return s, []string{"ends the session", "goes on"}
}

// Followed are a turn and one that reads so many bytes, and n turns behind each.
func (d Script) Followed(n int) [][]Turn {
	behind := d.Turns("f", n)
	text := named("r", 0)
	read := Turn{Request: new(Commands).Read(text).Send().Request(), Answer: Netstring([]byte(text))}
	return [][]Turn{d.Turns("f", n+1), append([]Turn{read}, behind...)}
}

// Unsent writes a text and does not send it.
func (Script) Unsent() []byte { return new(Commands).Write("never sent").Request() }

// EndlessLine has the line that follows be read as one.
func (Script) EndlessLine() []byte { return []byte("READLINE\n") }
