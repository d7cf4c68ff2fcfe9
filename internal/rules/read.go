package rules

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// read shows the family READ.
var read = []Case{
	{Requirement: "READ-1", ID: "segments", Takes: scripts, Run: readExact},
	{Requirement: "READ-2", ID: "short", Takes: scripts, Run: readShort(delivery.HalfClose)},
	{Requirement: "READ-2", ID: "short-with-fin", Takes: scripts, Run: readShort(delivery.HalfCloseWithData)},
	{Requirement: "READ-3", ID: "untouched", Takes: scripts, Needs: InProcess, Run: readZero},
	{Requirement: "READ-4", ID: "mixed", Takes: scripts, Run: readLeaves},
	{Requirement: "READ-5", ID: "borders", Takes: scripts, Bytes: 4 << 20, Run: readBorders},
	{Requirement: "READ-5", ID: "1MiB", Takes: scripts, Bytes: 4 << 20, Run: readBig(1<<20, 40)},
	{Requirement: "READ-5", ID: "16MiB", Takes: scripts, Needs: Big, Bytes: 32 << 20, Run: readBig(16<<20, 0)},
	{Requirement: "READ-6", ID: "characters", Takes: scripts, Run: readCharacters},
}

func readExact(ctx context.Context, b *bench.Bench) *finding.Finding {
	one := new(dialect.Commands).AtEnd().Read("a").Session("a read of one byte")
	if f := b.DeliverAll(ctx, one, bench.EveryCut(one)...); f != nil {
		return f
	}
	two := new(dialect.Commands).AtEnd().Read("ab").Session("a read of two bytes")
	if f := b.DeliverAll(ctx, two, bench.EveryPair(len(two.Request))...); f != nil {
		return f
	}
	for _, s := range []dialect.Session{
		two,
		new(dialect.Commands).AtEnd().Read("0123456789\nlf inside\r\n").Session("a read of 22 bytes"),
	} {
		if f := b.DeliverAll(ctx, s, bench.EveryCut(s)...); f != nil {
			return f
		}
	}
	long := new(dialect.Commands).AtEnd().Read(strings.Repeat("segment", 300)).Session("a read of 2100 bytes")
	for range 10 {
		if f := b.Deliver(ctx, long, player.Delivery{Segments: delivery.Random(b.Rand, len(long.Request), 1+b.Rand.IntN(60))}); f != nil {
			return f
		}
	}
	return nil
}

func readShort(end delivery.ClientEnd) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		for _, raw := range []string{"ATEND\nREAD 2\na", "ATEND\nREAD 9\nabc", "ATEND\nREAD 5\n", "ATEND\nREAD 1\n", "ATEND\nREAD 70000\nb\n\nx", "WRITE a\nATEND\nREAD 9\n12345678"} {
			s := new(dialect.Commands).Raw(raw).Session("a read that the end of the stream cuts short")
			n := len(s.Request)
			f := b.DeliverAll(ctx, s, delivery.Whole().WithEnd(end), bench.CutAt(n, n-1).WithEnd(end), delivery.EveryByte(n).WithEnd(end))
			if f != nil {
				return unlessFIN(ctx, b, f, end)
			}
		}
		return nil
	}
}

// readZero calls read(0) on a stream that notes whether it was touched.
func readZero(_ context.Context, b *bench.Bench) *finding.Finding {
	stream := &untouched{}
	text, err := b.Reader(stream).Read(0)
	b.Check()
	switch {
	case stream.touched:
		return finding.NewBroken("read(0) read from the connection: it would have waited")
	case err != nil:
		return finding.NewBroken("read(0) returned an error: %v", err)
	case text != "":
		return finding.NewBroken("read(0) returned %d bytes", len(text))
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

func readLeaves(ctx context.Context, b *bench.Bench) *finding.Finding {
	sessions := []dialect.Session{
		new(dialect.Commands).Read("a").Send().Session("a read and a command"),
		new(dialect.Commands).Read("a").ReadLine("b\n").Send().End().Session("a read and a line"),
		new(dialect.Commands).Read("abc").ReadLine("def\n").Read("\n\n").Read("").ReadLine(" x \r\n").Send().End().Session("reads and lines by turns"),
		new(dialect.Commands).ReadLineLimit(3, "abc").Read("de").ReadLine("fg\n").Send().End().Session("a limited line, a read, a line"),
		new(dialect.Commands).Read("SEND\n").Send().Read("").Write("w").Send().End().Session("a read that looks like a command"),
		new(dialect.Commands).AtEnd().Read("a").End().Session("a read and an empty line"),
		new(dialect.Commands).AtEnd().Read("a\n").Raw(" \r\n").Session("a read and a line of white space"),
	}
	for _, s := range sessions {
		if f := b.DeliverAll(ctx, s, bench.EveryCut(s)...); f != nil {
			return f
		}
	}
	return nil
}

func readBorders(ctx context.Context, b *bench.Bench) *finding.Finding {
	for _, border := range []int{512, 1024, 1460, 2048, 4096, 8192, 16384, 32768, 65536, 131072} {
		for n := border - 1; n <= border+1; n++ {
			s := new(dialect.Commands).AtEnd().Read(dialect.Numbered(n)).Session(fmt.Sprintf("a read of %d bytes", n))
			if f := b.DeliverAll(ctx, s, delivery.Whole(), delivery.Random(b.Rand, len(s.Request), 4)); f != nil {
				return f
			}
		}
	}
	return nil
}

// largeRead is a script that reads n bytes at once.
func largeRead(n int) dialect.Session {
	return new(dialect.Commands).AtEnd().Read(dialect.Numbered(n)).Session(fmt.Sprintf("a read of %d bytes", n))
}

func readBig(n, cuts int) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		if f := b.Afford(ctx, n, largeRead); f != nil {
			return f
		}
		s := largeRead(n)
		return b.Deliver(ctx, s, player.Delivery{Segments: delivery.Random(b.Rand, len(s.Request), cuts)})
	}
}

func readCharacters(ctx context.Context, b *bench.Bench) *finding.Finding {
	whole := new(dialect.Commands).Read("é").Send().Session("a character of two bytes")
	if f := b.Deliver(ctx, whole, player.Delivery{}); f != nil {
		return f
	}
	s := new(dialect.Commands).Read("é").Read("日本語").Read("a😀b").ReadLine("next\n").Send().End().Session("characters of two to four bytes")
	return b.DeliverAll(ctx, s, bench.EveryCut(s)...)
}
