package suite

import (
	"context"
	"strings"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// line is the family LINE.
var line = Family{ID: "LINE", Name: "lines", Summary: "LF ends a line, ASCII white space around it is stripped, and nothing else is touched", Requirements: []Requirement{
	{
		ID: "LINE-1", Level: report.Must, Title: "LF ends a line and is not part of it",
		Sentence:  "A line MUST end at LF, which is not part of it.",
		Rationale: "Where a line ends is the whole framing of a line protocol.",
		Citation:  "contract section 1, readline",
		Dialects:  "ls",
		Causes:    []string{readIsMessage, "the LF is answered as part of the line"},
		Cases:     []Case{{ID: "lf", Run: lines("a\n", "b c\n", "a line of words\n", "SEND\n", strings.Repeat("long ", 29)+"x\n", strings.Repeat("long ", 55)+"x\n")}},
	},
	{
		ID: "LINE-2", Level: report.Must, Title: "ASCII white space is stripped at both ends",
		Sentence:  "Space, HT, LF, VT, FF and CR MUST be stripped at both ends of a line, and kept inside it.",
		Rationale: "Trailing white space is invisible: two ends that strip differently disagree about what was said.",
		Citation:  "contract section 1, readline",
		Dialects:  "ls",
		Causes:    []string{"only the line end is stripped, or only one side", "white space inside the line is folded"},
		Cases:     []Case{{ID: "strip", Run: lines(" a\n", "b \n", "a\tb\n", "a  b\n", "  a\n", "b  \n", "\t c \t\n", "\v\fd\f\v\n", " \r e \r \r\n", "in  \t side\n", "\r\v f\x00 \n")}},
	},
	{
		ID: "LINE-3", Level: report.Must, Title: "CR LF and LF alike",
		Sentence:  "A line that ends in CR LF MUST be read as one that ends in LF.",
		Rationale: "Telnet, HTTP, SMTP and every person with netcat or Windows send one or the other.",
		Citation:  "contract section 1, readline; RFC 9112, section 2.2 (a recipient may recognise a single LF)",
		Dialects:  "ls",
		Causes:    []string{"the CR stays at the end of the line", "CR and LF are two line ends: an empty line appears between", "only CR LF is looked for"},
		Cases:     []Case{{ID: "line-ends", Run: lines("a\r\n", "b\n", "c\r\n", "café\r\n", "d\n")}},
	},
	{
		ID: "LINE-4", Level: report.Must, Title: "a last line without LF counts",
		Sentence:  "What is left at the end of the stream without an LF MUST be read as a line.",
		Rationale: "printf 'x' | nc sends no LF, and neither do many programs at the end of their output.",
		Citation:  "contract section 1, readline: or what is left at end of stream",
		Dialects:  "ls",
		Causes:    []string{"the rest of the buffer is dropped at end of stream", "the end of the stream is handled before what came with it"},
		Cases: []Case{
			{ID: "last", Run: lineLast(delivery.HalfClose)},
			{ID: "last-with-fin", Run: lineLast(delivery.HalfCloseWithData)},
		},
	},
	{
		ID: "LINE-5", Level: report.Must, Title: "the limit of 65536 bytes, nothing lost",
		Sentence:  "readline MUST return at most 65536 bytes of a line, and leave what lies past them for the next call.",
		Rationale: "A limit bounds a client's hold on memory; bytes lost at it are requests changed in silence.",
		Citation:  "contract section 1, readline (limit = 65536)",
		Dialects:  "ls",
		Causes:    []string{"the limit counts the line without its LF, or one byte too few or many", "the rest of a long line is thrown away, or ends the connection", "there is no limit: the line is answered whole"},
		Cases:     []Case{{ID: "limit", Timeout: largeTimeout, Run: lineLimit}},
	},
	{
		ID: "LINE-6", Level: report.Must, Title: "a limit given by the caller, 0 included",
		Sentence:  "readline(limit) MUST return at most limit bytes; with a limit of 0 it returns nothing, at once.",
		Rationale: "Protocols bound single fields; 0 must not turn into 'no limit'.",
		Citation:  "contract section 1, readline(limit)",
		Dialects:  "s",
		Causes:    []string{"0 is taken for the default", "the limit counts characters", "the LF is not counted"},
		Cases:     []Case{{ID: "caller", Run: lineCaller}},
	},
	{
		ID: "LINE-7", Level: report.Must, Title: "NUL and control bytes are kept",
		Sentence:  "NUL and the other control bytes that are no white space MUST be kept, at the ends of a line too.",
		Rationale: "C strings end at NUL and terminals act on control bytes; a stream does neither.",
		Citation:  "contract section 1, readline: ASCII white space is space, HT, LF, VT, FF and CR, and nothing else",
		Dialects:  "ls",
		Causes:    []string{"the line is handled as a C string", "the language's strip takes 0x1C to 0x1F for white space (Python's str.strip does, bytes.strip does not)"},
		Cases:     []Case{{ID: "controls", Run: lineControls}},
	},
	{
		ID: "LINE-8", Level: report.May, Title: "an empty line",
		Sentence:  "At an empty line a session MAY end, or go on.",
		Rationale: "An empty line cannot be told from the end of the stream by readline alone; the report says what the server does.",
		Citation:  "contract section 3, line and script; section 4, LINE-8",
		Dialects:  "ls",
		Cases:     []Case{{ID: "empty", Run: lineEmpty}},
	},
	{
		ID: "LINE-9", Level: report.Must, Title: "a lone CR does not end a line",
		Sentence:  "A CR that no LF follows MUST NOT end a line.",
		Rationale: "A reader with universal line ends sees two requests where one was sent.",
		Citation:  "contract section 1, readline: only LF ends a line",
		Dialects:  "ls",
		Causes:    []string{"universal newlines (Python's text mode, splitlines, Node's readline, Java's BufferedReader)", "CR is taken for a line end when it is the last byte of a read"},
		Cases:     []Case{{ID: "lone-cr", Run: lines("a\rb\n", "c\r\rd\r\n", "\re\n", "f\r g\r\r\n", "é\rh\n")}},
	},
	{
		ID: "LINE-10", Level: report.Must, Title: "Unicode line ends and spaces neither end nor strip",
		Sentence:  "NEL, U+2028, U+2029, VT and FF MUST NOT end a line, and no white space beyond ASCII may be stripped.",
		Rationale: "Text libraries know many line ends; a protocol knows one. The difference splits requests that the other end sent as one.",
		Citation:  "contract section 1, readline; Unicode Standard Annex 14 (what is not meant here)",
		Dialects:  "ls",
		Causes:    []string{"splitlines, or a strip that knows Unicode, is called on the decoded text: strip the bytes, then decode", "a regular expression's \\s or $"},
		Cases: []Case{{ID: "unicode", Run: lines("a\vb\n", "a\fb\n", "a\u0085b\n", "c\u2028d\n", "e\u2029f\n", "g\vh\fi\n",
			"\u00a0j\u00a0\n", "\u3000k\u3000\n", "\u0085l\u0085\n", "\u2028m\u2028\n", "\u200bn\u200b\n", "\ufeffo\ufeff\n", "\u1680p\u2003\n", "\u2029q\u2029\r\n")}},
	},
}}

// liner is a dialect that reads lines.
type liner interface {
	Lines(name string, raws ...string) dialect.Session
}

// lines shows a rule on raw lines: each alone and whole first, so that the first failure names
// the line; then all of them together, whole, cut at every byte, and byte by byte.
func lines(raws ...string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		d := e.Dialect.(liner)
		for _, raw := range raws {
			if err := e.Deliver(ctx, d.Lines("one line", raw), Delivery{}); err != nil {
				return err
			}
		}
		all := d.Lines("several lines", raws...)
		return e.DeliverAll(ctx, all, everyCut(all)...)
	}
}

