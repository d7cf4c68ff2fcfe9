package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Answer is what is sent to one request.
type Answer struct {
	Status  int
	Fields  []Field
	Content string
	Parts   bool // its content goes in chunks, where the client understands them
	Closes  bool // the connection ends behind it
	Refusal bool // the request was refused before it was whole

	// These are set when it is composed.
	Line string // the status line
	Body string // what follows the head, as it goes over the wire
}

var Reasons = map[int]string{
	101: "Switching Protocols", 200: "OK", 204: "No Content", 301: "Moved Permanently", 304: "Not Modified", 400: "Bad Request",
	401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 411: "Length Required",
	413: "Content Too Large", 414: "URI Too Long", 417: "Expectation Failed", 431: "Request Header Fields Too Large",
	501: "Not Implemented", 505: "HTTP Version Not Supported",
}

// Text is an answer of plain text.
func Text(status int, content string) *Answer {
	return &Answer{Status: status, Content: content, Fields: []Field{{"Content-Type", "text/plain; charset=utf-8"}}}
}

// refuse is the answer to what is refused.
func refuse(why *Refusal) *Answer { return Text(why.Status, why.text+"\n") }

// dateFormat is RFC 9110's (section 5.6.7).
const dateFormat = "Mon, 02 Jan 2006 15:04:05 GMT"

// compose sets how an answer goes over the wire.
func (c *Conn) compose(r *Request, a *Answer) {
	a.Line = fmt.Sprintf("HTTP/1.1 %d %s", a.Status, Reasons[a.Status])
	a.Fields = append([]Field{{"Date", time.Now().UTC().Format(dateFormat)}}, a.Fields...)
	a.Body = a.Content
	switch {
	case a.Status < 200 || a.Status == 204 || a.Status == 304:
		a.Body = ""
	case a.Parts && r.Minor > 0:
		a.Fields = append(a.Fields, Field{"Transfer-Encoding", "chunked"})
		a.Body = InChunks(a.Content)
	default:
		a.Fields = append(a.Fields, Field{"Content-Length", strconv.Itoa(len(a.Content))})
	}
	if r.Method == "HEAD" {
		a.Body = ""
	}
	switch {
	case a.Closes:
		a.Fields = append(a.Fields, Field{"Connection", "close"})
	case r.Minor == 0:
		a.Fields = append(a.Fields, Field{"Connection", "keep-alive"})
	}
	c.Composed(c, r, a)
}

// InChunks is a content as one chunk and the last.
func InChunks(content string) string {
	if content == "" {
		return "0\r\n\r\n"
	}
	return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(content), content)
}

// bytes returns the answer as it goes over the wire.
func (a *Answer) bytes() []byte {
	var b strings.Builder
	b.WriteString(a.Line + "\r\n")
	for _, f := range a.Fields {
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	b.WriteString("\r\n" + a.Body)
	return []byte(b.String())
}

// Set gives the field of that name that value, or takes it away where the value is "".
func (a *Answer) Set(name, value string) {
	kept := a.Fields[:0]
	for _, f := range a.Fields {
		if f.Name == name {
			if value == "" {
				continue
			}
			f.Value, value = value, ""
		}
		kept = append(kept, f)
	}
	if value != "" {
		kept = append(kept, Field{name, value})
	}
	a.Fields = kept
}

// IsChunked says whether an answer that was composed is in chunks.
func (a *Answer) IsChunked() bool {
	for _, f := range a.Fields {
		if f.Name == "Transfer-Encoding" {
			return true
		}
	}
	return false
}
