package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// read is the family READ.
var read = Family{ID: "READ", Name: "reading", Summary: "exactly n bytes, however many segments bring them", Requirements: []Requirement{
	{
		ID: "READ-1", Level: report.Must, Title: "exactly n bytes from many segments",
		Sentence:  "read(n) MUST return exactly n bytes, however many segments bring them.",
		Rationale: "One call of recv returns what is there; a length-framed protocol built on it breaks with the first slow link.",
		Citation:  "contract section 1, read; POSIX.1-2017, recv (may return less than was asked for)",
		Dialects:  "s",
		Causes:    []string{"recv(n) is called once, and may return fewer bytes", "a read with a buffer returns what the buffer holds"},
		Cases:     []Case{{ID: "segments", Run: readExact}},
	},
	{
		ID: "READ-2", Level: report.Must, Title: "fewer bytes at end of stream",
		Sentence:  "read(n) MUST return the fewer bytes that are left when the stream ends before n.",
		Rationale: "What a client sent before it half-closed was sent; a reader that drops it loses the end of a request.",
		Citation:  "contract section 1, read",
		Dialects:  "s",
		Causes:    []string{"a short read raises an error and its bytes are dropped", "the loop waits for bytes that cannot come any more"},
		Cases: []Case{
			{ID: "short", Run: readShort(delivery.HalfClose)},
			{ID: "short-with-fin", Run: readShort(delivery.HalfCloseWithData)},
		},
	},
	{
		ID: "READ-3", Level: report.Must, Title: "read(0) does not wait",
		Sentence:  "read(0) MUST return at once, with nothing, and without touching the connection.",
		Rationale: "A body of length 0 is legal in most protocols; waiting for its bytes waits for ever.",
		Citation:  "contract section 1, read (in-process: the wire cannot show it)",
		Dialects:  "s",
		Causes:    []string{"0 is taken for 'no limit', or for the default size", "a read is made before the length is looked at"},
		Cases:     []Case{{ID: "untouched", Needs: InProcess, Run: readZero}},
	},
	{
		ID: "READ-4", Level: report.Must, Title: "leaves what follows",
		Sentence:  "read(n) MUST leave what follows its n bytes for the next operation, of whatever kind.",
		Rationale: "read and readline share one buffer: two buffers lose or reorder bytes when a request mixes lines and lengths.",
		Citation:  "contract section 1: read and readline share one buffer",
		Dialects:  "s",
		Causes:    []string{"lines are read through a buffered reader and bodies from the socket itself", "the rest of the buffer is dropped after a read"},
		Cases:     []Case{{ID: "mixed", Run: readLeaves}},
	},
	{
		ID: "READ-5", Level: report.Must, Title: "1 MiB and 16 MiB",
		Sentence:  "read(n) MUST return n bytes for n of 1 MiB and 16 MiB, and around every size of buffer.",
		Rationale: "Sizes of buffers are where bytes get lost.",
		Citation:  "contract section 4, READ-5",
		Dialects:  "s",
		Causes:    []string{"one recv returns at most what the kernel's buffer holds", "a limit cuts the read short without a word", "a partial write of the answer is not continued"},
		Cases: []Case{
			{ID: "borders", Timeout: largeTimeout, Run: readBorders},
			{ID: "1MiB", Timeout: largeTimeout, Run: readBig(1<<20, 40)},
			{ID: "16MiB", Needs: Big, Timeout: largeTimeout, Run: readBig(16<<20, 0)},
		},
	},
	{
		ID: "READ-6", Level: report.Must, Title: "counts bytes, not characters",
		Sentence:  "read(n) MUST count bytes, not characters.",
		Rationale: "Lengths in protocols are in bytes; a reader that counts characters waits for more than was sent, or eats what follows.",
		Citation:  "contract section 1, read; RFC 3629, section 3",
		Dialects:  "s",
		Causes:    []string{"the stream is opened in text mode, whose read(n) counts characters", "the length of a string stands for the length of its bytes"},
		Cases:     []Case{{ID: "characters", Run: readCharacters}},
	},
}}

func readExact(ctx context.Context, e *Env) error {
	one := new(dialect.Commands).AtEnd().Read("a").Session("a read of one byte")
	if err := e.DeliverAll(ctx, one, everyCut(one)...); err != nil {
		return err
	}
	two := new(dialect.Commands).AtEnd().Read("ab").Session("a read of two bytes")
	if err := e.DeliverAll(ctx, two, everyPair(len(two.Request))...); err != nil {
		return err
	}
	for _, s := range []dialect.Session{
		two,
		new(dialect.Commands).AtEnd().Read("0123456789\nlf inside\r\n").Session("a read of 22 bytes"),
	} {
		if err := e.DeliverAll(ctx, s, everyCut(s)...); err != nil {
			return err
		}
	}
	long := new(dialect.Commands).AtEnd().Read(strings.Repeat("segment", 300)).Session("a read of 2100 bytes")
	for range 10 {
		if err := e.Deliver(ctx, long, Delivery{Plan: delivery.Random(e.Rand, len(long.Request), 1+e.Rand.IntN(60))}); err != nil {
			return err
		}
	}
	return nil
}

