package web

import (
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// hreqFaults are those of the request line.
var hreqFaults = []Fault{{
	Name:        "leading-crlf-is-a-request",
	Sentence:    "an empty line before a request is answered with 400",
	Requirement: "HREQ-1",
	Mistake:     "the empty line is taken for a request line, which has no method",
	Plant:       by(func(s *server.Seams) { s.EmptyLines = 0 }),
}, {
	Name:        "absolute-form-as-path",
	Sentence:    "a target in absolute form is refused",
	Requirement: "HREQ-2",
	Mistake:     "the whole target is taken for a path, which has to begin with a slash",
	Plant: by(func(s *server.Seams) {
		s.Target = func(r *server.Request) error {
			if server.Fold(r.Target[:min(7, len(r.Target))]) == "http://" {
				return server.Malformed("The path does not begin with a slash.")
			}
			return server.ReadTarget(r)
		}
	}),
}, {
	Name:        "host-over-target",
	Sentence:    "a request in absolute form is for the host that the Host field names, not for the target's",
	Requirement: "HREQ-3",
	Mistake:     "the host is read from the Host field, whatever the form of the target",
	Plant: by(func(s *server.Seams) {
		s.Host = func(r *server.Request) error {
			r.Authority = ""
			return server.ReadHost(r)
		}
	}),
}, {
	Name:        "method-folded",
	Sentence:    "get is answered as GET is",
	Requirement: "HREQ-4",
	Mistake:     "the method is put into upper case before it is compared",
	Plant:       by(func(s *server.Seams) { s.Method = strings.ToUpper }),
}, {
	Name:        "method-by-prefix",
	Sentence:    "GETX is answered as GET is",
	Requirement: "HREQ-4",
	Mistake:     "only as many letters are compared as the known method has (strncmp)",
	Plant: by(func(s *server.Seams) {
		s.Method = func(method string) string {
			for _, known := range server.Methods {
				if strings.HasPrefix(method, known) {
					return known
				}
			}
			return method
		}
	}),
}, {
	Name:        "unknown-method-is-400",
	Sentence:    "a method that nobody knows is answered as if the request were malformed",
	Requirement: "HREQ-5",
	Mistake:     "the methods are a list in the grammar, and what is not in it is no request",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			if why := c.Forbids(r); why != nil && why.Status == 501 {
				return server.Text(400, "That is no request.\n")
			}
			return server.Respond(c, r)
		}
	}),
}, {
	Name:        "line-limit-4096",
	Sentence:    "a request line of more than 4,096 bytes is refused",
	Requirement: "HREQ-6",
	Mistake:     "the request line is read into a buffer of 4 KiB",
	Plant:       by(func(s *server.Seams) { s.Limits.Line = 4096 }),
}, {
	Name:        "target-truncated",
	Sentence:    "of a target of more than 8,000 bytes the rest is dropped, and the shorter one is answered",
	Requirement: "HREQ-7",
	Mistake:     "the target is copied into an array of fixed size, and what does not fit is dropped",
	Plant: by(func(s *server.Seams) {
		s.Limits.Line = 4 << 20
		s.SplitLine = func(r *server.Request, line string) error {
			if err := server.SplitLine(r, line); err != nil {
				return err
			}
			r.Target = r.Target[:min(8000, len(r.Target))]
			return nil
		}
	}),
}, {
	Name:        "crlf-eaten-as-space",
	Sentence:    "a request line with a space behind its version is answered when one more line has come, which is lost",
	Requirement: "HREQ-8",
	Mistake:     "white space is skipped across the end of the line, and the CR LF that was eaten is waited for behind the head",
	Plant: by(func(s *server.Seams) {
		s.SplitLine = func(r *server.Request, line string) error {
			trimmed := strings.TrimRight(line, " \t")
			r.Owed = trimmed != line
			return server.SplitLine(r, trimmed)
		}
	}),
}, {
	Name:        "target-to-last-space",
	Sentence:    "a target with a space in it is taken",
	Requirement: "HREQ-9",
	Mistake:     "the target is what stands between the first and the last space of the line",
	Plant: by(func(s *server.Seams) {
		s.SplitLine = func(r *server.Request, line string) error {
			first, last := strings.IndexByte(line, ' '), strings.LastIndexByte(line, ' ')
			if first == last {
				return server.SplitLine(r, line)
			}
			r.Method, r.Target, r.Version = line[:first], line[first+1:last], line[last+1:]
			return nil
		}
		s.CheckTarget = func(_ *server.Conn, r *server.Request) error {
			return server.CheckTarget(strings.ReplaceAll(r.Target, " ", "+"))
		}
	}),
}, {
	Name:        "version-optional",
	Sentence:    "a request line without a version is answered, as one of HTTP/1.0",
	Requirement: "HREQ-10",
	Mistake:     "a version that is missing is replaced by a default",
	Plant: by(func(s *server.Seams) {
		s.SplitLine = func(r *server.Request, line string) error {
			if strings.Count(line, " ") == 1 {
				line += " HTTP/1.0"
			}
			return server.SplitLine(r, line)
		}
	}),
}, {
	Name:        "version-by-prefix",
	Sentence:    "HTTP/1.10 and HTTP/1.1x are taken for HTTP/1.1",
	Requirement: "HREQ-11",
	Mistake:     "only the beginning of the version is compared",
	Plant: by(func(s *server.Seams) {
		s.Version = func(r *server.Request) error {
			if strings.HasPrefix(r.Version, "HTTP/1.1") {
				r.Version = "HTTP/1.1"
			}
			return server.ReadVersion(r)
		}
	}),
}, {
	Name:        "minor-exact",
	Sentence:    "HTTP/1.2 is refused",
	Requirement: "HREQ-12",
	Mistake:     "the version is compared with the two that there are",
	Plant: by(func(s *server.Seams) {
		s.Version = func(r *server.Request) error {
			if err := server.ReadVersion(r); err != nil || r.Minor <= 1 {
				return err
			}
			return server.Refusing(505, "This server speaks HTTP/1.0 and HTTP/1.1.")
		}
	}),
}, {
	Name:        "target-unchecked",
	Sentence:    "a target with control characters, or without a slash before it, is taken",
	Requirement: "HREQ-13",
	Mistake:     "whatever stands between the two spaces is the target",
	Plant: by(func(s *server.Seams) {
		s.CheckTarget = func(*server.Conn, *server.Request) error { return nil }
		s.Target = func(r *server.Request) error {
			err := server.ReadTarget(r)
			if err != nil {
				r.Path, r.Query, _ = strings.Cut("/"+r.Target, "?")
			}
			if path, _, control := strings.Cut(r.Path, "\x00"); control {
				r.Path = path // it ends the name for the file system
			}
			r.Path = strings.TrimRight(r.Path, "\x01\x7f*")
			return nil
		}
	}),
}, {
	Name:        "fast-path-unchecked",
	Sentence:    "a target with DEL in it is taken when its line comes in one segment, and refused when it comes in two",
	Requirement: "HREQ-13",
	Mistake:     "a line that is there as a whole is looked through many bytes at a time, by a check that knows less",
	Plant: by(func(s *server.Seams) {
		s.CheckTarget = func(c *server.Conn, r *server.Request) error {
			if !c.In.Cut {
				return server.CheckTarget(strings.ReplaceAll(r.Target, "\x7f", "+"))
			}
			return server.CheckTarget(r.Target)
		}
	}),
}, {
	Name:        "connect-any",
	Sentence:    "CONNECT is answered with 200, whatever its target is",
	Requirement: "HREQ-14",
	Mistake:     "CONNECT is routed as every other method is",
	Plant: by(func(s *server.Seams) {
		s.Connect = func(*server.Request) error { return nil }
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			if r.Method == "CONNECT" {
				return server.Text(200, server.Page)
			}
			return server.Respond(c, r)
		}
	}),
}, {
	Name:        "method-unchecked",
	Sentence:    "G@T is answered as GET is",
	Requirement: "HREQ-15",
	Mistake:     "methods are told by a perfect hash of their length, first and last letter, and not compared with what it finds",
	Plant: by(func(s *server.Seams) {
		s.CheckMethod = func(string) error { return nil }
		s.Method = func(method string) string {
			for _, known := range server.Methods {
				if n := len(known); !server.IsToken(method) && len(method) == n && method[0] == known[0] && method[n-1] == known[n-1] {
					return known
				}
			}
			return method
		}
	}),
}, {
	Name:        "lf-only-in-one-segment",
	Sentence:    "a lone LF ends a line of the head when all of the head comes in one segment, and is refused when it does not",
	Requirement: "HREQ-16",
	Mistake:     "a head that came in one read is read by other code than one that came in several",
	Plant: by(func(s *server.Seams) {
		s.HeadEnds = func(c *server.Conn) server.Ends {
			head := string(c.In.Buf)
			return server.Ends{Lf: strings.Contains(head, "\n\n") || strings.Contains(head, "\n\r\n")}
		}
	}),
}, {
	Name:        "cr-ends-line",
	Sentence:    "a lone CR ends a line of the head",
	Requirement: "HREQ-17",
	Mistake:     "lines are read by something that knows many line ends",
	Plant:       by(func(s *server.Seams) { s.HeadEnds = func(*server.Conn) server.Ends { return server.Ends{Cr: true} } }),
}}
