package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// hsemFaults are those of the answers.
var hsemFaults = []Fault{{
	Name:        "head-not-allowed",
	Sentence:    "HEAD is answered with 405 where GET is answered",
	Requirement: "HSEM-1",
	Mistake:     "routes have one method each, and nobody has written one for HEAD",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			if r.Method == "HEAD" && c.Forbids(r) == nil {
				r.Path = "/echo" // which has no GET
			}
			return server.Respond(c, r)
		}
	}),
}, {
	Name:        "status-line-no-space",
	Sentence:    "the status line ends with the status",
	Requirement: "HSEM-2",
	Mistake:     "no reason is sent, and the space before it is left out with it",
	Plant:       composed(func(_ *server.Request, a *server.Answer) { a.Line = fmt.Sprintf("HTTP/1.1 %d", a.Status) }),
}, {
	Name:        "version-echoed",
	Sentence:    "the status line has the version of the request, whatever that is",
	Requirement: "HSEM-2",
	Mistake:     "the version of the answer is copied from the request",
	Plant: composed(func(r *server.Request, a *server.Answer) {
		if r.Version != "" {
			a.Line = r.Version + strings.TrimPrefix(a.Line, "HTTP/1.1")
		}
	}),
}, {
	Name:        "length-of-characters",
	Sentence:    "Content-Length counts characters",
	Requirement: "HSEM-3",
	Mistake:     "the length of the text is taken before it is encoded",
	Plant: composed(func(_ *server.Request, a *server.Answer) {
		if n := utf8.RuneCountInString(a.Content); n != len(a.Content) && a.Status != 204 && a.Status != 304 && !a.IsChunked() {
			a.Set("Content-Length", strconv.Itoa(n))
		}
	}),
}, {
	Name:        "both-sent",
	Sentence:    "an answer in chunks has a Content-Length too",
	Requirement: "HSEM-3",
	Mistake:     "the application sets the length, and the server chunks what it is given",
	Plant: composed(func(_ *server.Request, a *server.Answer) {
		if a.IsChunked() {
			a.Set("Content-Length", strconv.Itoa(len(a.Content)))
		}
	}),
}, {
	Name:        "chunked-to-1.0",
	Sentence:    "an answer to HTTP/1.0 is in chunks",
	Requirement: "HSEM-4",
	Mistake:     "answers are chunked without a look at the version",
	Plant: composed(func(r *server.Request, a *server.Answer) {
		if r.Version == "HTTP/1.0" && a.Status == 200 {
			a.Set("Content-Length", "")
			a.Set("Transfer-Encoding", "chunked")
			if r.Method != "HEAD" {
				a.Body = server.InChunks(a.Content)
			}
		}
	}),
}, {
	Name:        "304-with-body",
	Sentence:    "a 304 has the content of a 200",
	Requirement: "HSEM-5",
	Mistake:     "the status is changed when the answer is ready, and the rest of it stays",
	Plant: composed(func(r *server.Request, a *server.Answer) {
		if a.Status == 304 && r.Method != "HEAD" {
			a.Body = server.Page
		}
	}),
}, {
	Name:        "405-without-allow",
	Sentence:    "a 405 does not say which methods there are",
	Requirement: "HSEM-6",
	Mistake:     "the status is set by hand",
	Plant: composed(func(_ *server.Request, a *server.Answer) {
		if a.Status == 405 {
			a.Set("Allow", "")
		}
	}),
}, {
	Name:        "no-date",
	Sentence:    "no answer has a Date",
	Requirement: "HSEM-7",
	Mistake:     "nobody has thought of it",
	Plant:       composed(func(_ *server.Request, a *server.Answer) { a.Set("Date", "") }),
}, {
	Name:        "header-injection",
	Sentence:    "an encoded CR LF in the target begins a field of the answer",
	Requirement: "HSEM-8",
	Mistake:     "the target is decoded, and then written into a field as it is",
	Plant: composed(func(_ *server.Request, a *server.Answer) {
		for i, f := range a.Fields {
			if decoded, err := url.PathUnescape(f.Value); err == nil && f.Name == "Content-Location" {
				a.Fields[i].Value = decoded
			}
		}
	}),
}, {
	Name:        "head-length-0",
	Sentence:    "the answer to HEAD says a Content-Length of 0",
	Requirement: "HSEM-9",
	Mistake:     "the length is counted where the content was taken away already",
	Plant: composed(func(r *server.Request, a *server.Answer) {
		if r.Method == "HEAD" && a.Status != 304 {
			a.Set("Content-Length", "0")
		}
	}),
}, {
	Name:        "trace-with-secrets",
	Sentence:    "TRACE is answered with all fields of the request, Cookie and Authorization among them",
	Requirement: "HSEM-10",
	Mistake:     "the request is repeated as it came",
	Plant: by(func(s *server.Seams) {
		s.Respond = func(c *server.Conn, r *server.Request) *server.Answer {
			if r.Method != "TRACE" {
				return server.Respond(c, r)
			}
			content := fmt.Sprintf("TRACE %s %s\r\n", r.Target, r.Version)
			for _, f := range r.Fields {
				content += f.Name + ": " + f.Value + "\r\n"
			}
			return &server.Answer{Status: 200, Content: content + "\r\n", Fields: []server.Field{server.FieldOf("Content-Type", "message/http")}}
		}
	}),
}}
