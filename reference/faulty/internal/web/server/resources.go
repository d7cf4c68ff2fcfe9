package server

import (
	"fmt"
	"slices"
	"strings"
)

const (
	Page = "I am a server, and there is a fault in me or none.\n"
	tag  = `"web"`
)

// resources are the methods of each path; "*" is the server itself.
var resources = map[string][]string{
	"*":        {"OPTIONS"},
	"/":        {"GET", "HEAD", "OPTIONS"},
	"/echo":    {"POST", "OPTIONS"},
	"/inspect": {"GET", "HEAD", "POST", "OPTIONS"},
}

// methods are those that the server knows.
var Methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}

// Forbids says why a request does not get what it asks for, whatever its body is; nil where it does.
func (c *Conn) Forbids(r *Request) *Refusal {
	method := c.Method(r.Method)
	allowed, found := resources[r.Path]
	switch {
	case !slices.Contains(Methods, method):
		return Refusing(501, "This server does not know the method.")
	case !found:
		return Refusing(404, "There is nothing here.")
	case !slices.Contains(allowed, method):
		return Refusing(405, "The method is not one of this resource’s.")
	}
	return nil
}

// allowed is the Allow field of a refusal for the method (RFC 9110, section 15.5.6).
func (c *Conn) allowed(r *Request) []Field {
	if allowed, found := resources[r.Path]; found {
		return []Field{{"Allow", strings.Join(allowed, ", ")}}
	}
	return nil
}

// Respond answers a request that was read to its end.
func Respond(c *Conn, r *Request) *Answer {
	if why := c.Forbids(r); why != nil {
		a := refuse(why)
		if why.Status == 405 {
			a.Fields = append(a.Fields, c.allowed(r)...)
		}
		return a
	}
	method := c.Method(r.Method)
	switch {
	case method == "OPTIONS":
		return &Answer{Status: 204, Fields: c.allowed(r)}
	case r.Path == "/echo":
		return &Answer{Status: 200, Content: r.Content, Parts: r.Framing.Chunked, Fields: []Field{{"Content-Type", "application/octet-stream"}}}
	case r.Path == "/inspect":
		a := Text(200, inspect(r))
		a.Fields = append(a.Fields, Field{"Content-Location", escaped(r.Target)})
		return a
	case HasMember(r.Values("if-none-match"), tag):
		return &Answer{Status: 304, Fields: []Field{{"ETag", tag}}}
	}
	a := Text(200, Page)
	a.Fields = append(a.Fields, Field{"ETag", tag}, Field{"Content-Location", escaped(r.Target)})
	return a
}

// inspect is what was understood of a request.
func inspect(r *Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "method: %s\ntarget: %s\nhost: %s\n", r.Method, r.Target, r.Authority)
	for _, f := range r.Fields {
		fmt.Fprintf(&b, "field %s: %s\n", f.Name, f.Value)
	}
	fmt.Fprintf(&b, "content: %d bytes\n", len(r.Content))
	return b.String()
}

// escaped encodes the bytes of a target that no field may have.
func escaped(target string) string {
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
