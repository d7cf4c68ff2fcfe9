// Package exchange is the dialect of any other protocol: a file holds requests
// and says what must be answered, or leaves that to what the server answers to
// the whole, undivided message. Under every delivery the answer must be the same.
// The package is pure: it knows no network and no clock.
package exchange

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/internal/exchange/outline"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A File is an exchange file that has been read.
type File struct {
	Protocol string    // its name, in the author's words
	About    string    // one sentence; "" where the file has none
	Greeting Expect    // what the server says first; nil where the client speaks first
	Greets   bool      // the server speaks first
	Setup    []Step    // what comes first on every connection
	Messages []Message // the exchanges
	Leave    *Step     // what a client sends to leave
	Farewell Expect    // what the server may say when the client's side ends
	Masks    []observed.Mask
	Unasked  *match.Pattern // what the server may say at any time, beside its answers; nil where it says nothing
	// Pipelines says that a client may send the next request before it has the answer to the last.
	Pipelines bool
	Limits    dialect.Limits
	Captures  []Capture // of the greeting
	Values    map[string]string
	// Advice is what its user may do about answers that differ, where the file is ours; "" is what a file can say.
	Advice string
	// Warnings point at what is read, and is hardly meant.
	Warnings []FileError
}

// A Step is a request that is sent whole, and its answer.
type Step struct {
	Send     Value
	Expect   Expect    // nil is whatever the server says
	Captures []Capture // what of its answer is used later
}

// A Message is an exchange: what is delivered in every way, and its answer.
type Message struct {
	Name   string
	Before []Step // come whole before it
	Step
	Refused   Expect // how an answer begins by which the server refuses a part that is longer than it takes; nil where it takes all
	Closes    bool   // the server closes behind its answer
	Pipelines bool   // as the file's, where the exchange does not say otherwise
	Once      bool   // it can be sent once on a connection
	Forgets   bool   // the server keeps nothing of it behind its answer
}

// A FileError says what is wrong with an exchange file, and where.
type FileError = outline.FileError

// MostFile is how many bytes a file may have.
const MostFile = outline.MostFile

// A reader reads the nodes of an exchange file.
type reader struct {
	*outline.Reader
	names  []string          // that stand for something between braces
	values map[string]string // which mean the same on all connections
}

// Parse reads an exchange file; name is what errors call it. Its error is *FileError. What is set takes the place of values of the file, as
// NAME=VALUE.
func Parse(name string, text []byte, set ...string) (*File, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF")) // a byte order mark, as some editors write it
	root, nodes, err := outline.Parse(name, text)
	if err != nil {
		return nil, err
	}
	r := &reader{Reader: nodes, names: append([]string{"conn"}, captured(root)...), values: map[string]string{}}
	r.given(name, root, set)
	f := r.file(root)
	if r.Err == nil {
		r.sharing(messagesOf(root), f)
		f.Warnings, f.Values = r.Warnings, r.values
		return f, nil
	}
	return nil, r.Err
}

func (r *reader) file(root ast.Node) *File {
	f := &File{}
	var messages ast.Node
	for _, field := range r.Fields(root, "the file", "protocol", "about", "greeting", "setup", "exchanges", "leave", "farewell", "unasked", "masks", "pipelines", "limits", "capture", "values") {
		n := field.Value
		switch field.Key {
		case "protocol":
			if f.Protocol = strings.TrimSpace(r.Text(n, "protocol")); f.Protocol == "" && r.Err == nil {
				r.Fail(n, "protocol is empty: give it a name")
			}
		case "about":
			f.About = strings.TrimSpace(r.Text(n, "about"))
		case "greeting":
			f.Greets = true
			if !whatever(n) {
				f.Greeting = r.expect(n)
				r.ends(n, f.Greeting)
			}
		case "capture":
			f.Captures = r.captures(n)
		case "setup":
			f.Setup = r.steps(n, "setup")
		case "exchanges":
			messages = n
		case "leave":
			step := r.step(n, "leave", false)
			f.Leave = &step
		case "farewell":
			f.Farewell = r.expect(n)
		case "unasked":
			f.Unasked = r.unasked(n)
		case "masks":
			f.Masks = r.masks(n)
		case "pipelines":
			f.Pipelines = r.Bool(n, "pipelines")
		case "limits":
			f.Limits = r.limits(n)
		}
	}
	switch {
	case r.Err != nil:
	case f.Protocol == "":
		r.Fail(root, "the file wants protocol: the name of what the server speaks")
	case messages == nil:
		r.Fail(root, "the file wants exchanges: a list of what is sent, and what must be answered")
	case f.Captures != nil && !f.Greets:
		r.Fail(root, "what is captured here is of the greeting, and the file has none: write capture beside send, or give the file a greeting")
	default:
		f.Messages = r.messages(messages, f.Pipelines)
		r.order(messages, f)
	}
	return f
}

