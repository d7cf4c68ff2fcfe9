package rules

import (
	"context"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// line shows the family LINE.
var line = []Case{
	{Requirement: "LINE-1", ID: "lf", Takes: readsLines, Run: lines("a\n", "b c\n", "a line of words\n", "SEND\n", strings.Repeat("long ", 29)+"x\n", strings.Repeat("long ", 55)+"x\n")},
	{Requirement: "LINE-2", ID: "strip", Takes: readsLines, Run: lines(" a\n", "b \n", "a\tb\n", "a  b\n", "  a\n", "b  \n", "\t c \t\n", "\v\fd\f\v\n", " \r e \r \r\n", "in  \t side\n", "\r\v f\x00 \n")},
	{Requirement: "LINE-3", ID: "line-ends", Takes: readsLines, Run: lines("a\r\n", "b\n", "c\r\n", "café\r\n", "d\n")},
	{Requirement: "LINE-4", ID: "last", Takes: readsLines, Run: lineLast(delivery.HalfClose)},
	{Requirement: "LINE-4", ID: "last-with-fin", Takes: readsLines, Run: lineLast(delivery.HalfCloseWithData)},
	{Requirement: "LINE-5", ID: "limit", Takes: readsLines, Bytes: 8 << 20, Run: lineLimit},
	{Requirement: "LINE-6", ID: "caller", Takes: scripts, Run: lineCaller},
	{Requirement: "LINE-7", ID: "controls", Takes: readsLines, Run: lineControls},
	{Requirement: "LINE-8", ID: "empty", Takes: readsLines, Run: lineEmpty},
	{Requirement: "LINE-9", ID: "lone-cr", Takes: readsLines, Run: lines("a\rb\n", "c\r\rd\r\n", "\re\n", "f\r g\r\r\n", "é\rh\n")},
	{Requirement: "LINE-10", ID: "unicode", Takes: readsLines, Run: lines("a\vb\n", "a\fb\n", "a\u0085b\n", "c\u2028d\n", "e\u2029f\n", "g\vh\fi\n",
		"\u00a0j\u00a0\n", "\u3000k\u3000\n", "\u0085l\u0085\n", "\u2028m\u2028\n", "\u200bn\u200b\n", "\ufeffo\ufeff\n", "\u1680p\u2003\n", "\u2029q\u2029\r\n")},
}

// lines shows a rule on raw lines: each alone and whole first, so that the first failure names
// the line; then all of them together, or where the server is slow several of them, whole, cut at every byte, and byte by byte.
func lines(raws ...string) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		d := b.Dialect.(dialect.LineReader)
		for _, raw := range raws {
			if f := b.Deliver(ctx, d.Lines("one line", raw), player.Delivery{}); f != nil {
				return f
			}
		}
		most := len(raws)
		if b.Patience.Slow() { // it may need its time for each
			if some := max(2, int(b.Patience.Large()/(2*b.Patience.Exchange))); some < most {
				b.LeaveOut(1) // all of them together
				most = some
			}
		}
		groups := slices.Collect(slices.Chunk(raws, most))
		return b.Repeat(len(groups), func(i int) *finding.Finding {
			all := d.Lines("several lines", groups[i]...)
			return b.DeliverAll(ctx, all, bench.EveryCut(all)...)
		})
	}
}

func lineLast(end delivery.ClientEnd) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		d := b.Dialect.(dialect.LineReader)
		for _, raws := range [][]string{{"a"}, {"line\n", "last"}, {"a\n", "café"}, {"a\n", " b \r"}, {strings.Repeat("x", 3000)}, {"a\r\n", strings.Repeat("y", 3000)}} {
			s := d.Lines("a last line without LF", raws...)
			n := len(s.Request)
			if f := b.DeliverAll(ctx, s, delivery.Whole().WithEnd(end), bench.CutAt(n, n-1).WithEnd(end)); f != nil {
				return unlessFIN(ctx, b, f, end)
			}
		}
		return nil
	}
}

