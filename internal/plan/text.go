package plan

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/show"
)

// Version is the version of the text that this package writes, and the newest that it reads.
const Version = 1

// MaxText bounds the text of a plan in bytes.
const MaxText = 8 << 20

const heading = "streamspec plan "

// ends are the words for the ends of a stream.
var ends = map[string]delivery.ClientEnd{
	"open": delivery.Open, "half-close": delivery.HalfClose, "half-close-with-data": delivery.HalfCloseWithData, "reset": delivery.Reset,
}

// String is the plan's text. Cuts that fall inside a request carry a comment that shows the bytes on both sides.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d\ndialect %s\n", heading, Version, word(p.Dialect))
	for _, one := range [][2]string{{"target", p.Target}, {"requirement", p.Requirement}, {"drawn", p.Drawn}} {
		if one[1] != "" {
			fmt.Fprintf(&b, "%s %s\n", one[0], word(one[1]))
		}
	}
	if p.Seed != 0 {
		fmt.Fprintf(&b, "seed %d\n", p.Seed)
	}
	for _, c := range p.Clients {
		c.print(&b)
	}
	return b.String()
}

// Commented is the plan's text with comments behind its first line; each line of them begins with #.
func (p Plan) Commented(comments string) string {
	first, rest, _ := strings.Cut(p.String(), "\n")
	return first + "\n" + comments + rest
}

func (c Client) print(b *strings.Builder) {
	b.WriteString("client")
	if c.Then {
		b.WriteString(" then")
	}
	b.WriteByte('\n')
	sent, awaits := 0, slices.Clone(c.Awaits)
	for _, r := range c.Requests {
		sent += r.Len()
		if r.Exchange != "" {
			fmt.Fprintf(b, "  exchange %s\n", quote([]byte(r.Exchange)))
		} else {
			b.WriteString("  request")
			for _, p := range r.Pieces {
				b.WriteString(" " + p.String())
			}
			if len(r.Pieces) == 0 {
				b.WriteString(` ""`)
			}
			b.WriteByte('\n')
		}
		if r.Len() > 0 && slices.Contains(awaits, sent) {
			b.WriteString("  await\n")
			awaits = slices.DeleteFunc(awaits, func(at int) bool { return at == sent })
		}
	}
	var all []byte
	if len(awaits)+len(c.Cuts) <= 16 {
		all = c.Bytes()
	}
	for _, at := range awaits {
		fmt.Fprintf(b, "  await %d", at)
		sides(b, all, at)
	}
	for _, cut := range c.Cuts {
		fmt.Fprintf(b, "  cut %d", cut.At)
		if cut.Pause > 0 {
			fmt.Fprintf(b, " pause %s", cut.Pause)
		}
		sides(b, all, cut.At)
	}
	for name, end := range ends {
		if end == c.End {
			fmt.Fprintf(b, "  end %s\n", name)
		}
	}
}

// sides ends a line with a comment that shows the bytes on both sides of an offset, where they are known.
func sides(b *strings.Builder, all []byte, at int) {
	if 0 < at && at < len(all) {
		fmt.Fprintf(b, " # %s | %s", quote(all[max(0, at-8):at]), quote(all[at:min(len(all), at+8)]))
	}
	b.WriteByte('\n')
}

// String is the piece as the plan's text has it.
func (p Piece) String() string {
	switch {
	case p.Size == 0:
		return quote(p.Text)
	case p.Binary:
		return fmt.Sprintf("bytes(%d, %d)", p.Size, p.Seed)
	}
	return fmt.Sprintf("text(%d, %d)", p.Size, p.Seed)
}

func quote(b []byte) string { return `"` + show.Bytes(b) + `"` }

// word is a word as it is, or quoted where it would not be read back as one.
func word(w string) string {
	if w == "" || strings.ContainsAny(w, "\"#") || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r == 0x7f || r > 0x7e }) {
		return quote([]byte(w))
	}
	return w
}

// A ParseError says what is wrong with a plan's text, and in which line.
type ParseError struct {
	Name string // of the file, or ""
	Line int    // from 1 on
	Text string
}

// Error is one sentence with the place in front.
func (e *ParseError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Text)
}