// whatever reports whether a node says that anything is right: it is empty, or the word "whatever".
func whatever(n ast.Node) bool {
	if _, empty := n.(*ast.NullNode); empty {
		return true
	}
	s, ok := n.(*ast.StringNode)
	return ok && s.Value == "whatever"
}

func (r *reader) messages(n ast.Node, pipelines bool) []Message {
	var all []Message
	var names []string
	for _, entry := range r.List(n, "exchanges") {
		m := r.message(entry, pipelines)
		if m.Name == "" {
			m.Name = fmt.Sprintf("exchange %d", len(all)+1)
		}
		if r.Err == nil && slices.Contains(names, m.Name) {
			r.Fail(entry, "there are two exchanges of the name %q", m.Name)
		}
		names = append(names, m.Name)
		all = append(all, m)
	}
	return all
}

func (r *reader) message(n ast.Node, pipelines bool) Message {
	m := Message{Pipelines: pipelines}
	said := false
	var expect, refused ast.Node
	for _, field := range r.Fields(n, "an exchange", "name", "before", "send", "expect", "refused", "forgets", "closes", "pipelines", "once") {
		switch field.Key {
		case "name":
			m.Name = strings.TrimSpace(r.Text(field.Value, "name"))
		case "before":
			m.Before = r.steps(field.Value, "before")
		case "closes":
			m.Closes = r.Bool(field.Value, "closes")
		case "pipelines":
			m.Pipelines, said = r.Bool(field.Value, "pipelines"), true
		case "forgets":
			m.Forgets = r.Bool(field.Value, "forgets")
		case "once":
			m.Once = r.Bool(field.Value, "once")
		case "refused":
			m.Refused, refused = r.expect(field.Value), field.Value
		case "expect":
			expect = field.Value
			r.half(&m.Step, field)
		default:
			r.half(&m.Step, field)
		}
	}
	switch {
	case r.Err != nil:
		return m
	case m.Send == nil:
		r.Fail(n, "an exchange wants send: the bytes of the request")
	case m.Closes && said && m.Pipelines:
		r.Fail(n, "an exchange after which the server closes cannot pipeline")
	case refused != nil && (m.Send.growth() == nil || m.Refused.learned() || (&Step{Expect: m.Refused}).names() != nil || m.Refused.For(unnamed).Matches(nil)):
		r.Fail(refused, "refused wants the first bytes of an answer to a message with a part that grows, without same and without names")
	case !m.Closes && expect != nil:
		r.ends(expect, m.Expect)
	}
	r.grows(n, m.Step)
	m.Once = m.Once || m.Closes
	m.Pipelines = m.Pipelines && !m.Closes && !m.Once && m.Before == nil
	return m
}

// grows refuses a message that grows in more than one part, or to which it is not known what must be answered then.
func (r *reader) grows(n ast.Node, s Step) {
	growing, grown := 0, false
	s.Send.each(func(p piece) {
		if p.grow != nil {
			growing++
		}
	})
	free := s.Expect == nil
	for _, p := range s.Expect {
		free = free || p.same
	}
	s.Expect.each(func(p piece) {
		if p.grow != nil {
			r.Fail(n, "what grows is a part of send: in expect, {grown: true} stands for what was sent there")
		}
		grown = grown || p.grown && growing == 0
	})
	switch {
	case grown:
		r.Fail(n, "{grown: true} stands in expect for what was sent in the part that grows: give send such a part, {grow: {from: 1, to: 1000}}")
	case growing > 1:
		r.Fail(n, "one part of a message grows, and here are %d", growing)
	case growing == 1 && free:
		r.Fail(n, "a message that grows wants expect, without same: what is learned of a short one is not known of a long one")
	}
}

