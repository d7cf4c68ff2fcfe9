package server

import (
	"errors"
	"io"

	"github.com/streamspec/streamspec/reference"
)

// A Conn is one connection.
type Conn struct {
	*Seams
	In   Input
	out  reference.Stream
	Last *Request // the one before

	// These are for faults.
	Held    []*Answer // answers that are held back
	Whole   bool      // a chunk was there as a whole, with its CR LF
	Closing bool      // the connection ends when nothing is left of what was read
}

// Serve answers the requests of a connection, one after another.
func (s *Seams) Serve(stream reference.Stream) error {
	c := &Conn{Seams: s, In: Input{stream: stream}, out: stream}
	c.Begin(c)
	defer c.AtEnd(c)
	for {
		again, err := c.exchange()
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil // the client has left
		}
		if err != nil || !again {
			return err
		}
	}
}

// exchange reads a request and answers it. It says whether there may be another.
func (c *Conn) exchange() (again bool, err error) {
	if len(c.In.Buf) == 0 {
		if err := c.In.Fill(); err != nil {
			return false, err
		}
	}
	r := &Request{Seams: c.Seams}
	a, err := c.read(r)
	var why *Refusal
	if errors.As(err, &why) {
		a = refuse(why)
		a.Refusal = true
	} else if err != nil {
		return false, err
	}
	early := a != nil
	if !early {
		a = c.Respond(c, r)
	}
	a.Closes = a.Closes || why != nil || r.Framing.Closes || !c.Persists(c, r)
	c.compose(r, a)
	if err := c.Send(c, r, a); err != nil {
		return false, err
	}
	c.Last = r
	if why != nil {
		return c.Refused(c, r, why), nil
	}
	if early && !a.Closes { // what is wrong with the body ends the connection
		if err := c.readBody(r); errors.As(err, &why) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return !a.Closes, nil
}

// read reads a request, and returns the answer that is given before its body is read, if there is one.
func (c *Conn) read(r *Request) (*Answer, error) {
	if err := c.readHead(r); err != nil {
		return nil, err
	}
	r.Whole = true
	if err := c.frame(r); err != nil {
		return nil, err
	}
	c.Framed(c, r)
	if r.Framing.Length > c.Limits.Body {
		return nil, errTooLarge
	}
	if a := c.Early(c, r); a != nil {
		return a, nil
	}
	if !r.Framing.HasBody() && !r.Expects {
		return nil, nil
	}
	if r.Expects {
		if err := c.Invite(c, r); err != nil {
			return nil, err
		}
	}
	err := c.readBody(r)
	if err == io.ErrUnexpectedEOF {
		err = c.CutShort(c, r, err)
	}
	return nil, err
}

var errTooLarge = Refusing(413, "The content is larger than this server takes.")

// Persists says whether the client lets the connection go on (RFC 9112, section 9.3).
func Persists(_ *Conn, r *Request) bool {
	if HasMember(r.Values("connection"), "close") {
		return false
	}
	return r.Minor > 0 || HasMember(r.Values("connection"), "keep-alive")
}

// ExpectsContinue says whether the client waits for 100 before it sends the body (RFC 9110, section 10.1.1).
func ExpectsContinue(_ *Conn, r *Request) (bool, error) {
	if r.Minor == 0 {
		return false, nil
	}
	all := Members(r.Values("expect"))
	for _, member := range all {
		if Fold(member) != "100-continue" {
			return false, Refusing(417, "This server meets no expectation but 100-continue.")
		}
	}
	return len(all) > 0 && r.Framing.HasBody(), nil
}

// Invite sends the 100 that the client waits for.
func Invite(c *Conn, _ *Request) error {
	c.out.WriteContent("HTTP/1.1 100 Continue\r\n\r\n")
	return c.out.Send()
}

// Early answers a client that waits for 100 at once, where the body makes no difference, and ends the connection: nobody knows
// whether the body still comes.
func Early(c *Conn, r *Request) *Answer {
	if !r.Expects {
		return nil
	}
	if why := c.Forbids(r); why != nil {
		a := refuse(why)
		a.Fields = append(a.Fields, c.allowed(r)...)
		a.Closes = true
		return a
	}
	return nil
}

// Write sends an answer.
func (c *Conn) Write(a *Answer) error {
	c.out.WriteBytes(a.bytes())
	return c.out.Send()
}
