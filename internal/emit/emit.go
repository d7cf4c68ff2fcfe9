// Package emit turns a plan and what must come of it into a program of its own, for people who have nothing but the
// server: a Go test ([Go]) or a Python program ([Python]).
//
// A program sends the segments of the plan one write each. It cannot see whether two writes reached the server as two
// reads, so it sleeps at each cut. Every wait has a bound, and a wrong answer is shown beside the right one.
package emit

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"io"
	"strconv"
	"text/template"
	"time"

	"github.com/streamspec/streamspec/internal/plan"
)

// The bounds of a program. What is beyond them is refused with an error that says so.
const (
	MaxLiteral = 4 << 10         // of one run of bytes that is written out; what is longer is base64
	MaxBytes   = 1 << 20         // of all that a program holds, what it holds twice counted once
	MaxSleep   = 5 * time.Minute // of one client, over all its cuts
)

const (
	cutPause  = 50 * time.Millisecond  // at a cut, and before the end of the stream
	timeout   = 5 * time.Second        // of one wait for the server
	quietTime = 500 * time.Millisecond // that shows that nothing follows a right answer
)

// A Reproduction is a plan and what must come of it.
type Reproduction struct {
	Plan    plan.Plan
	Address string     // host:port of the server, where the program is given no other
	Title   string     // one sentence: the problem
	Clients []Expected // one for each client of the plan
}

// An Expected is what one client of the plan sends, and what must come back.
type Expected struct {
	Request []byte   // all that the client sends; the bytes of an exchange are not in the plan
	Answers [][]byte // the right answers, the most expected first; with a reset there may be none
	Prefix  bool     // any prefix of a right answer is right too, and so is a connection that breaks after it
	ToEnd   bool     // the server must close the connection after it
	Awaits  []Await  // where the client waits before it goes on, ascending
}

// An Await lets the client wait: after its first At bytes, all of Answer must have come before it goes on. Answer counts
// from the beginning of the connection.
type Await struct {
	At     int
	Answer []byte
}

// Formats are the names of the forms of a program: go, python.
func Formats() []string { return []string{"go", "python"} }

// Go writes the reproduction as a Go test, a file of the package repro that needs the standard library alone.
func Go(w io.Writer, r Reproduction) error {
	p, err := newProgram(r, goLanguage)
	if err != nil {
		return err
	}
	text, err := p.render("repro_test.go.tmpl")
	if err != nil {
		return err
	}
	if text, err = format.Source(text); err != nil {
		return fmt.Errorf("the Go program is not valid: %w", err)
	}
	_, err = w.Write(text)
	return err
}

// Python writes the reproduction as a program for Python 3.8 and newer, which needs the standard library alone. It exits
// 0 when the answer is right, 1 when it is wrong, 2 when the server was not reached.
func Python(w io.Writer, r Reproduction) error {
	p, err := newProgram(r, pythonLanguage)
	if err != nil {
		return err
	}
	text, err := p.render("repro.py.tmpl")
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

//go:embed templates
var templates embed.FS

// render fills the template of that name.
func (p *program) render(name string) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{
		"expr":    p.expression,
		"base64":  base64Lines,
		"comment": goComment,
		"goStr":   strconv.Quote,
		"pyStr":   pythonString,
	}).ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
