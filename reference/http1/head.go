package http1

import (
	"bytes"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// errLongHead is what too many field lines, or too long ones, are refused with
// (RFC 9110, section 5.4; RFC 6585, section 5; HFLD-16).
var errLongHead = &Refusal{431, "The fields are too many, or too long."}

// readHead reads the head of a request into r, from its first byte on. Its error is the
// stream's while nothing of a request has come.
func (c *conn) readHead(r *Request) error {
	if err := c.skipEmptyLine(); err != nil {
		return err
	}
	c.hurry()
	defer c.relax()
	line, err := c.readRequestLine(r)
	if err != nil {
		return err
	}
	authority, err := parseRequestLine(line, c.scheme, r)
	if err != nil {
		return err
	}
	if r.Fields, err = c.readFields(); err != nil {
		return err
	}
	if err := checkHost(r, authority); err != nil {
		return err
	}
	return c.frame(r)
}

// hurry bounds, by HeadTime from now on, all that is read until relax. A stream that has
// no deadlines has no bounds at all.
func (c *conn) hurry() { _ = c.stream.SetReadDeadline(time.Now().Add(c.limits.HeadTime)) }

func (c *conn) relax() { _ = c.stream.SetReadDeadline(time.Time{}) }

// skipEmptyLine waits for the first byte of a request. One empty line before it is left out
// (RFC 9112, section 2.2; HREQ-1): some clients send one behind a body. What cannot begin a request is
// refused at once: it may be another protocol's, and no line may ever end in it.
func (c *conn) skipEmptyLine() error {
	for skipped := false; ; skipped = true {
		some, err := c.stream.PeekSome()
		switch {
		case err != nil:
			return err
		case classes[some[0]]&tokenOctet != 0:
			return nil
		case skipped || some[0] != '\r':
			return malformed("A request does not begin with a method.")
		}
		c.hurry()
		line, err := c.stream.ReadRawLine(len("\r\n"))
		c.relax()
		if err != nil {
			return inLine(err, &Refusal{400, "A CR stands alone."})
		}
		if _, err := content(line); err != nil {
			return err
		}
		_ = c.stream.Send() // nothing was asked: the connection is between two requests
	}
}

// readRequestLine returns the request line, without its CR LF.
func (c *conn) readRequestLine(r *Request) (string, error) {
	raw, err := c.stream.ReadRawLine(c.limits.Line + len("\r\n"))
	if err == reference.ErrLongLine {
		return "", c.longRequestLine(r)
	}
	if err != nil {
		return "", inMessage(err)
	}
	line, err := content(raw)
	return string(line), err
}

// longRequestLine returns what a request line is refused with that is longer than the
// limit: its method is, which none is that anybody knows, or its target (RFC 9112,
// section 3).
func (c *conn) longRequestLine(r *Request) error {
	some, err := c.stream.PeekSome()
	if err != nil {
		return inMessage(err)
	}
	method, _, found := bytes.Cut(some[:c.limits.Line], []byte(" "))
	if !found {
		return &Refusal{501, "The method is longer than any."}
	}
	r.Method = string(method)
	return &Refusal{414, "The request line is too long."}
}

// content returns a line without its CR LF. That a recipient may take a lone LF for it
// (RFC 9112, section 2.2) is not made use of: two readers part there (HREQ-16, HCHK-8).
func content(raw []byte) ([]byte, error) {
	line, ends := bytes.CutSuffix(raw, []byte("\r\n"))
	if !ends {
		return nil, malformed("A line does not end in CR LF.")
	}
	return line, nil
}

// readFields reads field lines up to the empty line behind them (RFC 9112, section 5).
func (c *conn) readFields() (Fields, error) {
	text, spans := c.scratch.text[:0], c.scratch.spans[:0]
	defer func() { c.scratch.text, c.scratch.spans = text[:0], spans[:0] }()
	for left := c.limits.Fields; ; {
		raw, err := c.stream.ReadRawLine(left + len("\r\n"))
		if err != nil {
			return nil, inLine(err, errLongHead)
		}
		line, err := content(raw)
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			return makeFields(string(text), spans), nil
		}
		if left -= len(raw); left < 0 || len(spans) == c.limits.FieldCount {
			return nil, errLongHead
		}
		name, value, err := parseField(line)
		if err != nil {
			return nil, err
		}
		text = append(append(text, name...), value...)
		spans = append(spans, span{len(name), len(value)})
	}
}

// A span is how long the name and the value of a field are.
type span struct{ name, value int }

// makeFields cuts the fields out of the text that has their names and values, one after
// another, so that all of them take two pieces of memory.
func makeFields(text string, spans []span) Fields {
	if len(spans) == 0 {
		return nil
	}
	fields := make(Fields, len(spans))
	for i, s := range spans {
		fields[i] = Field{text[:s.name], text[s.name : s.name+s.value]}
		text = text[s.name+s.value:]
	}
	return fields
}

// parseField divides a field line (RFC 9112, section 5). White space before the colon
// (section 5.1; HFLD-5), a folded line (section 5.2; HFLD-6, HFLD-7) and control bytes in the
// value (RFC 9110, section 5.5; HFLD-8 to HFLD-10) are refused.
func parseField(line []byte) (name, value []byte, err error) {
	if isBlank(line[0]) {
		return nil, nil, malformed("A field line begins with white space.")
	}
	name, value, found := bytes.Cut(line, []byte(":"))
	switch value = bytes.Trim(value, " \t"); {
	case !found:
		return nil, nil, malformed("A field line has no colon.")
	case !isToken(name):
		return nil, nil, malformed("The name of a field is not a token right before a colon.")
	case !all(value, valueOctet):
		return nil, nil, malformed("The value of a field has a control byte.")
	}
	return name, value, nil
}

// checkHost finds out which authority is asked (RFC 9112, section 3.2; RFC 9110,
// section 7.2; HFLD-1 to HFLD-4): target's, that of a target in absolute form, else Host's.
func checkHost(r *Request, target string) error {
	lines := 0
	for host := range r.Fields.Values("Host") {
		if lines++; lines > 1 {
			return malformed("The request has two Host fields.")
		}
		if !isAuthority(host) {
			return malformed("The Host field is not a host with or without a port.")
		}
		r.Authority = host
	}
	if lines == 0 && r.Minor > 0 {
		return malformed("The request has no Host field.")
	}
	if target != "" {
		r.Authority = target
	}
	return nil
}
