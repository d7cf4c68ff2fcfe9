package web

import (
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// smugFaults are those by which a hidden request is answered.
var smugFaults = []Fault{{
	Name:        "smuggle-cl-te",
	Sentence:    "a request with a length, and chunks behind that, is framed by its chunks, and the rest of its length is the next request",
	Requirement: "SMUG-1",
	Mistake:     "the length is forgotten when Transfer-Encoding comes behind it",
	Plant:       ordered("content-length", func(int64) server.Framing { return server.Framing{Chunked: true} }),
}, {
	Name:        "smuggle-te-cl",
	Sentence:    "a request with chunks, and a length behind that, is framed by its length, and the rest of its chunks is the next request",
	Requirement: "SMUG-1",
	Mistake:     "the field that comes last says how long the body is",
	Plant:       ordered("transfer-encoding", func(length int64) server.Framing { return server.Framing{Length: length} }),
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
	Sentence:    "what came with a request that is refused for its length or its coding is answered",
	Requirement: "SMUG-7",
	Mistake:     "the connection is marked to be closed, and what is in the buffer is handled before",
	Plant: by(func(s *server.Seams) {
		s.Refused = func(c *server.Conn, r *server.Request, why *server.Refusal) bool {
			return r.Whole && !r.Framing.HasBody() && len(c.In.Buf) > 0
		}
	}),
}}

// ordered plants how a request is framed that has both fields, the one of that name first.
func ordered(first string, how func(length int64) server.Framing) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.Both = func(r *server.Request, length int64) (server.Framing, error) {
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
	})
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