// ReadFile reads a plan from a file. Its error is *ParseError for a text that is no plan, and that of the system else; a
// file longer than [MaxText] is not read further.
func ReadFile(name string) (Plan, error) {
	f, err := os.Open(name)
	if err != nil {
		return Plan{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxText+1))
	if err != nil {
		return Plan{}, err
	}
	p, err := Parse(text)
	if e, ok := err.(*ParseError); ok {
		e.Name = name
	}
	return p, err
}

// Parse reads a plan's text. Its error is always a *ParseError: a text that is none, is of a newer version, is cut off, or
// goes beyond a bound.
func Parse(text []byte) (Plan, error) {
	p := parser{}
	if len(text) > MaxText {
		return Plan{}, &ParseError{Line: 1, Text: fmt.Sprintf("the text is longer than %d bytes", MaxText)}
	}
	for len(text) > 0 {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		p.line++
		if err := p.next(string(bytes.TrimSuffix(line, []byte("\r")))); err != nil {
			return Plan{}, &ParseError{Line: p.line, Text: err.Error()}
		}
		if !whole {
			return Plan{}, &ParseError{Line: p.line, Text: "the file ends in the middle of a line: it was cut off"}
		}
		text = rest
	}
	if p.line == 0 {
		return Plan{}, &ParseError{Line: 1, Text: "the file is empty: a plan begins with " + heading + strconv.Itoa(Version)}
	}
	if n := len(p.plan.Clients); n > 0 && !p.ended {
		return Plan{}, &ParseError{Line: p.line, Text: fmt.Sprintf("client %d has no end: the file was cut off, or a line such as end half-close is missing", n)}
	}
	if err := p.plan.Validate(); err != nil {
		return Plan{}, &ParseError{Line: p.line, Text: err.Error()}
	}
	return p.plan, nil
}

// parser reads one line after another.
type parser struct {
	plan  Plan
	line  int
	begun bool     // the heading was read
	given []string // what was read before the clients
	ended bool     // the client's end was read
}

func (p *parser) next(line string) error {
	if !p.begun {
		p.begun = true
		return version(line)
	}
	words, err := tokens(line)
	if err != nil || len(words) == 0 {
		return err
	}
	verb, args := words[0], words[1:]
	if verb.quoted {
		return fmt.Errorf("a line begins with a word, such as request, and not with a string")
	}
	switch verb.text {
	case "dialect", "target", "requirement", "drawn", "seed":
		return p.head(verb.text, args)
	case "client":
		then := len(args) == 1 && args[0].text == "then" && !args[0].quoted
		if len(args) > 0 && !then {
			return fmt.Errorf("client stands alone on its line, or with then behind it")
		}
		if len(p.plan.Clients) > 0 && !p.ended {
			return fmt.Errorf("client %d has no end: a line such as end half-close is missing", len(p.plan.Clients))
		}
		if len(p.plan.Clients) == MaxClients {
			return fmt.Errorf("more than %d clients", MaxClients)
		}
		p.plan.Clients, p.ended = append(p.plan.Clients, Client{Then: then}), false
		return nil
	case "request", "exchange", "await", "cut", "end":
		if len(p.plan.Clients) == 0 {
			return fmt.Errorf("%s comes before the first client", verb.text)
		}
		if p.ended {
			return fmt.Errorf("%s comes after the client's end", verb.text)
		}
		return p.client(&p.plan.Clients[len(p.plan.Clients)-1], verb.text, args)
	}
	return fmt.Errorf("there is no %s: a line begins with dialect, target, requirement, drawn, seed, client, request, exchange, await, cut or end", quote([]byte(clip(verb.text))))
}

// version reads the first line.
func version(line string) error {
	text, ok := strings.CutPrefix(line, heading)
	if !ok {
		return fmt.Errorf("this is no plan: a plan begins with %s%d", heading, Version)
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	switch {
	case err != nil || n < 1:
		return fmt.Errorf("the version of the plan is %s, and not a number", quote([]byte(clip(text))))
	case n > Version:
		return fmt.Errorf("the plan is of version %d, and this streamspec reads up to %d: use a newer one", n, Version)
	}
	return nil
}

// head reads what stands before the clients.
func (p *parser) head(verb string, args []token) error {
	if len(p.plan.Clients) > 0 {
		return fmt.Errorf("%s comes before the first client", verb)
	}
	if len(args) != 1 || args[0].text == "" {
		return fmt.Errorf("%s is followed by one word", verb)
	}
	if slices.Contains(p.given, verb) {
		return fmt.Errorf("%s is given twice", verb)
	}
	p.given = append(p.given, verb)
	text := args[0].text
	if verb == "seed" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("the seed is %s, and not a number", quote([]byte(clip(text))))
		}
		p.plan.Seed = n
		return nil
	}
	*map[string]*string{"dialect": &p.plan.Dialect, "target": &p.plan.Target, "requirement": &p.plan.Requirement, "drawn": &p.plan.Drawn}[verb] = text
	return nil
}