// half reads send or expect.
func (r *reader) half(s *Step, f outline.Field) {
	switch {
	case f.Key == "send":
		s.Send = r.value(f.Value, "send")
		s.Send.each(func(p piece) {
			if p.grown {
				r.Fail(f.Value, "{grown: true} stands in expect for what was sent in the part that grows: in send that part is {grow: {from: 1, to: 1000}}")
			}
		})
		if s.Send.Len() == 0 && s.Send.growth() == nil {
			s.Send = nil
		}
	case !whatever(f.Value):
		s.Expect = r.expect(f.Value)
		if v, literal := s.Expect.Literal(); literal && v.Len() == 0 && v.fixed() && r.Err == nil {
			r.Fail(f.Value, "expect is empty: a request without an answer can show nothing")
		}
	}
}

func (r *reader) steps(n ast.Node, what string) []Step {
	var all []Step
	for _, entry := range r.List(n, what) {
		all = append(all, r.step(entry, what, true))
	}
	return all
}

// step reads a request that is sent whole. Where the connection goes on behind its answer, that has an end.
func (r *reader) step(n ast.Node, what string, goesOn bool) Step {
	var s Step
	known := []string{"send", "expect"}
	if goesOn {
		known = append(known, "capture")
	}
	for _, field := range r.Fields(n, what, known...) {
		if field.Key == "capture" {
			s.Captures = r.captures(field.Value)
			continue
		}
		if r.half(&s, field); goesOn && field.Key == "expect" {
			r.ends(field.Value, s.Expect)
		}
	}
	if r.Err == nil && s.Send == nil {
		r.Fail(n, "%s wants send: the bytes of the request", what)
	}
	if s.Send.growth() != nil {
		r.Fail(n, "the part that grows is of an exchange: %s is sent as it is", what)
	}
	return s
}

// unasked reads what the server may say at any time.
func (r *reader) unasked(n ast.Node) (p *match.Pattern) {
	for _, field := range r.Fields(n, "unasked", "pattern") {
		var err error
		if p, err = match.Unasked(r.Text(field.Value, "pattern")); err != nil {
			r.Fail(field.Value, "%v", err)
		}
	}
	if p == nil && r.Err == nil {
		r.Fail(n, "unasked wants pattern: what the server may say at any time")
	}
	return p
}

// beside is a pattern with what the server may say unasked before and behind it.
func (f *File) beside(p *match.Pattern) *match.Pattern {
	if f.Unasked == nil || p == nil {
		return p
	}
	return match.Join(f.Unasked, p, f.Unasked)
}

func (r *reader) masks(n ast.Node) []observed.Mask {
	var all []observed.Mask
	for _, entry := range r.List(n, "masks") {
		var m observed.Mask
		name, expr := "masked", ""
		var at ast.Node = entry
		for _, field := range r.Fields(entry, "a mask", "name", "pattern") {
			if field.Key == "name" {
				name = strings.TrimSpace(r.Text(field.Value, "name"))
			} else {
				expr, at = r.Text(field.Value, "pattern"), field.Value
			}
		}
		if r.Err == nil && expr == "" {
			r.Fail(entry, "a mask wants pattern: what varies")
		}
		if r.Err == nil {
			var err error
			if m, err = observed.NewMask(name, expr); err != nil {
				r.Fail(at, "%v", err)
			}
		}
		all = append(all, m)
	}
	return all
}

func (r *reader) limits(n ast.Node) dialect.Limits {
	var l dialect.Limits
	for _, field := range r.Fields(n, "limits", "clients", "idle", "messages", "polite") {
		switch field.Key {
		case "clients":
			l.Clients = r.Number(field.Value, "clients", 1, mostClients)
		case "idle":
			l.Idle = r.Duration(field.Value, "idle")
		case "messages":
			l.Messages = r.Number(field.Value, "messages", 1, mostClients)
		case "polite":
			l.Polite = r.Bool(field.Value, "polite")
		}
	}
	return l
}
