package web

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// hchkFaults are those of chunks.
var hchkFaults = []Fault{{
	Name:        "chunk-is-a-segment",
	Sentence:    "a chunk whose data comes in two segments ends with the first",
	Requirement: "HCHK-1",
	Mistake:     "of a chunk's data so much is taken as a read has returned",
	Plant: by(func(s *server.Seams) {
		s.ChunkData = func(c *server.Conn, n int64) (string, error) {
			if err := c.In.Need(1); err != nil {
				return "", err
			}
			return server.ReadContent(c, min(n, int64(len(c.In.Buf))))
		}
	}),
}, {
	Name:        "one-chunk-only",
	Sentence:    "a second chunk is read as the next request",
	Requirement: "HCHK-1",
	Mistake:     "clients send one chunk, so that no loop was written",
	Plant: by(func(s *server.Seams) {
		s.MoreChunks = func(c *server.Conn, had int) bool { return had == 0 || c.In.Need(1) != nil || c.In.Buf[0] == '0' }
	}),
}, {
	Name:        "size-lower-case",
	Sentence:    "a size in upper-case digits is refused",
	Requirement: "HCHK-2",
	Mistake:     "digits are 0 to 9 and a to f",
	Plant: by(func(s *server.Seams) {
		s.ChunkSize = func(digits string) (int64, error) {
			if server.Fold(digits) != digits {
				return 0, server.Malformed("A chunk does not begin with its size.")
			}
			return server.ReadSize(digits)
		}
	}),
}, {
	Name:        "last-chunk-literal",
	Sentence:    "a last chunk that is written 000 is not taken for the last",
	Requirement: "HCHK-2",
	Mistake:     "the line is compared with 0 before its number is read",
	Plant: by(func(s *server.Seams) {
		s.IsLast = func(line string, _ int64) bool {
			return line == "0" || strings.HasPrefix(line, "0;") || strings.HasPrefix(line, "0 ")
		}
	}),
}, {
	Name:        "extension-refused",
	Sentence:    "a chunk with an extension is refused",
	Requirement: "HCHK-3",
	Mistake:     "nobody sends extensions, so that the line is a number",
	Plant: by(func(s *server.Seams) {
		s.Extensions = func(extensions string) error {
			if extensions != "" {
				return server.Malformed("A chunk line is more than a size.")
			}
			return nil
		}
	}),
}, {
	Name:        "extension-into-size",
	Sentence:    "digits of an extension are digits of the size",
	Requirement: "HCHK-3",
	Mistake:     "what is no digit is skipped while the size is read",
	Plant: by(func(s *server.Seams) {
		s.SplitChunk = func(c *server.Conn, line string) (size, extensions string) {
			return digitsOf(server.SplitChunk(c, line))
		}
	}),
}, {
	Name:        "space-into-size",
	Sentence:    "digits of an extension with white space before it are digits of the size",
	Requirement: "HCHK-4",
	Mistake:     "white space in a chunk line is skipped, and the size goes on behind it",
	Plant: by(func(s *server.Seams) {
		s.SplitChunk = func(c *server.Conn, line string) (size, extensions string) {
			size, extensions = server.SplitChunk(c, line)
			if extensions == "" || !server.IsBlank(extensions[0]) {
				return size, extensions
			}
			return digitsOf(size, extensions)
		}
	}),
}, {
	Name:        "size-by-int()",
	Sentence:    "a size is taken with a sign, a prefix, underscores, and white space around it",
	Requirement: "HCHK-5",
	Mistake:     "the number is read by Python's int()",
	Plant: by(func(s *server.Seams) {
		s.SplitChunk = upToSemicolon
		s.ChunkSize = func(digits string) (int64, error) {
			n, ok := pythonInt(digits, 16)
			if !ok || n < 0 {
				return 0, server.Malformed("A chunk does not begin with its size.")
			}
			return n, nil
		}
	}),
}, {
	Name:        "size-by-strtol",
	Sentence:    "a size is the digits that its line begins with, whatever follows them, and 0 where there are none",
	Requirement: "HCHK-5",
	Mistake:     "the number is read by strtol, and where that has ended is not looked at",
	Plant: by(func(s *server.Seams) {
		s.SplitChunk = upToSemicolon
		s.ChunkSize = func(digits string) (int64, error) {
			n := strtol(digits)
			if n < 0 {
				return 0, server.Malformed("A chunk does not begin with its size.")
			}
			return n, nil
		}
	}),
}, {
	Name:        "negative-size-spins",
	Spins:       true,
	Sentence:    "of a size of less than nothing the server works for ever, and serves nobody",
	Requirement: "HCHK-5",
	Mistake:     "the number is read by Python's int(), in a process of one thread, and the loop over the data ends when nothing is left",
	Plant:       plantNegativeSize,
}, {
	Name:        "size-32-bit",
	Sentence:    "of a size of more than 32 bits the upper ones are lost",
	Requirement: "HCHK-6",
	Mistake:     "the number is kept in 32 bits",
	Plant:       sizeWrapped(1<<32 - 1),
}, {
	Name:        "size-64-bit",
	Sentence:    "of a size of more than 64 bits the upper ones are lost",
	Requirement: "HCHK-6",
	Mistake:     "the number is kept in 64 bits, and nobody looks whether it fits",
	Plant:       sizeWrapped(math.MaxUint64),
}, {
	Name:        "size-overflow-kills",
	Sentence:    "a size of more than 63 bits ends the server",
	Requirement: "HCHK-6",
	Mistake:     "memory is asked for as much as the size says, and what cannot be had ends the process",
	Plant: by(func(s *server.Seams) {
		s.ChunkSize = func(digits string) (int64, error) {
			n, err := server.ReadSize(digits)
			if n == math.MaxInt64 {
				s.Changes.Kill()
				return 0, errStopped
			}
			return n, err
		}
	}),
}, {
	Name:        "data-crlf-skipped-blind",
	Sentence:    "two bytes are skipped behind the data of a chunk, whatever they are",
	Requirement: "HCHK-7",
	Mistake:     "the CR LF is always there, so that it is not looked at",
	Plant:       by(func(s *server.Seams) { s.ChunkEnd = skipChunkEnd }),
}, {
	Name:        "crlf-checked-in-one-segment",
	Sentence:    "what follows the data of a chunk is checked when it comes in one segment with all of that, and skipped when it does not",
	Requirement: "HCHK-7",
	Mistake:     "a chunk that is there as a whole is read by other code than one that comes in parts",
	Plant: by(func(s *server.Seams) {
		s.ChunkData = func(c *server.Conn, n int64) (string, error) {
			c.Whole = int64(len(c.In.Buf)) >= n+2
			return server.ReadContent(c, n)
		}
		s.ChunkEnd = func(c *server.Conn) error {
			if c.Whole {
				return server.ReadChunkEnd(c)
			}
			return skipChunkEnd(c)
		}
	}),
}, {
	Name:        "chunk-lf",
	Sentence:    "a lone LF ends a chunk line, and the data of a chunk",
	Requirement: "HCHK-8",
	Mistake:     "lines are read up to LF, and a CR before it taken off where there is one",
	Plant:       by(func(s *server.Seams) { s.ChunkEnds = func(*server.Conn) server.Ends { return server.Ends{Lf: true} } }),
}, {
	Name:        "chunk-cr",
	Sentence:    "a lone CR ends a chunk line, and the data of a chunk",
	Requirement: "HCHK-9",
	Mistake:     "lines are read by something that knows many line ends",
	Plant:       by(func(s *server.Seams) { s.ChunkEnds = func(*server.Conn) server.Ends { return server.Ends{Cr: true} } }),
}, {
	Name:        "trailer-left",
	Sentence:    "trailers are read as the next request",
	Requirement: "HCHK-10",
	Mistake:     "the body ends with the line of the last chunk, and an empty line behind it is skipped",
	Plant:       by(func(s *server.Seams) { s.Trailers = leaveTrailers }),
}, {
	Name:        "trailers-left-when-cut",
	Sentence:    "trailers that do not come in one segment with the last chunk are read as the next request",
	Requirement: "HCHK-10",
	Mistake:     "the trailer section is looked for in what was read already",
	Plant: by(func(s *server.Seams) {
		s.Trailers = func(c *server.Conn, r *server.Request) error {
			if rest := string(c.In.Buf); strings.HasPrefix(rest, "\r\n") || strings.Contains(rest, "\r\n\r\n") {
				return server.ReadTrailers(c, r)
			}
			return leaveTrailers(c, r)
		}
	}),
}, {
	Name:        "trailer-merged",
	Sentence:    "trailers are fields",
	Requirement: "HCHK-10",
	Mistake:     "trailers are put into the map that has the fields",
	Plant: by(func(s *server.Seams) {
		s.Trailers = func(c *server.Conn, r *server.Request) error {
			err := server.ReadTrailers(c, r)
			r.Fields = append(r.Fields, r.Trailers...)
			return err
		}
	}),
}, {
	Name:        "bad-trailer-hangs",
	Sentence:    "behind a malformed trailer nothing is answered, and the connection is left open",
	Requirement: "HCHK-11",
	Mistake:     "a line that is no trailer is put back until more comes that makes one of it",
	Plant: by(func(s *server.Seams) {
		s.Trailers = func(c *server.Conn, r *server.Request) error {
			crlf := !strings.Contains(strings.ReplaceAll(string(c.In.Buf), "\r\n", ""), "\n")
			err := server.ReadTrailers(c, r)
			var malformed *server.Refusal
			if errors.As(err, &malformed) && crlf {
				<-c.Changes.Stopped()
				return errStopped
			}
			return err
		}
	}),
}, {
	Name:        "eof-is-last-chunk",
	Sentence:    "chunks that the end of the stream cuts short are taken for the whole body",
	Requirement: "HCHK-12",
	Mistake:     "the loop over the chunks ends when a read returns nothing",
	Plant: by(func(s *server.Seams) {
		s.CutShort = func(_ *server.Conn, r *server.Request, err error) error {
			if r.Framing.Chunked {
				return nil
			}
			return err
		}
	}),
}, {
	Name:        "eof-spins",
	Spins:       true,
	Sentence:    "when the stream ends inside a chunk the server works for ever",
	Requirement: "HCHK-12",
	Mistake:     "a read that returns nothing is tried again at once",
	Plant: by(func(s *server.Seams) {
		s.CutShort = func(c *server.Conn, r *server.Request, err error) error {
			if !r.Framing.Chunked {
				return err
			}
			return spin(c)
		}
	}),
}, {
	Name:        "chunk-limit-64k",
	Sentence:    "a chunk of more than 64 KiB is refused",
	Requirement: "HCHK-13",
	Mistake:     "a chunk has to fit into the buffer that is written with",
	Plant:       by(func(s *server.Seams) { s.Limits.Chunk = 64 << 10 }),
}, {
	Name:        "extensions-hang",
	Sentence:    "a chunk line that is too long is neither answered nor is the connection closed",
	Requirement: "HCHK-14",
	Mistake:     "nothing is read any more when the buffer is full, and the line's end is waited for",
	Plant: by(func(s *server.Seams) {
		s.LongChunk = func(c *server.Conn) error {
			<-c.Changes.Stopped()
			return errStopped
		}
	}),
}}