// client reads a line of a client.
func (p *parser) client(c *Client, verb string, args []token) error {
	switch verb {
	case "request", "exchange":
		if len(c.Cuts) > 0 {
			return fmt.Errorf("%s comes after a cut: all requests come before the cuts", verb)
		}
		if len(c.Requests) == MaxRequests {
			return fmt.Errorf("more than %d requests", MaxRequests)
		}
		r, err := request(verb, args)
		if err == nil {
			c.Requests = append(c.Requests, r)
		}
		return err
	case "await":
		return await(c, args)
	case "cut":
		if len(c.Cuts) == MaxCuts {
			return fmt.Errorf("more than %d cuts", MaxCuts)
		}
		cut, err := parseCut(args)
		c.Cuts = append(c.Cuts, cut)
		return err
	}
	if len(args) != 1 {
		return fmt.Errorf("end is followed by one word")
	}
	end, ok := ends[args[0].text]
	if !ok {
		return fmt.Errorf("there is no end %s: it is open, half-close, half-close-with-data or reset", quote([]byte(clip(args[0].text))))
	}
	c.End, p.ended = end, true
	_, err := c.validate()
	return err
}

func request(verb string, args []token) (r Request, err error) {
	if verb == "exchange" {
		if len(args) != 1 || args[0].text == "" {
			return r, fmt.Errorf("exchange is followed by its name")
		}
		r.Exchange = args[0].text
		return r, nil
	}
	if len(args) == 0 {
		return r, fmt.Errorf(`request is followed by its bytes, such as "hello\n"`)
	}
	for _, a := range args {
		piece, err := a.piece()
		if err != nil {
			return r, err
		}
		if piece.Len() > 0 {
			r.Pieces = append(r.Pieces, piece)
		}
	}
	return r, nil
}

// await reads where a client waits. To wait twice behind the same byte is to wait there.
func await(c *Client, args []token) error {
	if len(c.Cuts) > 0 {
		return fmt.Errorf("await comes after a cut: all awaits come before the cuts")
	}
	if len(c.Awaits) == MaxAwaits {
		return fmt.Errorf("more than %d awaits", MaxAwaits)
	}
	at := c.Len()
	switch {
	case len(args) == 0 && c.Exchanges():
		return fmt.Errorf("how long an exchange is, only its file knows: await is followed by a number of bytes")
	case len(args) == 0 && at == 0:
		return fmt.Errorf("await stands behind the request that it waits behind, or is followed by a number of bytes, such as await 7")
	case len(args) > 0:
		n, err := strconv.Atoi(args[0].text)
		if err != nil || args[0].quoted || len(args) > 1 {
			return fmt.Errorf("await is followed by nothing, or by a number of bytes, such as await 7")
		}
		at = n
	}
	if i, found := slices.BinarySearch(c.Awaits, at); !found {
		c.Awaits = slices.Insert(c.Awaits, i, at)
	}
	return nil
}

func parseCut(args []token) (cut delivery.Cut, err error) {
	if len(args) != 1 && (len(args) != 3 || args[1].text != "pause") {
		return cut, fmt.Errorf("cut is followed by a number of bytes, and perhaps by pause and a time, such as: cut 7 pause 20ms")
	}
	if cut.At, err = strconv.Atoi(args[0].text); err != nil || args[0].quoted {
		return cut, fmt.Errorf("a cut is after a number of bytes, not after %s", quote([]byte(clip(args[0].text))))
	}
	if len(args) == 3 {
		if cut.Pause, err = time.ParseDuration(args[2].text); err != nil || cut.Pause <= 0 {
			return cut, fmt.Errorf("a pause is a time such as 20ms, not %s", quote([]byte(clip(args[2].text))))
		}
	}
	return cut, nil
}

// clip is the beginning of what stands in a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
