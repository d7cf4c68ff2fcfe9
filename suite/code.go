package suite

import (
	"context"
	"fmt"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// code is the family CODE.
var code = Family{ID: "CODE", Name: "encoding", Summary: "strict UTF-8 in and out: nothing guessed, nothing replaced, nothing normalised", Requirements: []Requirement{
	{
		ID: "CODE-1", Level: report.Must, Title: "UTF-8 out",
		Sentence:  "Text MUST be sent as its UTF-8 bytes.",
		Rationale: "The bytes on the wire are the protocol; a platform's default encoding is not.",
		Citation:  "contract section 1, encode; RFC 3629",
		Dialects:  "ls",
		Causes:    []string{"the platform's or the locale's encoding is used", "text is written as Latin-1 or ASCII"},
		Cases:     []Case{{ID: "written", Dialects: "s", Run: codeWritten}, {ID: "texts", Run: lines("é\n", "ß ü ñ\n", "Ωμέγα\n", "日本語\n", "😀🎉\n", "mixed é 日 😀 end\n")}},
	},
	{
		ID: "CODE-2", Level: report.Must, Title: "bytes unchanged",
		Sentence:  "Bytes that a handler writes MUST leave unchanged.",
		Rationale: "Binary answers (images, archives, other encodings) go through the same buffer as text.",
		Citation:  "contract section 1, encode: bytes pass unchanged",
		Dialects:  "s",
		Causes:    []string{"bytes are decoded and encoded again on the way", "LF becomes CR LF in a text mode"},
		Cases:     []Case{{ID: "bytes", Run: codeBytes}},
	},
	{
		ID: "CODE-3", Level: report.Must, Title: "invalid UTF-8 closes the connection",
		Sentence:  "At invalid UTF-8 the connection MUST be closed, nothing made up may be answered, and the server MUST live.",
		Rationale: "A replaced or dropped byte is a request that nobody sent; checks made before and after it see different texts.",
		Citation:  "contract section 1, decode: anything else is an error, never U+FFFD; RFC 3629, section 10 (security considerations)",
		Dialects:  "ls",
		Causes:    []string{"errors='replace' or 'ignore', or a decoder that replaces by default (Node, Java, Go's range over a string)", "Latin-1, which decodes everything", "the error leaves the connection open, or ends the server"},
		Cases:     []Case{{ID: "invalid", Needs: Alone, Run: codeRefused("\xff", "\x80", "a\xc3", "\xc3(", "\xe6\x97", "\xe6\x97x", "ok \xf0\x9f\x98", "\xfe\xfe", "caf\xe9")}},
	},
	{
		ID: "CODE-4", Level: report.Must, Title: "every plane; what is no UTF-8 refused",
		Sentence:  "Characters of every plane and a BOM MUST be kept; overlong forms, surrogates and what lies above U+10FFFF MUST be refused.",
		Rationale: "Overlong forms and surrogates smuggle characters past checks; a BOM that is dropped changes what was sent.",
		Citation:  "RFC 3629, sections 3, 4 (syntax) and 6 (byte order mark)",
		Dialects:  "ls",
		Causes:    []string{"an encoding of 16-bit units, or of three bytes at most", "a decoder that takes CESU-8 or overlong forms", "'utf-8-sig', which drops a BOM"},
		Cases: []Case{
			{ID: "planes", Run: codePlanes},
			{ID: "refused", Needs: Alone, Run: codeRefused("\xc0\x80", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80")},
		},
	},
	{
		ID: "CODE-5", Level: report.Must, Title: "no normalisation",
		Sentence:  "Text MUST NOT be normalised.",
		Rationale: "Names, passwords and signatures are compared byte for byte somewhere.",
		Citation:  "contract section 1, decode: nothing is normalised; Unicode Standard Annex 15 (what is not meant here)",
		Dialects:  "ls",
		Causes:    []string{"NFC or NFKC is applied to all input", "text goes through a library that normalises, or folds case"},
		Cases:     []Case{{ID: "forms", Run: lines("e\u0301\n", "\uff21\n", "caf\u00e9\n", "cafe\u0301\n", "\u212b \u00c5 A\u030a\n", "\ufb01 fi\n", "\uff21\uff22\n", "\u1100\u1161 \uac00\n", "q\u0307\u0323 q\u0323\u0307\n", "\u0130 I i\u0307\n", "\u1e9e \u00df\n", "\u2126 \u03a9\n")}},
	},
	{
		ID: "CODE-6", Level: report.Must, Title: "a character cut by a limit is an error",
		Sentence:  "A character that a limit or read(n) cuts MUST be an error, not a guess.",
		Rationale: "Half a character is no text; a reader that guesses gives two wrong texts for one right one.",
		Citation:  "contract section 1: read(n) is exactly n bytes, then decode; RFC 3629, section 4",
		Dialects:  "s",
		Causes:    []string{"the decoder waits for the rest of the character beyond the limit", "the half is replaced by U+FFFD or dropped"},
		Cases:     []Case{{ID: "cut", Needs: Alone, Run: codeCut}},
	},
}}

func codeWritten(ctx context.Context, e *Env) error {
	return e.Deliver(ctx, new(dialect.Commands).Write("é").Send().Session("a character that is written"), Delivery{})
}

func codeBytes(ctx context.Context, e *Env) error {
	values := make([]byte, 256)
	for i := range values {
		values[i] = byte(i)
	}
	for _, b := range [][]byte{{0}, {0xff}, {'\n'}, {'\r', '\n'}, {0xef, 0xbb, 0xbf}, {0xff, 0xfe}, {0xc3}, values} {
		s := new(dialect.Commands).Bytes(b).Send().End().Session("bytes")
		if err := e.Deliver(ctx, s, Delivery{}); err != nil {
			return err
		}
	}
	s := new(dialect.Commands).Write("é").Bytes(values).Write("ü").Bytes(values).Send().End().Session("bytes among texts")
	return e.DeliverAll(ctx, s, delivery.Whole(), delivery.Random(e.Rand, len(s.Request), 12))
}

func codePlanes(ctx context.Context, e *Env) error {
	raws := []string{"😀\n", "\ufeffb\n"}
	for plane := range rune(17) {
		base := plane << 16
		raws = append(raws, fmt.Sprintf("p%d %c%c%c\n", plane, base+0x100, base+0xfffd, base+0x4e00))
	}
	raws = append(raws, "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff\n", "\ufeffbom\n", "bom \ufeff inside\n", "\ufdd0\U0001fffe\n")
	return lines(raws...)(ctx, e)
}

// codeRefused sends each of these as a line, alone and after a good one. The
// handler must fail: the connection closes with nothing answered for the bad line.
func codeRefused(bad ...string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		d := e.Dialect.(liner)
		if e.Dialect.Letter() == 's' {
			b := bad[0]
			if err := e.refused(ctx, new(dialect.Commands).Read(b).Send().End().Session("a read that is no UTF-8")); err != nil {
				return err
			}
		}
		for _, b := range bad {
			for _, s := range []dialect.Session{d.Lines("a line that is no UTF-8", b+"\n"), d.Lines("a good line and one that is no UTF-8", "good\n", "x"+b+"\n", "after\n")} {
				if err := e.refused(ctx, s); err != nil {
					return err
				}
			}
		}
		return e.Pulse(ctx)
	}
}

// refused delivers a session that must fail, whole and cut before its last line end.
func (e *Env) refused(ctx context.Context, s dialect.Session) error {
	if s.End != dialect.ByFailure {
		return undecided("a mistake of streamspec's own: the session %q does not fail", s.Request)
	}
	return e.DeliverAll(ctx, s, delivery.Whole(), cutAt(len(s.Request), len(s.Request)-2))
}

func codeCut(ctx context.Context, e *Env) error {
	var c [6]dialect.Commands
	sessions := []dialect.Session{
		c[0].Raw("READ 1\né").Send().End().Session("read(1) of a character of two bytes"),
		c[1].Raw("READ 3\nab日").Send().End().Session("read(3) that ends inside a character"),
		c[2].Read("abc😀").Send().End().Session("read(7) that ends with a character"),
		c[3].Raw("READLINE 1\né\n").Send().End().Session("readline(1) of a character of two bytes"),
		c[4].Raw("READLINE 5\nab😀\n").Send().End().Session("readline(5) that ends inside a character"),
		c[5].Raw("READLINE 65536\n" + pattern(65535) + "é\n").Send().End().Session("a character across the limit of 65536"),
	}
	for _, s := range sessions {
		if s.End != dialect.ByFailure {
			if err := e.Deliver(ctx, s, Delivery{}); err != nil {
				return err
			}
			continue
		}
		if err := e.refused(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