func lineLast(end delivery.End) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		d := e.Dialect.(liner)
		for _, raws := range [][]string{{"a"}, {"line\n", "last"}, {"a\n", "café"}, {"a\n", " b \r"}, {strings.Repeat("x", 3000)}, {"a\r\n", strings.Repeat("y", 3000)}} {
			s := d.Lines("a last line without LF", raws...)
			n := len(s.Request)
			if err := e.DeliverAll(ctx, s, delivery.Whole().WithEnd(end), cutAt(n, n-1).WithEnd(end)); err != nil {
				return e.unlessFIN(ctx, err, end)
			}
		}
		return nil
	}
}

// unlessFIN is err, but where a whole request that comes with the FIN is not
// answered either: that is CLOS-1's matter.
func (e *Env) unlessFIN(ctx context.Context, err error, end delivery.End) error {
	if end != delivery.HalfCloseWithData || !isWrong(err) {
		return err
	}
	control := Delivery{Plan: delivery.Whole().WithEnd(end)}
	if _, whole := e.try(ctx, e.Dialect.Ending(e.ID()), control, e.Wait()); isWrong(whole) {
		return &NotShown{"what comes with the FIN is lost, a whole request too (CLOS-1)"}
	}
	return err
}

// lineLimit sends lines one byte below, at and above the limit, LF included.
func lineLimit(ctx context.Context, e *Env) error {
	const limit = dialect.LineLimit
	for _, content := range []int{limit - 2, limit - 1, limit, limit + 1, 2*limit - 1, 2 * limit, 2*limit + 1, 200000} {
		s := overLimit(e.Dialect, content)
		n := len(s.Request)
		plans := []delivery.Plan{delivery.Whole(), delivery.CutAt(n / 2), delivery.CutAt(n - 1), delivery.Random(e.Rand, n, 10)}
		if content > limit {
			plans = append(plans, cutAt(n, limit-1), cutAt(n, limit), cutAt(n, limit+1))
		}
		if err := e.DeliverAll(ctx, s, plans...); err != nil {
			return err
		}
	}
	return nil
}

