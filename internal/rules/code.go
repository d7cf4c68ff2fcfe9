package rules

import (
	"context"
	"fmt"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// code shows the family CODE.
var code = []Case{
	{Requirement: "CODE-1", ID: "written", Takes: scripts, Run: codeWritten},
	{Requirement: "CODE-1", ID: "texts", Takes: readsLines, Run: lines("é\n", "ß ü ñ\n", "Ωμέγα\n", "日本語\n", "😀🎉\n", "mixed é 日 😀 end\n")},
	{Requirement: "CODE-2", ID: "bytes", Takes: scripts, Run: codeBytes},
	{Requirement: "CODE-3", ID: "invalid", Takes: readsLines, Needs: Alone, Akin: akinFails, Run: codeRefused("\xff", "\x80", "a\xc3", "\xc3(", "\xe6\x97", "\xe6\x97x", "ok \xf0\x9f\x98", "\xfe\xfe", "caf\xe9")},
	{Requirement: "CODE-4", ID: "planes", Takes: readsLines, Run: codePlanes},
	{Requirement: "CODE-4", ID: "refused", Takes: readsLines, Needs: Alone, Akin: akinFails, Run: codeRefused("\xc0\x80", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80")},
	{Requirement: "CODE-5", ID: "forms", Takes: readsLines, Run: lines("e\u0301\n", "\uff21\n", "caf\u00e9\n", "cafe\u0301\n", "\u212b \u00c5 A\u030a\n", "\ufb01 fi\n", "\uff21\uff22\n", "\u1100\u1161 \uac00\n", "q\u0307\u0323 q\u0323\u0307\n", "\u0130 I i\u0307\n", "\u1e9e \u00df\n", "\u2126 \u03a9\n")},
	{Requirement: "CODE-6", ID: "cut", Takes: scripts, Needs: Alone, Akin: akinFails, Run: codeCut},
}

func codeWritten(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Deliver(ctx, new(dialect.Commands).Write("é").Send().Session("a character that is written"), player.Delivery{})
}

func codeBytes(ctx context.Context, b *bench.Bench) *finding.Finding {
	values := make([]byte, 256)
	for i := range values {
		values[i] = byte(i)
	}
	for _, v := range [][]byte{{0}, {0xff}, {'\n'}, {'\r', '\n'}, {0xef, 0xbb, 0xbf}, {0xff, 0xfe}, {0xc3}, values} {
		s := new(dialect.Commands).Bytes(v).Send().End().Session("bytes")
		if f := b.Deliver(ctx, s, player.Delivery{}); f != nil {
			return f
		}
	}
	s := new(dialect.Commands).Write("é").Bytes(values).Write("ü").Bytes(values).Send().End().Session("bytes among texts")
	return b.DeliverAll(ctx, s, delivery.Whole(), delivery.Random(b.Rand, len(s.Request), 12))
}

func codePlanes(ctx context.Context, b *bench.Bench) *finding.Finding {
	raws := []string{"😀\n", "\ufeffb\n"}
	for plane := range rune(17) {
		base := plane << 16
		raws = append(raws, fmt.Sprintf("p%d %c%c%c\n", plane, base+0x100, base+0xfffd, base+0x4e00))
	}
	raws = append(raws, "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff\n", "\ufeffbom\n", "bom \ufeff inside\n", "\ufdd0\U0001fffe\n")
	return lines(raws...)(ctx, b)
}

// codeRefused sends each of these as a line, alone and after a good one. The
// handler must fail: the connection closes with nothing answered for the bad line.
func codeRefused(bad ...string) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		d := b.Dialect.(dialect.LineReader)
		var all []dialect.Session
		if can[dialect.Scripter](d) {
			all = append(all, new(dialect.Commands).Read(bad[0]).Send().End().Session("a read that is no UTF-8"))
		}
		for _, text := range bad {
			all = append(all, d.Lines("a line that is no UTF-8", text+"\n"), d.Lines("a good line and one that is no UTF-8", "good\n", "x"+text+"\n", "after\n"))
		}
		return b.Repeat(len(all), func(i int) *finding.Finding { return refused(ctx, b, all[i]) })
	}
}

// refused delivers a session that must fail, whole and cut before its last line end.
func refused(ctx context.Context, b *bench.Bench, s dialect.Session) *finding.Finding {
	if s.End != dialect.ByFailure {
		return finding.Mistake(fmt.Sprintf("the session %q does not fail", s.Request))
	}
	return b.DeliverAll(ctx, s, delivery.Whole(), bench.CutAt(len(s.Request), len(s.Request)-2))
}

func codeCut(ctx context.Context, b *bench.Bench) *finding.Finding {
	var c [6]dialect.Commands
	sessions := []dialect.Session{
		c[0].Raw("READ 1\né").Send().End().Session("read(1) of a character of two bytes"),
		c[1].Raw("READ 3\nab日").Send().End().Session("read(3) that ends inside a character"),
		c[2].Read("abc😀").Send().End().Session("read(7) that ends with a character"),
		c[3].Raw("READLINE 1\né\n").Send().End().Session("readline(1) of a character of two bytes"),
		c[4].Raw("READLINE 5\nab😀\n").Send().End().Session("readline(5) that ends inside a character"),
		c[5].Raw("READLINE 65536\n" + dialect.Numbered(65535) + "é\n").Send().End().Session("a character across the limit of 65536"),
	}
	return b.Repeat(len(sessions), func(i int) *finding.Finding {
		if sessions[i].End != dialect.ByFailure {
			return b.Deliver(ctx, sessions[i], player.Delivery{})
		}
		return refused(ctx, b, sessions[i])
	})
}
