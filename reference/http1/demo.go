package http1

import (
	"fmt"
	"io"
	"strings"
)

// Demo is the handler of `streamspec serve --dialect http1`, on which each requirement
// of the contract can be shown: GET and HEAD of / have a fixed text with an ETag, and of /chunked the
// same text in parts, whose length is not said. POST to /echo answers the content. GET and
// POST of /inspect say what the server has understood of a request: its target, the host that it is
// for, and its X-Probe fields.
var Demo = Handler{Serve: demo}

const (
	demoText = "I am the server, I have got it.\n"
	demoTag  = `"streamspec"`
)

// demoMethods are the methods that a resource has; "*" is the server.
var demoMethods = map[string]string{
	"*":        "OPTIONS",
	"/":        "GET, HEAD, OPTIONS",
	"/chunked": "GET, HEAD, OPTIONS",
	"/echo":    "POST, OPTIONS",
	"/inspect": "GET, HEAD, POST, OPTIONS",
}

func demo(w *Answer, r *Request) error {
	if !isOneOf(r.Method, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE") {
		return Refuse(501, "This server does not know the method.") // RFC 9110, section 9.1 (HREQ-5)
	}
	methods, found := demoMethods[r.Path()]
	if !found {
		return Refuse(404, "There is nothing here.")
	}
	if !isOneOf(r.Method, methods) {
		if err := w.Set("Allow", methods); err != nil { // RFC 9110, section 15.5.6 (HSEM-6)
			return err
		}
		return Refuse(405, "The method is not one of this resource.")
	}
	switch {
	case r.Method == "OPTIONS":
		if err := w.Set("Allow", methods); err != nil {
			return err
		}
		return w.Status(204)
	case r.Path() == "/chunked":
		return demoChunked(w)
	case r.Path() == "/echo":
		return demoEcho(w, r)
	case r.Path() == "/inspect":
		return demoInspect(w, r)
	}
	if err := w.Set("ETag", demoTag); err != nil {
		return err
	}
	if matches(r.Fields) {
		return w.Status(304)
	}
	return w.Text(200, demoText)
}

// isOneOf says whether a list has exactly that member.
func isOneOf(s, list string) bool {
	for member := range strings.SplitSeq(list, ", ") {
		if s == member {
			return true
		}
	}
	return false
}

// matches says whether If-None-Match has the ETag of / (RFC 9110, section 13.1.2).
func matches(fields Fields) bool {
	for tag := range fields.Members("If-None-Match") {
		if tag == "*" || strings.TrimPrefix(tag, "W/") == demoTag {
			return true
		}
	}
	return false
}

// demoChunked answers in parts.
func demoChunked(w *Answer) error {
	for part := range strings.SplitAfterSeq(demoText, " ") {
		_, _ = w.WriteString(part) // whose error Flush returns too
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// demoEcho answers all of the content, when all of it has come: a part must not look like
// the whole (HLEN-8).
func demoEcho(w *Answer, r *Request) error {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := w.Set("Content-Type", "application/octet-stream"); err != nil {
		return err
	}
	if err := w.Length(int64(len(content))); err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

func demoInspect(w *Answer, r *Request) error {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "method: %s\ntarget: %s\nhost: %s\n", r.Method, r.Target, r.Authority)
	for value := range r.Fields.Values("X-Probe") {
		fmt.Fprintf(&text, "x-probe: %s\n", value)
	}
	return w.Text(200, text.String())
}
