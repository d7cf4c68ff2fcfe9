package web

import (
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// smugFaults are those by which a hidden request is answered.
var smugFaults = []Fault{{
	Name:        "smuggle-cl-te",
	Sentence:    "of a request with a length, and no more than the last chunk behind that, the rest of the length is the next request",
	Requirement: "SMUG-1",
	Mistake:     "a body of no bytes is taken for none, of which nothing has to be thought",
	Plant: by(func(s *server.Seams) {
		s.Both = bothOrdered("content-length", func(int64) server.Framing { return server.Framing{Chunked: true} })
		s.Persists = func(c *server.Conn, r *server.Request) bool {
			if r.Framing.Chunked && len(c.Lengths(r)) > 0 && r.Content != "" {
				return false
			}
			return server.Persists(c, r)
		}
	}),
}, {
	Name:        "smuggle-te-cl",
	Sentence:    "a request with chunks, and a length behind that, is framed by its length, and the rest of its chunks is the next request",
	Requirement: "SMUG-1",
	Mistake:     "the field that comes last says how long the body is",
	Plant: by(func(s *server.Seams) {
		s.Both = bothOrdered("transfer-encoding", func(length int64) server.Framing { return server.Framing{Length: length} })
	}),
}, {
	Name:        "te-trimmed",
	Sentence:    "a Transfer-Encoding counts with white space before its name or its colon, and with VT, FF or NUL around its value",
	Requirement: "SMUG-2",
	Mistake:     "names and values are trimmed of whatever the language calls white space",
	Plant:       trimming("transfer-encoding"),
}, {
	Name:        "te-underscore",
	Sentence:    "Transfer_Encoding is Transfer-Encoding",
	Requirement: "SMUG-2",
	Mistake:     "the fields become variables, in which a dash is an underscore",
	Plant: by(func(s *server.Seams) {
		s.Codings = func(r *server.Request) (all []string) {
			return append(r.Values("transfer-encoding"), r.Values("transfer_encoding")...)
		}
	}),
}, {
	Name:        "cl-underscore",
	Sentence:    "Content_Length is Content-Length, where there is none of that",
	Requirement: "SMUG-3",
	Mistake:     "the fields become variables, in which a dash is an underscore",
	Plant: by(func(s *server.Seams) {
		s.Lengths = func(r *server.Request) []string {
			if all := r.Values("content-length"); len(all) > 0 {
				return all
			}
			return r.Values("content_length")
		}
	}),
}, {
	Name:        "cl-trimmed",
	Sentence:    "a Content-Length counts with white space before its name or its colon, and with VT, FF or NUL around its value",
	Requirement: "SMUG-3",
	Mistake:     "names and values are trimmed of whatever the language calls white space",
	Plant:       trimming("content-length"),
}, {
	Name:        "funky-chunk",
	Sentence:    "an extension may hold any byte, a lone LF and a lone CR too",
	Requirement: "SMUG-4",
	Mistake:     "whatever stands between the size of a chunk and the next CR LF is skipped",
	Plant: by(func(s *server.Seams) {
		s.ChunkEnds = func(*server.Conn) server.Ends { return server.Ends{None: true} }
		s.Extensions = func(extensions string) error {
			if strings.HasPrefix(extensions, ";") {
				return nil
			}
			return server.CheckExtensions(extensions)
		}
	}),
}, {
	Name:        "size-behind-space",
	Sentence:    "of two sizes with a space between them the second counts",
	Requirement: "SMUG-4",
	Mistake:     "the size is what a split of the line leaves in the last place",
	Plant: by(func(s *server.Seams) {
		s.SplitChunk = func(c *server.Conn, line string) (size, extensions string) {
			if words := strings.Fields(line); len(words) == 2 && areSizes(words) {
				return words[1], ""
			}
			return server.SplitChunk(c, line)
		}
	}),
}, {
	Name:        "missing-leaves-body",
	Sentence:    "the body of a GET for what does not exist is read as the next request",
	Requirement: "SMUG-5",
	Mistake:     "the answer of 404 is a page of its own, before which nobody reads",
	Plant: by(func(s *server.Seams) {
		s.Framed = func(c *server.Conn, r *server.Request) {
			if why := c.Forbids(r); why != nil && why.Status == 404 && r.Method == "GET" {
				r.Unframe()
			}
		}
	}),
}, {
	Name:        "cl-0",
	Sentence:    "the body of a request for the page is read as the next request",
	Requirement: "SMUG-5",
	Mistake:     "files are answered by a handler that does not touch the input",
	Plant: by(func(s *server.Seams) {
		s.Framed = func(_ *server.Conn, r *server.Request) {
			if r.Path == "/" {
				r.Unframe()
			}
		}
	}),
}, {
	Name:        "0-cl",
	Sentence:    "a body behind an expectation that is not just 100-continue is read as the next request",
	Requirement: "SMUG-6",
	Mistake:     "an expectation that is not understood leaves the way on which bodies are read",
	Plant: by(func(s *server.Seams) {
		s.Expects = func(c *server.Conn, r *server.Request) (bool, error) {
			all := r.Values("expect")
			if r.Minor > 0 && len(all) > 0 && (len(all) > 1 || server.Fold(all[0]) != "100-continue") {
				r.Unframe()
				return false, nil
			}
			return server.ExpectsContinue(c, r)
		}
	}),
}, {
	Name:        "smuggle-after-400",
	Sentence:    "a request that stands behind the head of one that is refused for its length or its coding is answered",
	Requirement: "SMUG-7",
	Mistake:     "the connection is marked to be closed, and what is in the buffer is handled before",
	Plant: by(func(s *server.Seams) {
		s.Refused = func(c *server.Conn, r *server.Request, why *server.Refusal) bool {
			return r.Whole && !r.Framing.HasBody() && strings.HasPrefix(string(c.In.Buf), "GET ")
		}
	}),
}}

// bothOrdered frames a request that has both fields, the one of that name first; any other is framed rightly.
func bothOrdered(first string, how func(length int64) server.Framing) func(*server.Request, int64) (server.Framing, error) {
	return func(r *server.Request, length int64) (server.Framing, error) {
		for _, f := range r.Fields {
			switch name := server.Fold(f.Name); {
			case name == first:
				return how(length), nil
			case name == "content-length" || name == "transfer-encoding":
				return server.Framing{Chunked: true, Closes: true}, nil
			}
		}
		return server.Framing{}, nil
	}
}

// trimming plants that the field of that name is trimmed, and its line too.
func trimming(lower string) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.FieldLines = func(line string) []string {
			name, value, found := strings.Cut(line, ":")
			if name = strings.Trim(name, server.AnyBlanks); found && server.Fold(name) == lower {
				line = name + ": " + strings.Trim(value, server.AnyBlanks)
			}
			return []string{line}
		}
	})
}

// areSizes says whether each of the words is hexadecimal digits.
func areSizes(words []string) bool {
	for _, word := range words {
		if _, err := server.ReadSize(word); err != nil {
			return false
		}
	}
	return true
}