// digitsOf adds all digits of well-formed extensions to a size.
func digitsOf(size, extensions string) (all, rest string) {
	if size == "" || server.CheckExtensions(extensions) != nil {
		return size, extensions
	}
	for i := range len(extensions) {
		if server.HexDigit(extensions[i]) >= 0 {
			size += extensions[i : i+1]
		}
	}
	return size, ""
}

// upToSemicolon divides a chunk line at its first semicolon, and leaves out what follows.
func upToSemicolon(_ *server.Conn, line string) (size, extensions string) {
	size, _, _ = strings.Cut(line, ";")
	return size, ""
}

// sizeWrapped plants sizes that keep the bits of mask.
func sizeWrapped(mask uint64) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.ChunkSize = func(digits string) (int64, error) {
			if digits == "" {
				return server.ReadSize(digits)
			}
			return wrapped(digits, 16, mask)
		}
	})
}

// skipChunkEnd skips two bytes.
func skipChunkEnd(c *server.Conn) error {
	if err := c.In.Need(2); err != nil {
		return err
	}
	c.In.Take(2)
	return nil
}

// leaveTrailers reads the empty line behind a body that has no trailers.
func leaveTrailers(c *server.Conn, _ *server.Request) error {
	if err := c.In.Need(2); err != nil {
		return err
	}
	if string(c.In.Buf[:2]) == "\r\n" {
		c.In.Take(2)
	}
	return nil
}

// spin works until the server is to stop.
func spin(c *server.Conn) error {
	for !c.Changes.IsStopped() {
		runtime.Gosched()
	}
	return errStopped
}

func plantNegativeSize(changes *plant.Changes) {
	by(func(s *server.Seams) {
		frozen := new(atomic.Bool)
		s.Begin = func(c *server.Conn) {
			c.In.Before = func() {
				if frozen.Load() {
					<-c.Changes.Stopped()
				}
			}
		}
		s.SplitChunk = func(c *server.Conn, line string) (size, extensions string) {
			if digits, negative := strings.CutPrefix(line, "-"); negative && digits != "" && strings.Trim(digits, "0123456789abcdefABCDEF") == "" {
				frozen.Store(true)
				_ = spin(c)
			}
			return server.SplitChunk(c, line)
		}
	})(changes)
}
