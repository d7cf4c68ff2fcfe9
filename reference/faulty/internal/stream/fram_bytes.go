package stream

import (
	"bytes"
	"fmt"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that change single bytes by their value.
var framValueFaults = []plant.Fault{{
	Name:        "seven-bit",
	Sentence:    "the high bit of every byte received is cleared",
	Requirement: "FRAM-8",
	Mistake:     "the line is taken for one of seven bits with parity",
	Dialects:    plant.ByteDialects,
	Plant:       filteringEach(clearHighBits),
}, {
	Name:        "iac",
	Sentence:    "0xFF and the two bytes after it are lost",
	Requirement: "FRAM-8",
	Mistake:     "a telnet library reads the connection, and takes 0xFF for the start of a command",
	Dialects:    plant.ByteDialects,
	Plant:       filtering(dropTelnetCommands),
}, {
	Name:        "control-z",
	Sentence:    "nothing after 0x1A is answered",
	Requirement: "FRAM-8",
	Mistake:     "the stream is read in the text mode of DOS and Windows, where Ctrl-Z ends a file",
	Dialects:    plant.ByteDialects,
	Plant:       filtering(endAtControlZ),
}, {
	Name:        "nul-dropped",
	Sentence:    "NUL bytes are lost",
	Requirement: "FRAM-8",
	Mistake:     "bytes are kept where they are true, and 0 is false",
	Dialects:    plant.ByteDialects,
	Plant:       filteringEach(dropBytes(func(b byte) bool { return b == 0 })),
}, {
	Name:        "control-dropped",
	Sentence:    "control characters other than TAB, LF, CR and NUL are lost",
	Requirement: "FRAM-8",
	Mistake:     "the input is cleaned for the log, and the cleaned copy is answered",
	Dialects:    plant.ByteDialects,
	Plant: filteringEach(dropBytes(func(b byte) bool {
		return isControl(b) && bytes.IndexByte([]byte("\t\n\r\x00"), b) < 0
	})),
}}

func clearHighBits(read []byte) []byte {
	for i := range read {
		read[i] &= 0x7f
	}
	return read
}

// dropTelnetCommands drops 0xFF and two more bytes, whichever read brings them.
func dropTelnetCommands() filter {
	left := 0 // of a command
	drop := dropBytes(func(b byte) bool {
		switch {
		case left > 0:
			left--
			return true
		case b == 0xff:
			left = 2
			return true
		}
		return false
	})
	return func(read []byte, _ bool) []byte { return drop(read) }
}

// endAtControlZ drops 0x1A and all that comes after it.
func endAtControlZ() filter {
	ended := false
	return func(read []byte, _ bool) []byte {
		if ended {
			return nil
		}
		before, _, found := bytes.Cut(read, []byte{0x1a})
		ended = found
		return before
	}
}

// dropBytes returns a change that loses the bytes of which drop is true.
func dropBytes(drop func(b byte) bool) func([]byte) []byte {
	return func(read []byte) []byte {
		kept := read[:0]
		for _, b := range read {
			if !drop(b) {
				kept = append(kept, b)
			}
		}
		return kept
	}
}

// isControl says whether b is a control character of ASCII.
func isControl(b byte) bool {
	return b < 0x20 || b == 0x7f
}

// framPlaceFaults returns the faults that change a single byte by its place: one
// of each kind for every size that buffers have.
func framPlaceFaults() []plant.Fault {
	var faults []plant.Fault
	for n := 512; n <= 1<<20; n *= 2 {
		for _, f := range []plant.Fault{{
			Name:     "lose-byte",
			Sentence: "byte number %d of a connection's input is lost",
			Mistake:  "an index at the edge of a buffer is one too high",
			Plant:    filtering(func() filter { return loseByte(n) }),
		}, {
			Name:     "double-byte",
			Sentence: "byte number %d of a connection's input comes twice",
			Mistake:  "the last byte of a full buffer is copied to the start of the next one, and was handed out already",
			Plant:    filtering(func() filter { return doubleByte(n) }),
		}, {
			Name:     "swap-bytes",
			Sentence: "byte number %d of a connection's input changes places with the one after it",
			Mistake:  "a ring buffer hands out the byte at its start before the one at its end",
			Plant:    filtering(func() filter { return swapBytes(n) }),
		}} {
			f.Name += "-" + sizeName(n)
			f.Sentence = fmt.Sprintf(f.Sentence, n)
			f.Requirement = "FRAM-8"
			f.Dialects = plant.EveryDialect
			faults = append(faults, f)
		}
	}
	return faults
}

// sizeName names a number of bytes.
func sizeName(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%dm", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%dk", n>>10)
	}
	return fmt.Sprint(n)
}

func loseByte(n int) filter {
	return replaceByte(n, func(byte) []byte { return nil })
}

func doubleByte(n int) filter {
	return replaceByte(n, func(b byte) []byte { return []byte{b, b} })
}

// swapBytes takes byte number n out, and puts it behind the next one; where the
// stream ends before that, at its end.
func swapBytes(n int) filter {
	var held []byte
	take := replaceByte(n, func(b byte) []byte {
		held = []byte{b}
		return nil
	})
	put := replaceByte(n, func(b byte) []byte { // n, because one byte is missing by then
		both := append([]byte{b}, held...)
		held = nil
		return both
	})
	return func(read []byte, cut bool) []byte {
		if len(read) == 0 {
			last := held
			held = nil
			return last
		}
		return put(take(read, cut), cut)
	}
}

// replaceByte puts what with returns in the place of byte number n.
func replaceByte(n int, with func(b byte) []byte) filter {
	before := n - 1 // how many bytes come before it
	return func(read []byte, _ bool) []byte {
		at := before
		before -= len(read)
		if at < 0 || at >= len(read) {
			return read
		}
		changed := append([]byte(nil), read[:at]...)
		changed = append(changed, with(read[at])...)
		return append(changed, read[at+1:]...)
	}
}
