package server

import (
	"net/netip"
	"strconv"
	"strings"
)

// A Request is what was read of one.
type Request struct {
	Seams                   *Seams
	Method, Target, Version string
	Minor                   int
	Path, Query             string
	Authority               string // of the target in absolute form; then the one that the request is for
	Fields                  []Field
	Trailers                []Field
	Framing                 Framing
	Expects                 bool // the client waits for 100
	Content                 string
	Whole                   bool // its head was read to the end
	Owed                    bool // see crlf-eaten-as-space
}

// A Field is one field line.
type Field struct{ Name, Value string }

// FieldOf makes a field.
func FieldOf(name, value string) Field { return Field{name, value} }

// Values returns the values of the fields of a name in lower case.
func (r *Request) Values(lower string) (all []string) {
	for _, f := range r.Fields {
		if Fold(f.Name) == lower {
			all = append(all, f.Value)
		}
	}
	return all
}

// readHead reads the head of a request.
func (c *Conn) readHead(r *Request) error {
	ends := c.HeadEnds(c)
	line := ""
	for skipped := 0; ; skipped++ {
		var err error
		if line, err = c.In.Line(c.Limits.Line, ends); err == errLong {
			return c.LongLine(c)
		} else if err != nil {
			return err
		}
		if line != "" || skipped >= c.EmptyLines {
			break
		}
		if len(c.In.Buf) == 0 { // between two requests
			if err := c.In.Fill(); err != nil {
				return err
			}
		}
	}
	for _, step := range []func(*Request) error{
		func(r *Request) error { return c.SplitLine(r, line) },
		func(r *Request) error { return c.CheckMethod(r.Method) },
		c.Version,
		func(r *Request) error { return c.CheckTarget(c, r) },
		c.readForm,
	} {
		if err := step(r); err != nil {
			return err
		}
	}
	var err error
	if r.Fields, err = c.readFields(r, ends); err != nil {
		return err
	}
	if r.Owed {
		if _, err := c.In.Line(c.Limits.Line, ends); err != nil {
			return err
		}
	}
	return c.Host(r)
}

// longLine refuses a request line that is too long: its method is, which none is that anybody knows, or its target (RFC 9112, section 3).
func longLine(c *Conn) error {
	if !strings.Contains(string(c.In.Buf[:min(c.Limits.Line, len(c.In.Buf))]), " ") {
		return Refusing(501, "The method is longer than any.")
	}
	return Refusing(414, "The request line is too long.")
}

// SplitLine divides a request line at its two spaces.
func SplitLine(r *Request, line string) error {
	words := strings.Split(line, " ")
	if len(words) != 3 {
		return Malformed("The request line is not a method, a target and a version with a space between them.")
	}
	r.Method, r.Target, r.Version = words[0], words[1], words[2]
	return nil
}

func checkMethod(method string) error {
	if !IsToken(method) {
		return Malformed("The method is no token.")
	}
	return nil
}

// ReadVersion reads HTTP/1. and one digit (RFC 9112, section 2.3).
func ReadVersion(r *Request) error {
	v := r.Version
	if len(v) != len("HTTP/1.1") || v[:5] != "HTTP/" || !IsDigit(v[5]) || v[6] != '.' || !IsDigit(v[7]) {
		return Malformed("The version is not HTTP/, a digit, a point and a digit.")
	}
	if v[5] != '1' {
		return Refusing(505, "This server speaks HTTP/1.1.")
	}
	r.Minor = int(v[7] - '0')
	return nil
}

// CheckTarget refuses octets that no URI has (RFC 3986, section 2).
func CheckTarget(target string) error {
	for i := range len(target) {
		if b := target[i]; b <= ' ' || b >= 0x7f || strings.IndexByte("\"<>\\^`{|}#", b) >= 0 {
			return Malformed("The target has an octet that no URI has.")
		}
	}
	return nil
}

// readForm reads a target in the form that its method asks for.
func (c *Conn) readForm(r *Request) error {
	if r.Method == "CONNECT" {
		return c.Connect(r)
	}
	return c.Target(r)
}

// ReadTarget reads a target in any form but CONNECT's (RFC 9112, section 3.2).
func ReadTarget(r *Request) error {
	rest := r.Target
	switch {
	case rest == "*" && r.Method == "OPTIONS":
		r.Path = rest
		return nil
	case len(rest) > 7 && Fold(rest[:7]) == "http://":
		rest = rest[7:]
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		r.Authority, rest = rest[:end], rest[end:]
		if err := r.Seams.CheckHost(r.Authority); err != nil || r.Authority == "" {
			return Malformed("The target's authority is no host.")
		}
		switch {
		case rest == "" && r.Method == "OPTIONS":
			rest = "*"
		case !strings.HasPrefix(rest, "/"):
			rest = "/" + rest
		}
	case !strings.HasPrefix(rest, "/"):
		return Malformed("The target is neither a path nor a URI.")
	}
	r.Path, r.Query, _ = strings.Cut(rest, "?")
	return nil
}

