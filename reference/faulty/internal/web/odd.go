package web

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// oddServers are right, and look odd.
var oddServers = []Fault{{
	Name:     "closes-after-each",
	Sentence: "the connection is closed behind each answer, which says so",
	Warned:   []string{"HCON-1"},
	Plant:    by(func(s *server.Seams) { s.Persists = func(*server.Conn, *server.Request) bool { return false } }),
}, {
	Name:     "http1.0-only",
	Sentence: "answers are of HTTP/1.0, and there are neither chunks nor a second request",
	Plant: by(func(s *server.Seams) {
		s.Persists = func(*server.Conn, *server.Request) bool { return false }
		s.Host = func(r *server.Request) error {
			err := server.ReadHost(r)
			r.Minor = 0
			return err
		}
		s.Composed = func(_ *server.Conn, _ *server.Request, a *server.Answer) {
			a.Line = "HTTP/1.0" + strings.TrimPrefix(a.Line, "HTTP/1.1")
		}
	}),
}, {
	Name:     "strict",
	Sentence: "all is refused that may be, the valid forms that no usual client sends among them",
	Plant:    by(strict),
}, {
	Name:     "lenient",
	Sentence: "all is taken that may be",
	Warned:   []string{"SMUG-4"},
	Plant:    by(lenient),
}, {
	Name:     "answers-early",
	Sentence: "what the body makes no difference to is answered before it comes, and the body then read",
	Plant: by(func(s *server.Seams) {
		s.Early = func(c *server.Conn, r *server.Request) *server.Answer {
			if r.Expects {
				return server.Early(c, r)
			}
			if c.Forbids(r) != nil || r.Path == "/" {
				return server.Respond(c, r)
			}
			return nil
		}
	}),
}, {
	Name:     "always-401",
	Sentence: "every request is answered with 401",
	Unjudged: true,
	Plant:    everybody(401, server.FieldOf("WWW-Authenticate", `Basic realm="web"`)),
}, {
	Name:     "always-301",
	Sentence: "every request is sent elsewhere",
	Unjudged: true,
	Plant:    everybody(301, server.FieldOf("Location", "http://elsewhere.example/")),
}, {
	Name:     "always-not-found",
	Sentence: "every request is answered with 404, each as a request of its own",
	Unjudged: true,
	Plant:    everybody(404),
}, {
	Name:     "one-at-a-time",
	Sentence: "one connection is served at a time, and others wait until that has ended",
	Warned:   []string{"CONC-2"},
	Plant:    plantSerial,
}, {
	Name:     "chunked-answers",
	Sentence: "every answer to HTTP/1.1 is in chunks",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			a := server.Respond(c, r)
			a.Parts = true
			return a
		}
	}),
}, {
	Name:     "small-limits",
	Sentence: "a line has up to 8 KiB, and a request up to 20 fields",
	Warned:   []string{"HFLD-17"},
	Plant: by(func(s *server.Seams) {
		s.Limits.Line, s.Limits.Field, s.Limits.Fields, s.Limits.ChunkLine = 8<<10, 8<<10, 20, 8<<10
	}),
}, {
	Name:     "any-method",
	Sentence: "a method that nobody knows is answered as GET is, which is its application's choice",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			if why := c.Forbids(r); why != nil && why.Status == 501 {
				r.Method = "GET"
			}
			return server.Respond(c, r)
		}
	}),
}, {
	Name:     "compresses",
	Sentence: "content is compressed for those who accept gzip, and for nobody else",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			a := server.Respond(c, r)
			if server.HasMember(r.Values("accept-encoding"), "gzip") && a.Content != "" {
				a.Content = compressed(a.Content)
				a.Fields = append(a.Fields, server.FieldOf("Content-Encoding", "gzip"))
			}
			a.Fields = append(a.Fields, server.FieldOf("Vary", "Accept-Encoding"))
			return a
		}
	}),
}}

func compressed(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(content)) // of a buffer, whose writes do not fail
	_ = w.Close()
	return b.String()
}

// everybody plants one answer to whatever is asked.
func everybody(status int, fields ...server.Field) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.Early = func(_ *server.Conn, r *server.Request) *server.Answer {
			if !r.Expects {
				return nil
			}
			a := server.Text(status, server.Reasons[status]+"\n")
			a.Fields = append(a.Fields, fields...)
			a.Closes = true
			return a
		}
		s.Respond = func(*server.Conn, *server.Request) *server.Answer {
			a := server.Text(status, server.Reasons[status]+"\n")
			a.Fields = append(a.Fields, fields...)
			return a
		}
	})
}

func plantSerial(changes *plant.Changes) {
	slot := make(chan struct{}, 1)
	by(func(s *server.Seams) {
		s.Begin = func(c *server.Conn) {
			select {
			case slot <- struct{}{}:
				c.Whole = true
			case <-changes.Stopped():
			}
		}
		s.AtEnd = func(c *server.Conn) {
			if c.Whole {
				<-slot
			}
		}
	})(changes)
}

