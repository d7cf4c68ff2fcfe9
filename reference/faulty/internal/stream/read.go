package stream

import (
	"io"
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults of READ.
var readFaults = []plant.Fault{{
	Name:        "read-short",
	Sentence:    "read(n) returns what there is after one read of the socket, be it less than n",
	Requirement: "READ-1",
	Mistake:     "recv(n) is called once, and taken for a promise of n bytes",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(readOnce),
}, {
	Name:        "read-two-buffers",
	Sentence:    "read(n) does not see what came in one segment with the line before it; the next line does",
	Requirement: "READ-1",
	Mistake:     "lines are read through a buffered file, and bodies from the socket under it",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(func(r *reader) { r.collect = r.Stream.ReadBytes }),
}, {
	Name:        "read-end-dropped",
	Sentence:    "when the stream ends before n bytes, read(n) returns none of those that came",
	Requirement: "READ-2",
	Mistake:     "the loop leaves at the end of the stream, and forgets what it has collected",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(func(r *reader) { r.collect = allOr(r, io.EOF) }),
}, {
	Name:        "read-end-fails",
	Sentence:    "when the stream ends inside the n bytes of read(n), the handler fails",
	Requirement: "READ-2",
	Mistake:     "a short read raises an error, as readexactly and ReadFull do",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(func(r *reader) { r.collect = allOr(r, io.ErrUnexpectedEOF) }),
}, {
	Name:        "read-zero-waits",
	Sentence:    "read(0) waits until a byte has come",
	Requirement: "READ-3",
	Mistake:     "the buffer is filled before the length is looked at",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(waitForNothing),
}, {
	Name:        "read-eats",
	Sentence:    "what came in one segment with the last of the n bytes of read(n) is lost",
	Requirement: "READ-4",
	Mistake:     "the buffer is emptied when its bytes were returned, with what it holds behind them",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(eatRest),
}, {
	Name:        "read-eats-lf",
	Sentence:    "an LF that has come behind the n bytes of read(n) is lost",
	Requirement: "READ-4",
	Mistake:     "the line end behind a block is taken for a part of its framing, and skipped",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(eatLF),
}, {
	Name:        "read-cap-64k",
	Sentence:    "read(n) returns no more than 65536 bytes; the rest stays",
	Requirement: "READ-5",
	Mistake:     "n is capped at the size of the buffer, without a loop around it",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(readAtMost(64 << 10)),
}, {
	Name:        "read-cap-4k",
	Sentence:    "read(n) returns no more than 4096 bytes; the rest stays",
	Requirement: "READ-5",
	Mistake:     "n is capped at the size of the buffer, without a loop around it",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(readAtMost(4 << 10)),
}, {
	Name:        "read-characters",
	Sentence:    "read(n) returns n characters, not n bytes",
	Requirement: "READ-6",
	Mistake:     "the stream was opened as text, whose read counts characters",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(readCharacters),
}}

// readOnce reads the socket once where the buffer does not suffice.
func readOnce(r *reader) {
	r.collect = func(n int) ([]byte, error) {
		if len(r.buf) < n {
			if err := r.fill(); err != nil && len(r.buf) == 0 {
				return nil, err
			}
		}
		return r.take(min(n, len(r.buf))), nil
	}
}

// allOr reads n bytes, or nothing with this error when only some came.
func allOr(r *reader, missing error) func(n int) ([]byte, error) {
	return func(n int) ([]byte, error) {
		msg, err := r.exactly(n)
		if err == nil && len(msg) < n {
			return nil, missing
		}
		return msg, err
	}
}

// waitForNothing waits for input where nothing was asked for. The wire does not
// show it: whoever waits for an answer has sent a SEND.
func waitForNothing(r *reader) {
	r.collect = func(n int) ([]byte, error) {
		if n == 0 && len(r.buf) == 0 {
			if err := r.fill(); err != nil && err != io.EOF {
				return nil, err
			}
		}
		return r.exactly(n)
	}
}

func eatRest(r *reader) {
	r.collect = func(n int) ([]byte, error) {
		msg, err := r.exactly(n)
		if n > 0 {
			r.buf = nil
		}
		return msg, err
	}
}

func eatLF(r *reader) {
	r.collect = func(n int) ([]byte, error) {
		msg, err := r.exactly(n)
		if n > 0 && len(r.buf) > 0 && r.buf[0] == '\n' {
			r.take(1)
		}
		return msg, err
	}
}

func readAtMost(most int) func(*reader) {
	return func(r *reader) {
		r.collect = func(n int) ([]byte, error) { return r.exactly(min(n, most)) }
	}
}

// readCharacters counts a byte that begins no character as one.
func readCharacters(r *reader) {
	r.collect = func(n int) ([]byte, error) {
		size := 0
		for range n {
			for !utf8.FullRune(r.buf[size:]) {
				if err := r.fill(); err == io.EOF {
					return r.exactly(len(r.buf))
				} else if err != nil {
					return nil, err
				}
			}
			_, width := utf8.DecodeRune(r.buf[size:])
			size += width
		}
		return r.take(size), nil
	}
}
