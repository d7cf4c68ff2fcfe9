package stream

import (
	"errors"
	"io"
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults of how long a line may be.
var lineLimitFaults = []plant.Fault{{
	Name:        "line-128",
	Sentence:    "a line ends after 128 bytes, with or without LF",
	Requirement: "LINE-1",
	Mistake:     "fgets is called with a small buffer, and what it returns is taken for a whole line",
	Dialects:    plant.LineDialects,
	Plant:       reading(limitAlsoTo(128)),
}, {
	Name:        "line-buffer-8k",
	Sentence:    "a line ends after 8192 bytes, with or without LF",
	Requirement: "FRAM-8",
	Mistake:     "fgets is called with a buffer of BUFSIZ, and what it returns is taken for a whole line",
	Dialects:    plant.LineDialects,
	Plant:       reading(limitAlsoTo(8 << 10)),
}, {
	Name:        "limit-short",
	Sentence:    "the limit of a line is 65535 bytes",
	Requirement: "LINE-5",
	Mistake:     "one byte of the buffer is reserved for a NUL",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.lineLimit = 65535 }),
}, {
	Name:        "limit-long",
	Sentence:    "the limit of a line is 65537 bytes",
	Requirement: "LINE-5",
	Mistake:     "the limit is compared with > where >= was meant",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.lineLimit = 65537 }),
}, {
	Name:        "limit-none",
	Sentence:    "a line has no limit below 32 MiB",
	Requirement: "LINE-5",
	Mistake:     "the limit that the library has by default was never looked at",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.lineLimit = 32 << 20 }),
}, {
	Name:        "limit-drops",
	Sentence:    "what lies past the limit of a line is lost",
	Requirement: "LINE-5",
	Mistake:     "a line that is too long is cut off, and the rest skipped up to its LF",
	Dialects:    plant.LineDialects,
	Plant:       reading(dropPastLimit),
}, {
	Name:        "limit-closes",
	Sentence:    "at a line longer than the limit the connection is closed",
	Requirement: "LINE-5",
	Mistake:     "the reader raises an error at a long line, as asyncio and Scanner do",
	Dialects:    plant.LineDialects,
	Plant:       reading(failPastLimit),
}, {
	Name:        "limit-zero",
	Sentence:    "readline(0) reads a line of any length",
	Requirement: "LINE-6",
	Mistake:     "the default is taken where the limit is not true: limit or DEFAULT",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(zeroIsDefault),
}, {
	Name:        "limit-characters",
	Sentence:    "the limit of a caller counts characters, not bytes",
	Requirement: "LINE-6",
	Mistake:     "the stream was opened as text, whose readline counts characters",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(func(r *reader) { r.reach = ofCallers(reachCharacters) }),
}, {
	Name:        "limit-without-lf",
	Sentence:    "the limit of a caller does not count the LF",
	Requirement: "LINE-6",
	Mistake:     "the limit is held against the text of the line, when its LF is gone",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(func(r *reader) { r.reach = ofCallers(reachBeforeLF) }),
}}

// limitAlsoTo makes most the limit where a larger one was asked for.
func limitAlsoTo(most int) func(*reader) {
	return func(r *reader) {
		r.limit = func(asked int) int { return min(asked, most) }
	}
}

// dropPastLimit drops the rest of a line that the default limit has ended, when
// the next line is asked for.
func dropPastLimit(r *reader) {
	dropping := false
	r.past = func(line []byte, limit int) ([]byte, error) {
		dropping = limit == r.lineLimit
		return line, nil
	}
	r.limit = func(asked int) int {
		for dropping {
			if _, taken := endAtLF(r.buf, 0); taken > 0 {
				r.take(taken)
				dropping = false
			} else {
				r.buf = nil
				dropping = r.fill() == nil
			}
		}
		return asked
	}
}

// failPastLimit fails at a line that the default limit has ended, unless the
// stream ends there too.
func failPastLimit(r *reader) {
	r.past = func(line []byte, limit int) ([]byte, error) {
		if limit != r.lineLimit || len(r.buf) == 0 && r.fill() == io.EOF {
			return line, nil
		}
		return nil, errors.New("faulty: the line is too long")
	}
}

func zeroIsDefault(r *reader) {
	r.limit = func(asked int) int {
		if asked == 0 {
			return r.lineLimit
		}
		return asked
	}
}

// ofCallers makes reach hold for the limits of callers alone.
func ofCallers(reach func([]byte, int) (int, int)) func([]byte, int) (int, int) {
	return func(b []byte, limit int) (text, taken int) {
		if limit == reference.DefaultLineLimit {
			return reachBytes(b, limit)
		}
		return reach(b, limit)
	}
}

// reachCharacters counts the limit in characters.
func reachCharacters(b []byte, limit int) (text, taken int) {
	for range limit {
		if !utf8.FullRune(b[taken:]) {
			return 0, 0
		}
		_, width := utf8.DecodeRune(b[taken:])
		taken += width
	}
	return taken, taken
}

// reachBeforeLF takes an LF that follows the limit. It must have come first.
func reachBeforeLF(b []byte, limit int) (text, taken int) {
	switch {
	case len(b) <= limit:
		return 0, 0
	case b[limit] == '\n':
		return limit, limit + 1
	}
	return limit, limit
}