// strict refuses all that may be refused, and is right: no SHOULD is broken.
func strict(s *server.Seams) {
	s.Both = func(*server.Request, int64) (server.Framing, error) {
		return server.Framing{}, server.Malformed("The request has a Content-Length and a Transfer-Encoding.")
	}
	s.CheckHost = func(host string) error {
		if host == "" {
			return server.Malformed("The Host field is empty.")
		}
		return server.CheckHost(host)
	}
	s.Host = func(r *server.Request) error {
		if len(r.Values("host")) == 0 {
			return server.Malformed("The request has no Host field.")
		}
		return server.ReadHost(r)
	}
	s.Unframed = func(r *server.Request) (server.Framing, error) {
		if r.Method == "POST" {
			return server.Framing{}, server.Refusing(411, "The request does not say how long its body is.")
		}
		return server.Framing{}, nil
	}
	s.Number = func(value string) (int64, error) {
		if len(value) > 19 {
			return 0, server.Malformed("The Content-Length has more digits than any needs.")
		}
		return server.ReadNumber(value)
	}
	s.Value = func(value string) (string, error) {
		if bare := strings.Trim(value, " "); strings.HasPrefix(bare, "\t") || strings.HasSuffix(bare, "\t") {
			return "", server.Malformed("A tab stands around a value.")
		}
		return server.ReadValue(value)
	}
	s.Chunked = func(values []string) (bool, error) {
		for _, value := range values {
			if value != "" && slices.Contains(strings.Split(strings.ReplaceAll(value, " ", ""), ","), "") {
				return false, server.Malformed("The list of codings has an empty element.")
			}
		}
		return server.IsChunked(values)
	}
	s.ChunkSize = func(digits string) (int64, error) {
		if len(digits) > 16 {
			return 0, server.Malformed("A size has more digits than any needs.")
		}
		return server.ReadSize(digits)
	}
	s.Extensions = func(extensions string) error {
		if strings.ContainsAny(extensions, " \t\"") {
			return server.Malformed("An extension has white space or a quoted string.")
		}
		return server.CheckExtensions(extensions)
	}
	s.Framed = func(c *server.Conn, r *server.Request) {
		if r.Framing.HasBody() && c.Forbids(r) != nil {
			r.Framing.Closes = true
		}
	}
}

// lenient takes all that may be taken, in the way in which it may be.
func lenient(s *server.Seams) {
	s.EmptyLines = 1 << 30
	s.HeadEnds = func(*server.Conn) server.Ends { return server.Ends{Lf: true} }
	s.SplitLine = func(r *server.Request, line string) error {
		words := strings.FieldsFunc(line, func(b rune) bool { return strings.ContainsRune(" \t\v\f\r", b) })
		if len(words) != 3 {
			return server.Malformed("The request line is not three words.")
		}
		r.Method, r.Target, r.Version = words[0], words[1], words[2]
		return nil
	}
	s.Version = func(r *server.Request) error {
		if v := r.Version; len(v) == 8 && v[:5] == "HTTP/" && '2' <= v[5] && v[5] <= '9' && v[6] == '.' && server.IsDigit(v[7]) {
			r.Minor = 1
			return nil
		}
		return server.ReadVersion(r)
	}
	s.CheckTarget = func(_ *server.Conn, r *server.Request) error {
		return server.CheckTarget(strings.Map(func(b rune) rune {
			if b > 0x7f || strings.ContainsRune("\"<>\\^`{|}#", b) {
				return '+'
			}
			return b
		}, r.Target))
	}
	s.BlankLine = func(fields []server.Field, line string) ([]server.Field, error) {
		value, err := s.Value(line)
		if n := len(fields); n > 0 && err == nil {
			fields[n-1].Value = server.Trim(fields[n-1].Value + " " + value)
		}
		return fields, err // before the first field it is skipped (RFC 9112, section 2.2)
	}
	s.Value = func(value string) (string, error) {
		return server.Trim(strings.NewReplacer("\r", " ", "\x00", " ").Replace(value)), nil
	}
	s.Length = func(c *server.Conn, values []string) (n int64, err error) {
		for i, member := range server.Members(values) {
			next, err := c.Number(member)
			if err != nil || i > 0 && next != n {
				return 0, server.Malformed("The lengths are not equal.")
			}
			n = next
		}
		if len(server.Members(values)) < len(values) {
			return 0, server.Malformed("The Content-Length is empty.")
		}
		return n, nil
	}
	s.CodedOld = func(*server.Request, int64) (server.Framing, error) {
		return server.Framing{Chunked: true, Closes: true}, nil
	}
	s.SplitChunk = func(c *server.Conn, line string) (size, extensions string) {
		size, extensions = server.SplitChunk(c, line)
		return size, strings.TrimRight(extensions, " \t;")
	}
	s.Trailers = func(c *server.Conn, _ *server.Request) error {
		for {
			if line, err := c.In.Line(c.Limits.Field, server.Ends{Lf: true}); line == "" || err != nil {
				return err
			}
		}
	}
	s.Expects = func(_ *server.Conn, r *server.Request) (bool, error) {
		return r.Minor > 0 && server.HasMember(r.Values("expect"), "100-continue") && r.Framing.HasBody(), nil
	}
}