// overLimit is a session with one line of content bytes before its LF, and a
// line after it. In the script dialect what lies past the limit is read by the commands that follow.
func overLimit(d dialect.Dialect, content int) dialect.Session {
	text := pattern(content)
	if d.Letter() == 'l' {
		if content%dialect.LineLimit == 0 { // what is left is an empty line, at which the session may end
			return dialect.Line{}.Lines("a long line", text+"\n")
		}
		return dialect.Line{}.Lines("a long line", text+"\n", "next\n")
	}
	var c dialect.Commands
	for ; len(text) >= dialect.LineLimit; text = text[dialect.LineLimit:] {
		c.ReadLine(text[:dialect.LineLimit])
	}
	return c.ReadLine(text + "\n").ReadLine("next\n").Send().End().Session("a long line")
}

func lineCaller(ctx context.Context, e *Env) error {
	for _, c := range []*dialect.Commands{
		new(dialect.Commands).ReadLineLimit(0, "").ReadLine("a\n"), new(dialect.Commands).ReadLineLimit(1, "a").Write("b"),
		new(dialect.Commands).ReadLineLimit(2, "é"),
		// The LF that is left is an empty line, at which the session ends.
		new(dialect.Commands).ReadLineLimit(1, "a").Send().ReadLineLimit(1, "b\n").Write("c"),
	} {
		if err := e.Deliver(ctx, c.Send().Session("a limit of the caller"), Delivery{}); err != nil {
			return err
		}
	}
	c := new(dialect.Commands).
		ReadLineLimit(0, "").ReadLineLimit(5, "hello").ReadLineLimit(3, "ab\n").ReadLineLimit(4, "ab\r\n").
		ReadLineLimit(1, "\n").ReadLineLimit(1, "x").ReadLineLimit(9, " é\n").ReadLineLimit(4, "日 ").ReadLineLimit(4, " z  ")
	s := c.Send().End().Session("limits of the caller")
	if err := e.DeliverAll(ctx, s, everyCut(s)...); err != nil {
		return err
	}
	long := new(dialect.Commands).ReadLineLimit(70000, pattern(70000)).ReadLineLimit(65537, pattern(65536)+"\n").ReadLineLimit(100000, "short\n").Send().End().Session("limits above the default")
	return e.DeliverAll(ctx, long, delivery.Whole(), delivery.Random(e.Rand, len(long.Request), 12))
}

func lineControls(ctx context.Context, e *Env) error {
	var raws []string
	for v := range byte(0x20) {
		if !strings.ContainsRune("\t\n\v\f\r", rune(v)) {
			raws = append(raws, string(rune(v))+"a"+string(rune(v))+"b"+string(rune(v))+"\n")
		}
	}
	return lines(append(raws, "\x7fa\x7f\n", "\x00\n", "\x1a\n", "\x04 \x03\n")...)(ctx, e)
}

// lineEmpty says what the server does at an empty line.
func lineEmpty(ctx context.Context, e *Env) error {
	if e.Dialect.Letter() == 's' {
		s := new(dialect.Commands).Write("a").Send().End().Write("b").Send().Session("commands after an empty line")
		s.Answers, s.End = [][]byte{[]byte("a"), []byte("ab")}, dialect.ByClient
		return lineObserve(ctx, e, s, "ends the session", "goes on")
	}
	s := dialect.Line{}.Lines("an empty line between two", "a\n", "\n", "b\n")
	return lineObserve(ctx, e, s, "ends the session", "answers LF and goes on", "answers nothing and goes on")
}

// lineObserve says which of the right answers came.
func lineObserve(ctx context.Context, e *Env, s dialect.Session, words ...string) error {
	answer, err := e.try(ctx, s, Delivery{}, e.Wait())
	if err != nil {
		return err
	}
	e.Observe("%s", words[max(answer.Match, 0)])
	return nil
}
