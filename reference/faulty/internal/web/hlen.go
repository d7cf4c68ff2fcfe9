package web

import (
	"math"
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// hlenFaults are those of the length of a body.
var hlenFaults = []Fault{{
	Name:        "body-is-the-segment",
	Sentence:    "the body is what comes in one segment behind the head, whatever its length is",
	Requirement: "HLEN-1",
	Mistake:     "what a read has returned behind the head, or else the next read, is taken for the body",
	Plant: by(func(s *server.Seams) {
		s.Content = func(c *server.Conn, _ int64) (string, error) {
			if err := c.In.Need(1); err != nil {
				return "", err
			}
			return string(c.In.Take(len(c.In.Buf))), nil
		}
	}),
}, {
	Name:        "body-short-by-one",
	Sentence:    "the last byte of a body begins the next request too",
	Requirement: "HLEN-1",
	Mistake:     "the offset behind the body is one too low",
	Plant: by(func(s *server.Seams) {
		s.Content = func(c *server.Conn, n int64) (string, error) {
			if err := c.In.Need(int(n)); err != nil {
				return "", err
			}
			content := string(c.In.Buf[:n])
			c.In.Take(int(n) - 1)
			return content, nil
		}
	}),
}, {
	Name:        "body-to-eof",
	Sentence:    "whatever comes in a segment with the end of a body belongs to it",
	Requirement: "HLEN-1",
	Mistake:     "the body is read until nothing more is there, and the length only says when that may be asked",
	Plant: by(func(s *server.Seams) {
		s.Content = func(c *server.Conn, n int64) (string, error) {
			if err := c.In.Need(int(n)); err != nil {
				return "", err
			}
			return string(c.In.Take(len(c.In.Buf))), nil
		}
	}),
}, {
	Name:        "length-octal",
	Sentence:    "a length with a leading zero is read as octal",
	Requirement: "HLEN-2",
	Mistake:     "the number is read by a function that tells the base from its prefix (strtol with base 0)",
	Plant: by(func(s *server.Seams) {
		s.Number = func(value string) (n int64, err error) {
			if !server.AreDigits(value) || value[0] != '0' || strings.ContainsAny(value, "89") {
				return server.ReadNumber(value)
			}
			for i := range len(value) {
				n = min(n*8+int64(value[i]-'0'), math.MaxInt32)
			}
			return n, nil
		}
	}),
}, {
	Name:        "length-by-atoi",
	Sentence:    "the length is the digits that the value begins with, 0 where it begins with none or with a minus",
	Requirement: "HLEN-3",
	Mistake:     "the number is read by atoi, which says of no error",
	Plant: by(func(s *server.Seams) {
		s.Number = func(value string) (int64, error) {
			value = strings.TrimPrefix(value, "+")
			n := 0
			for n < len(value) && server.IsDigit(value[n]) {
				n++
			}
			if n == 0 {
				return 0, nil
			}
			return server.ReadNumber(value[:n])
		}
	}),
}, {
	Name:        "length-by-int()",
	Sentence:    "a length is taken with a sign, with underscores, and in digits of other scripts",
	Requirement: "HLEN-3",
	Mistake:     "the number is read by Python's int()",
	Plant: by(func(s *server.Seams) {
		s.Number = func(value string) (int64, error) {
			n, ok := pythonInt(value, 10)
			if !ok {
				return server.ReadNumber(value)
			}
			return max(0, n), nil // less than nothing is no body
		}
	}),
}, {
	Name:        "first-length-wins",
	Sentence:    "of two lengths the first one counts",
	Requirement: "HLEN-4",
	Mistake:     "the first field of the name is looked for, and its number up to a comma",
	Plant:       lengthOf(func(all []string) string { return all[0] }),
}, {
	Name:        "last-length-wins",
	Sentence:    "of two lengths the last one counts",
	Requirement: "HLEN-4",
	Mistake:     "fields are put into a map, where the last of a name takes the place of the others",
	Plant:       lengthOf(func(all []string) string { return all[len(all)-1] }),
}, {
	Name:        "equal-lengths-added",
	Sentence:    "of two equal lengths the body is twice as long",
	Requirement: "HLEN-5",
	Mistake:     "each length is added to what is still to be read",
	Plant: by(func(s *server.Seams) {
		s.Length = func(c *server.Conn, values []string) (int64, error) {
			all := server.Members(values)
			if len(all) != 2 {
				return server.OneLength(c, values)
			}
			first, err := server.ReadNumber(all[0])
			second, err2 := server.ReadNumber(all[1])
			if err != nil || err2 != nil || first != second || first > math.MaxInt32 {
				return server.OneLength(c, values)
			}
			return first + second, nil
		}
	}),
}, {
	Name:        "length-32-bit",
	Sentence:    "of a length of more than 32 bits the upper ones are lost",
	Requirement: "HLEN-6",
	Mistake:     "the number is kept in 32 bits",
	Plant: by(func(s *server.Seams) {
		s.Number = func(value string) (int64, error) { return wrapped(value, 10, 1<<32-1) }
	}),
}, {
	Name:        "length-64-bit",
	Sentence:    "of a length of more than 64 bits the upper ones are lost",
	Requirement: "HLEN-6",
	Mistake:     "the number is kept in 64 bits, and nobody looks whether it fits",
	Plant: by(func(s *server.Seams) {
		s.Number = func(value string) (int64, error) { return wrapped(value, 10, math.MaxUint64) }
	}),
}, {
	Name:        "post-waits-for-eof",
	Sentence:    "a POST without a length and without chunks is answered when the client ends its stream",
	Requirement: "HLEN-7",
	Mistake:     "a body whose length nobody says is read to the end, as an answer's is",
	Plant: by(func(s *server.Seams) {
		s.Unframed = func(r *server.Request) (server.Framing, error) { return server.Framing{ToEnd: r.Method == "POST"}, nil }
	}),
}, {
	Name:        "short-body-accepted",
	Sentence:    "a body that the end of the stream cuts short is taken for the whole",
	Requirement: "HLEN-8",
	Mistake:     "the loop that reads the body ends when a read returns nothing, and nobody counts",
	Plant: by(func(s *server.Seams) {
		s.CutShort = func(c *server.Conn, r *server.Request, err error) error {
			if r.Framing.Chunked {
				return err
			}
			r.Content = string(c.In.Take(len(c.In.Buf)))
			return nil
		}
	}),
}, {
	Name:        "eof-ignored",
	Sentence:    "when the stream ends inside a body the connection stays open",
	Requirement: "HLEN-8",
	Mistake:     "the end of the stream is no event, and the rest of the body is waited for",
	Plant: by(func(s *server.Seams) {
		s.CutShort = func(c *server.Conn, _ *server.Request, _ error) error {
			<-c.Changes.Stopped()
			return errStopped
		}
	}),
}, {
	Name:        "coding-ignored",
	Sentence:    "a coding before chunked that the server does not know is passed over",
	Requirement: "HLEN-9",
	Mistake:     "chunked alone is looked for among the codings",
	Plant: by(func(s *server.Seams) {
		s.Chunked = func(values []string) (bool, error) {
			all := server.Members(values)
			if n := len(all); n > 1 && server.Fold(all[n-1]) == "chunked" && server.Fold(all[n-2]) != "chunked" {
				all = all[n-1:]
			}
			return server.IsChunked(all)
		}
	}),
}, {
	Name:        "chunked-by-substring",
	Sentence:    "xchunked, and chunked with another coding behind it, are taken for chunked",
	Requirement: "HLEN-10",
	Mistake:     "the word is looked for anywhere in the value",
	Plant: by(func(s *server.Seams) {
		s.Chunked = func(values []string) (bool, error) {
			for _, value := range values {
				if strings.Contains(server.Fold(value), "chunked") && !strings.Contains(value, ",") || strings.HasPrefix(server.Fold(value), "chunked,") {
					return true, nil
				}
			}
			return server.IsChunked(values)
		}
	}),
}, {
	Name:        "te-ignored",
	Sentence:    "a Transfer-Encoding that does not end with chunked is passed over",
	Requirement: "HLEN-10",
	Mistake:     "what is not chunked is no coding, and then the length counts, or there is no body",
	Plant: by(func(s *server.Seams) {
		s.Chunked = func(values []string) (bool, error) {
			all := server.Members(values)
			if n := len(all); n > 0 && server.Fold(all[n-1]) != "chunked" {
				return false, nil
			}
			return server.IsChunked(values)
		}
	}),
}, {
	Name:        "length-over-chunked",
	Sentence:    "a request with a length and chunks is framed by its length",
	Requirement: "HLEN-11",
	Mistake:     "Content-Length is looked for first",
	Plant: by(func(s *server.Seams) {
		s.Both = func(_ *server.Request, length int64) (server.Framing, error) {
			return server.Framing{Length: length, Closes: true}, nil
		}
	}),
}, {
	Name:        "both-kept-alive",
	Sentence:    "the connection goes on behind a request with a length and chunks",
	Requirement: "HLEN-12",
	Mistake:     "the length is dropped, and nothing else is thought of it",
	Plant: by(func(s *server.Seams) {
		s.Both = func(*server.Request, int64) (server.Framing, error) { return server.Framing{Chunked: true}, nil }
	}),
}, {
	Name:        "te-in-1.0-kept",
	Sentence:    "the connection goes on behind a request of HTTP/1.0 in chunks",
	Requirement: "HLEN-13",
	Mistake:     "Transfer-Encoding is obeyed without a look at the version",
	Plant: by(func(s *server.Seams) {
		s.CodedOld = func(*server.Request, int64) (server.Framing, error) { return server.Framing{Chunked: true}, nil }
	}),
}, {
	Name:        "te-in-1.0-ignored",
	Sentence:    "the chunks of a request of HTTP/1.0 are read as the next request",
	Requirement: "HLEN-13",
	Mistake:     "HTTP/1.0 has no chunks, so that they are not looked for",
	Plant: by(func(s *server.Seams) {
		s.CodedOld = func(_ *server.Request, length int64) (server.Framing, error) {
			return server.Framing{Length: length}, nil
		}
	}),
}, {
	Name:        "chunked-case",
	Sentence:    "CHUNKED is refused",
	Requirement: "HLEN-14",
	Mistake:     "the coding is compared by case",
	Plant: by(func(s *server.Seams) {
		s.Chunked = func(values []string) (bool, error) {
			for _, coding := range server.Members(values) {
				if server.Fold(coding) == "chunked" && coding != "chunked" {
					return false, server.Refusing(501, "This server does not know the transfer coding.")
				}
			}
			return server.IsChunked(values)
		}
	}),
}, {
	Name:        "te-first-line-only",
	Sentence:    "of several Transfer-Encoding lines the first one counts",
	Requirement: "HLEN-15",
	Mistake:     "the first field of the name is looked for",
	Plant: by(func(s *server.Seams) {
		s.Codings = func(r *server.Request) []string {
			all := r.Values("transfer-encoding")
			return all[:min(1, len(all))]
		}
	}),
}, {
	Name:        "te-cut-at-semicolon",
	Sentence:    "a parameter of chunked is passed over",
	Requirement: "HLEN-16",
	Mistake:     "codings are read as media types are, and their parameters cut off",
	Plant: by(func(s *server.Seams) {
		s.Codings = func(r *server.Request) (cut []string) {
			for _, value := range r.Values("transfer-encoding") {
				before, _, _ := strings.Cut(value, ";")
				cut = append(cut, before)
			}
			return cut
		}
	}),
}, {
	Name:        "get-has-no-body",
	Sentence:    "the body of a GET, HEAD, DELETE or OPTIONS is read as the next request",
	Requirement: "HLEN-17",
	Mistake:     "a length is looked for only with methods that usually have a body",
	Plant: by(func(s *server.Seams) {
		s.Framed = func(_ *server.Conn, r *server.Request) {
			switch r.Method {
			case "GET", "HEAD", "DELETE", "OPTIONS":
				r.Unframe()
			}
		}
	}),
}, {
	Name:        "refused-body-left",
	Sentence:    "the body of a request that is answered with 404, 405 or 501 is read as the next request",
	Requirement: "HLEN-17",
	Mistake:     "errors are answered by a handler that does not touch the input",
	Plant: by(func(s *server.Seams) {
		s.Framed = func(c *server.Conn, r *server.Request) {
			if c.Forbids(r) != nil {
				r.Unframe()
			}
		}
	}),
}}

// lengthOf plants which of several lengths counts.
func lengthOf(which func(all []string) string) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.Length = func(c *server.Conn, values []string) (int64, error) {
			if all := server.Members(values); len(all) > 1 {
				return server.ReadNumber(which(all))
			}
			return server.OneLength(c, values)
		}
	})
}