func readShort(end delivery.End) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		for _, raw := range []string{"ATEND\nREAD 2\na", "ATEND\nREAD 9\nabc", "ATEND\nREAD 5\n", "ATEND\nREAD 1\n", "ATEND\nREAD 70000\nb\n\nx", "WRITE a\nATEND\nREAD 9\n12345678"} {
			s := new(dialect.Commands).Raw(raw).Session("a read that the end of the stream cuts short")
			n := len(s.Request)
			err := e.DeliverAll(ctx, s, delivery.Whole().WithEnd(end), cutAt(n, n-1).WithEnd(end), delivery.EveryByte(n).WithEnd(end))
			if err != nil {
				return e.unlessFIN(ctx, err, end)
			}
		}
		return nil
	}
}

// readZero calls read(0) on a stream that notes whether it was touched.
func readZero(_ context.Context, e *Env) error {
	stream := &untouched{}
	text, err := e.suite.cfg.Reader(stream).Read(0)
	e.tally.checks++
	switch {
	case stream.touched:
		return broken("read(0) read from the connection: it would have waited")
	case err != nil:
		return broken("read(0) returned an error: %v", err)
	case text != "":
		return broken("read(0) returned %d bytes", len(text))
	}
	return nil
}

// untouched is a stream that notes reads, and has nothing to read.
type untouched struct{ touched bool }

func (u *untouched) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	u.touched = true
	return 0, errors.New("a read that would have waited")
}

func (u *untouched) Write(p []byte) (int, error) { return len(p), nil }

func readLeaves(ctx context.Context, e *Env) error {
	sessions := []dialect.Session{
		new(dialect.Commands).Read("a").Send().Session("a read and a command"),
		new(dialect.Commands).Read("a").ReadLine("b\n").Send().End().Session("a read and a line"),
		new(dialect.Commands).Read("abc").ReadLine("def\n").Read("\n\n").Read("").ReadLine(" x \r\n").Send().End().Session("reads and lines by turns"),
		new(dialect.Commands).ReadLineLimit(3, "abc").Read("de").ReadLine("fg\n").Send().End().Session("a limited line, a read, a line"),
		new(dialect.Commands).Read("SEND\n").Send().Read("").Write("w").Send().End().Session("a read that looks like a command"),
	}
	for _, s := range sessions {
		if err := e.DeliverAll(ctx, s, everyCut(s)...); err != nil {
			return err
		}
	}
	return nil
}

func readBorders(ctx context.Context, e *Env) error {
	for _, border := range []int{512, 1024, 1460, 2048, 4096, 8192, 16384, 32768, 65536, 131072} {
		for n := border - 1; n <= border+1; n++ {
			s := new(dialect.Commands).AtEnd().Read(pattern(n)).Session(fmt.Sprintf("a read of %d bytes", n))
			if err := e.DeliverAll(ctx, s, delivery.Whole(), delivery.Random(e.Rand, len(s.Request), 4)); err != nil {
				return err
			}
		}
	}
	return nil
}

// pattern is n bytes of text in which every eight bytes tell their place.
func pattern(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, n+8)
	for place := 0; len(b) < n; place++ {
		for shift := 24; shift >= 0; shift -= 4 {
			b = append(b, digits[place>>shift&15])
		}
		b = append(b, '.')
	}
	return string(b[:n])
}

// largeRead is a script that reads n bytes at once.
func largeRead(n int) dialect.Session {
	return new(dialect.Commands).AtEnd().Read(pattern(n)).Session(fmt.Sprintf("a read of %d bytes", n))
}

func readBig(n, cuts int) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		if err := e.afford(ctx, n, largeRead); err != nil {
			return err
		}
		s := largeRead(n)
		return e.Deliver(ctx, s, Delivery{Plan: delivery.Random(e.Rand, len(s.Request), cuts)})
	}
}

func readCharacters(ctx context.Context, e *Env) error {
	whole := new(dialect.Commands).Read("é").Send().Session("a character of two bytes")
	if err := e.Deliver(ctx, whole, Delivery{}); err != nil {
		return err
	}
	s := new(dialect.Commands).Read("é").Read("日本語").Read("a😀b").ReadLine("next\n").Send().End().Session("characters of two to four bytes")
	return e.DeliverAll(ctx, s, everyCut(s)...)
}