// unlessFIN is f, but where a whole request that comes with the FIN is not
// answered either: that is CLOS-1's matter.
func unlessFIN(ctx context.Context, b *bench.Bench, f *finding.Finding, end delivery.ClientEnd) *finding.Finding {
	if end != delivery.HalfCloseWithData || !f.Fact() {
		return f
	}
	control := player.Delivery{Segments: delivery.Whole().WithEnd(end)}
	if _, whole := b.Try(ctx, b.Dialect.Ending(b.ID()), control, b.Wait()); whole.Fact() {
		return finding.NewNotShown("what comes with the FIN is lost, a whole request too (CLOS-1)")
	}
	return f
}

// lineLimit sends lines one byte below, at and above the limit, LF included.
func lineLimit(ctx context.Context, b *bench.Bench) *finding.Finding {
	const limit = dialect.LineLimit
	for _, content := range []int{limit - 2, limit - 1, limit, limit + 1, 2*limit - 1, 2 * limit, 2*limit + 1, 200000} {
		s := b.Dialect.(dialect.LineReader).LongLine(content)
		n := len(s.Request)
		plans := []delivery.Segments{delivery.Whole(), delivery.CutAt(n / 2), delivery.CutAt(n - 1), delivery.Random(b.Rand, n, 10)}
		if content > limit {
			plans = append(plans, bench.CutAt(n, limit-1), bench.CutAt(n, limit), bench.CutAt(n, limit+1))
		}
		if f := b.DeliverAll(ctx, s, plans...); f != nil {
			return f
		}
	}
	return nil
}

func lineCaller(ctx context.Context, b *bench.Bench) *finding.Finding {
	for _, c := range []*dialect.Commands{
		new(dialect.Commands).ReadLineLimit(0, "").ReadLine("a\n"), new(dialect.Commands).ReadLineLimit(1, "a").Write("b"),
		new(dialect.Commands).ReadLineLimit(2, "é"),
		// The LF that is left is an empty line, at which the session ends.
		new(dialect.Commands).ReadLineLimit(1, "a").Send().ReadLineLimit(1, "b\n").Write("c"),
	} {
		if f := b.Deliver(ctx, c.Send().Session("a limit of the caller"), player.Delivery{}); f != nil {
			return f
		}
	}
	c := new(dialect.Commands).
		ReadLineLimit(0, "").ReadLineLimit(5, "hello").ReadLineLimit(3, "ab\n").ReadLineLimit(4, "ab\r\n").
		ReadLineLimit(1, "\n").ReadLineLimit(1, "x").ReadLineLimit(9, " é\n").ReadLineLimit(4, "日 ").ReadLineLimit(4, " z  ")
	s := c.Send().End().Session("limits of the caller")
	if f := b.DeliverAll(ctx, s, bench.EveryCut(s)...); f != nil {
		return f
	}
	long := new(dialect.Commands).ReadLineLimit(70000, dialect.Numbered(70000)).ReadLineLimit(65537, dialect.Numbered(65536)+"\n").ReadLineLimit(100000, "short\n").Send().End().Session("limits above the default")
	return b.DeliverAll(ctx, long, delivery.Whole(), delivery.Random(b.Rand, len(long.Request), 12))
}

func lineControls(ctx context.Context, b *bench.Bench) *finding.Finding {
	var raws []string
	for v := range byte(0x20) {
		if !strings.ContainsRune("\t\n\v\f\r", rune(v)) {
			raws = append(raws, string(rune(v))+"a"+string(rune(v))+"b"+string(rune(v))+"\n")
		}
	}
	return lines(append(raws, "\x7fa\x7f\n", "\x00\n", "\x1a\n", "\x04 \x03\n")...)(ctx, b)
}

// lineEmpty says what the server does at an empty line.
func lineEmpty(ctx context.Context, b *bench.Bench) *finding.Finding {
	s, does := b.Dialect.(dialect.LineReader).EmptyLine()
	return observe(ctx, b, s, does...)
}

// observe says which of the right answers came.
func observe(ctx context.Context, b *bench.Bench, s dialect.Session, does ...string) *finding.Finding {
	answer, f := b.Try(ctx, s, player.Delivery{}, b.Wait())
	if f != nil {
		return f
	}
	b.Observe("%s", does[max(answer.Match, 0)])
	return nil
}