// refuseConnect refuses to be a proxy (RFC 9110, section 9.3.6).
func refuseConnect(r *Request) error {
	host, port, found := strings.Cut(r.Target, ":")
	if !found || host == "" || !isPort(port) || port == "" {
		return Malformed("The target of CONNECT is not a host and a port.")
	}
	return Refusing(501, "This server is no proxy.")
}

// readFields reads field lines up to the empty line behind them (RFC 9112, section 5).
func (c *Conn) readFields(r *Request, ends Ends) (fields []Field, err error) {
	for lines := 0; ; lines++ {
		raw, err := c.In.Line(c.Limits.Field, ends)
		switch {
		case err == errLong:
			return nil, c.LongField(c)
		case err != nil:
			return nil, err
		case raw == "":
			return fields, nil
		}
		if lines >= c.Limits.Fields {
			if err := c.TooMany(r); err != nil {
				return nil, err
			}
			continue
		}
		for _, line := range c.FieldLines(raw) {
			if fields, err = c.addField(fields, line); err != nil {
				return nil, err
			}
		}
	}
}

// addField adds what a field line says.
func (c *Conn) addField(fields []Field, line string) ([]Field, error) {
	if line == "" {
		return fields, nil
	}
	if IsBlank(line[0]) {
		return c.BlankLine(fields, line)
	}
	name, value, err := c.SplitField(line)
	if err != nil {
		return nil, err
	}
	if err := c.CheckName(name); err != nil {
		return nil, err
	}
	if value, err = c.Seams.Value(value); err != nil {
		return nil, err
	}
	return append(fields, Field{name, value}), nil
}

func RefuseBlank([]Field, string) ([]Field, error) {
	return nil, Malformed("A field line begins with white space.")
}

func SplitField(line string) (name, value string, err error) {
	name, value, found := strings.Cut(line, ":")
	if !found {
		return "", "", Malformed("A field line has no colon.")
	}
	return name, value, nil
}

func CheckName(name string) error {
	if !IsToken(name) {
		return Malformed("The name of a field is not a token right before its colon.")
	}
	return nil
}

// ReadValue leaves the white space around a value out, and refuses control bytes in it (RFC 9110, section 5.5).
func ReadValue(value string) (string, error) {
	for i := range len(value) {
		if isControl(value[i]) {
			return "", Malformed("The value of a field has a control byte.")
		}
	}
	return Trim(value), nil
}

// ReadHost finds out which authority the request is for (RFC 9112, section 3.2).
func ReadHost(r *Request) error {
	hosts := r.Values("host")
	switch {
	case len(hosts) > 1:
		return Malformed("The request has two Host fields.")
	case len(hosts) == 0 && r.Minor > 0:
		return Malformed("The request has no Host field.")
	case len(hosts) == 0:
		return nil
	}
	if err := r.Seams.CheckHost(hosts[0]); err != nil {
		return err
	}
	if r.Authority == "" {
		r.Authority = hosts[0]
	}
	return nil
}

// CheckHost refuses what is not a host with or without a port (RFC 3986, section 3.2). It may be empty (RFC 9112, section 3.2).
func CheckHost(s string) error {
	bad := Malformed("The host is not a name or an address, with or without a port.")
	host, port := s, ""
	if inside, isLiteral := strings.CutPrefix(s, "["); isLiteral {
		address, rest, closed := strings.Cut(inside, "]")
		ip, err := netip.ParseAddr(address)
		if !closed || err != nil || !ip.Is6() || rest != "" && rest[0] != ':' {
			return bad
		}
		host, port = "", strings.TrimPrefix(rest, ":")
	} else {
		host, port, _ = strings.Cut(s, ":")
	}
	for i := range len(host) {
		if b := host[i]; !isLetter(b) && !IsDigit(b) && strings.IndexByte("-._~!$&'()*+,;=%", b) < 0 {
			return bad
		}
	}
	if !isPort(port) || host == "" && port != "" && s[0] != '[' {
		return bad
	}
	return nil
}

// isPort says whether s is a port, or nothing.
func isPort(s string) bool {
	if s == "" {
		return true
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil && AreDigits(s)
}
