package signs

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
)

// lifeSigns: what the server died of, or what a reset did to it.
var lifeSigns = []sign{
	{"LIFE-5", byDeath, func(s Shrunk) bool { return s.Died && s.resets() }},
	{"LIFE-4", byDeath + 1, func(s Shrunk) bool { return s.Died && s.fails() }},
	{"LIFE-2", byDeath + 2, func(s Shrunk) bool { return s.Died && s.Plan.Cuts() == 0 && len(s.Plan.Clients) == 1 }},
	{"LIFE-5", byReset + 1, func(s Shrunk) bool { return s.client().End == delivery.Reset }},
	{"LIFE-4", byFailure + 2, Shrunk.fails},
}

// concSigns: another client is needed, or got what was not its own.
var concSigns = []sign{
	{"CONC-1", byClients, func(s Shrunk) bool { return len(s.Plan.Clients) > 1 }},
	{"CONC-1", byReset, func(s Shrunk) bool { return s.client().End == delivery.Reset && s.Came.Actual.Total > 0 }},
}

// framSigns: a pause or a cut is needed, or several messages, or a long one.
var framSigns = []sign{
	{"FRAM-7", byPause, func(s Shrunk) bool {
		return slices.ContainsFunc(s.client().Cuts, func(c delivery.Cut) bool { return c.Pause > 0 })
	}},
	{"FRAM-9", byAwait, func(s Shrunk) bool { return len(s.client().Awaits) > 0 }},
	{"FRAM-6", byCuts, func(s Shrunk) bool {
		marks := append(dialect.CRLFSplits(s.bytes()), dialect.CharacterSplits(s.bytes())...)
		elsewhere := func(c delivery.Cut) bool { return !slices.Contains(marks, c.At) }
		return len(s.client().Cuts) > 0 && !s.client().Exchanges() && !slices.ContainsFunc(s.client().Cuts, elsewhere)
	}},
	{"FRAM-2", byCuts + 1, func(s Shrunk) bool {
		n := len(s.client().Cuts)
		return n == 1 || n > 1 && s.client().Exchanges()
	}},
	{"FRAM-3", byCuts + 2, func(s Shrunk) bool { return len(s.client().Cuts) > 1 }},
	{"FRAM-4", byMessages, func(s Shrunk) bool { return s.client().Exchanges() && len(s.client().Requests) > 1 }},
	{"FRAM-1", byMessages + 1, func(s Shrunk) bool { return s.client().Exchanges() }},
	{"FRAM-8", byLength + 1, func(s Shrunk) bool { return s.longerThanABuffer() || !s.lines() && s.binary() }},
	{"FRAM-4", byShape + 1, func(s Shrunk) bool {
		return s.lines() && !s.scripts() && bytes.Count(s.bytes(), []byte("\n")) > 1
	}},
}

// readSigns: a read is left in it.
var readSigns = []sign{
	{"READ-1", byShape + 2, func(s Shrunk) bool { return s.scripts() && s.contains("READ ") }},
}

// lineSigns: an odd character or a long line is left in it, or a last line without its end.
var lineSigns = []sign{
	{"LINE-5", byLength, func(s Shrunk) bool { return s.lines() && len(s.bytes()) >= dialect.LineLimit }},
	{"LINE-10", byChars, func(s Shrunk) bool { return s.has(among("\u0085\u2028\u2029\u00a0\u3000\ufeff")) }},
	{"LINE-7", byChars + 4, func(s Shrunk) bool {
		return s.has(func(r rune) bool { return r < ' ' && !among("\t\n\v\f\r")(r) || r == 0x7f })
	}},
	{"LINE-9", byChars + 5, func(s Shrunk) bool {
		return s.hasLine(func(line string) bool { return strings.Contains(trimmed(line), "\r") })
	}},
	{"LINE-3", byChars + 6, func(s Shrunk) bool { return s.contains("\r\n") }},
	{"LINE-2", byChars + 7, func(s Shrunk) bool {
		return s.has(among("\t\v\f\r")) || s.hasLine(func(line string) bool { return strings.TrimSpace(line) != line })
	}},
	{"LINE-4", byShape, func(s Shrunk) bool {
		b := s.bytes()
		return s.lines() && !s.scripts() && len(b) > 0 && b[len(b)-1] != '\n'
	}},
}

// codeSigns: bytes that are no UTF-8 are left in it, or characters that are handled by themselves.
var codeSigns = []sign{
	{"CODE-3", byFailure, func(s Shrunk) bool { return s.fails() && !utf8.Valid(s.bytes()) }},
	{"CODE-6", byFailure + 1, func(s Shrunk) bool { // a limit ends inside of a character
		at, ok := s.failsAt()
		return ok && at < len(s.bytes()) && !utf8.RuneStart(s.bytes()[at])
	}},
	{"CODE-5", byChars + 1, func(s Shrunk) bool { return s.has(among("\u0301\uff21\uff11\ufb01")) }},
	{"CODE-4", byChars + 2, func(s Shrunk) bool { return s.has(func(r rune) bool { return r > 0xffff }) }},
	{"CODE-1", byChars + 3, func(s Shrunk) bool { return s.has(func(r rune) bool { return r >= 0x80 }) }},
}

// sendSigns: more came than was sent, or several sends are left in it.
var sendSigns = []sign{
	{"SEND-3", byEnd + 1, func(s Shrunk) bool {
		return s.scripts() && s.Came.FirstDifference == s.Came.Expected.Total && s.Came.Actual.Total > s.Came.Expected.Total
	}},
	{"SEND-2", byShape + 3, func(s Shrunk) bool { return s.scripts() && bytes.Count(s.bytes(), []byte("SEND")) > 1 }},
}

// closSigns: the end of the stream must come with the last bytes.
var closSigns = []sign{
	{"CLOS-1", byEnd, func(s Shrunk) bool { return s.client().End == delivery.HalfCloseWithData }},
}
