//go:build linux

package faulty_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
)

// eachControl runs a test for each control in each dialect.
func eachControl(t *testing.T, test func(t *testing.T, control faulty.Control, dialect string)) {
	for _, control := range faulty.Controls() {
		for _, dialect := range control.Dialects {
			if dialect == "http1" { // internal/web shows these
				continue
			}
			t.Run(control.Name+"/"+dialect, func(t *testing.T) { test(t, control, dialect) })
		}
	}
}

// startControl serves until the test ends.
func startControl(t *testing.T, control faulty.Control, dialect string, cfg reference.Config) target {
	t.Helper()
	server, err := faulty.NewControl(control.Name, dialect, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, server, patience)
}

// rightChecks are passed by every right server.
var rightChecks = []struct {
	name  string
	check check
}{
	{"a plain session", word},
	{"a session cut in several places", cutInSeveralPlaces},
	{"a half-close with data", halfCloseWithData},
	{"clients that leave", clientsThatLeave},
	{"many clients at once", manyClients},
	{"descriptors", costsNothing(word)},
}

func TestControlsAreRight(t *testing.T) {
	eachControl(t, func(t *testing.T, control faulty.Control, dialect string) {
		s := startControl(t, control, dialect, reference.Config{})
		for _, c := range rightChecks {
			if err := c.check(s, dialect); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		size := 1 << 20
		if control.Name == "one-byte-reads" {
			size = 1 << 17 // each byte is an answer of its own in some dialects
		}
		if err := manyBytesOf(s, dialect, size); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		if dialect == "line" || dialect == "script" {
			if err := survivesFailure(s, dialect); err != nil {
				t.Errorf("a failing handler: %v", err)
			}
		}
		if dialect == "script" {
			if err := closesOverUnreadInput(s, dialect); err != nil {
				t.Errorf("unread input: %v", err)
			}
		}
	})
}

// cutInSeveralPlaces cuts inside words, a line end and a character. Each part is
// answered in part, so that the server has read it when the next one leaves.
func cutInSeveralPlaces(s target, dialect string) error {
	switch dialect {
	case "line":
		return s.converse(
			turn{"x\nhel", "x\n"},
			turn{"lo\r", ""},
			turn{"\ncaf\xc3", "hello\n"},
			turn{"\xa9\nlast", "café\nlast\n"},
		)
	case "script":
		return s.converse(
			turn{"WRITE x\nSEND\nREA", "x"},
			turn{"D 5\nhelloSEND\r", ""},
			turn{"\nREADLINE 9\ncaf\xc3", "5:hello,"},
			turn{"\xa9\r\nSEND\nREAD 4\nab", "5:café,"},
			turn{"cdSEND\n", "4:abcd,"},
		)
	}
	return s.converse(say(dialect, "a"), turn{"\r", "\r"}, turn{"\n\xc3", "\n\xc3"}, turn{"\xa9\x00", "\xa9\x00"})
}

// manyBytesOf has size bytes answered.
func manyBytesOf(s target, dialect string, size int) error {
	many := strings.Repeat("0123456789abcdef", size/16)
	switch dialect {
	case "line":
		lines := strings.Repeat(many[:50000]+"\n", size/50000)
		return s.converse(turn{lines, lines})
	case "script":
		return s.converse(turn{fmt.Sprintf("READ %d\n%sSEND\n", size, many), fmt.Sprintf("%d:%s,", size, many)})
	}
	return s.converse(say(dialect, many))
}

func halfCloseWithData(s target, dialect string) error {
	switch dialect {
	case "line":
		return s.converse(turn{"first\nlast", "first\nlast\n"})
	case "script":
		return s.converse(turn{"ATEND\nREAD 9\nabc", "3:abc,"})
	}
	return word(s, dialect)
}

// clientsThatLeave leave before, inside and behind a request, by FIN and by RST.
func clientsThatLeave(s target, dialect string) error {
	request := say(dialect, "never read").send
	for _, part := range []string{"", request[:len(request)/2], request} {
		for _, linger := range []int{-1, 0} {
			c, err := s.dial()
			if err != nil {
				return err
			}
			_, err = io.WriteString(c, part)
			if err := errors.Join(err, c.SetLinger(linger), c.Close()); err != nil {
				return err
			}
		}
		if err := word(s, dialect); err != nil {
			return err
		}
	}
	return nil
}

// manyClients are open at once, and answered in the opposite order of their coming.
func manyClients(s target, dialect string) error {
	var clients []client
	for range 20 {
		c, err := s.dial()
		if err != nil {
			return err
		}
		defer c.Close()
		clients = append(clients, c)
	}
	for i, c := range slices.Backward(clients) {
		said := say(dialect, fmt.Sprintf("client %d", i))
		if _, err := io.WriteString(c, said.send); err != nil {
			return err
		}
		if err := c.expect(said.want); err != nil {
			return err
		}
	}
	return nil
}

// What is odd about a control can be seen by a client in some of them.
func TestControlsAreOdd(t *testing.T) {
	for _, odd := range []struct{ name, dialect, send, want string }{
		{"flush-at-end", "script", "WRITE a\nSEND\nWRITE b\n\n", "ab"},
		{"flush-at-end", "script", "WRITE a\nSEND\nWRITE b\n", "ab"},
		{"flush-at-end", "script", "WRITE a\nCLOSE\n", "a"},
		{"flush-at-end", "script", "ATEND\nWRITE a\n", "a"},
		{"flush-at-end", "script", "WRITE a\nRAISE\n", ""},
		{"empty-answered", "line", "a\n\n \r\nb\n", "a\n\n\nb\n"},
		{"empty-silent", "line", "a\n\n \r\nb\n", "a\nb\n"},
	} {
		control, _ := faulty.LookupControl(odd.name)
		s := startControl(t, control, odd.dialect, reference.Config{})
		if err := s.converse(turn{odd.send, odd.want}); err != nil {
			t.Errorf("%s: %q: %v", odd.name, odd.send, err)
		}
	}
}

func TestLateIsLate(t *testing.T) {
	late, _ := faulty.LookupControl("late-30ms")
	for _, dialect := range late.Dialects {
		c := mustDial(t, startControl(t, late, dialect, reference.Config{}))
		began := time.Now()
		said := say(dialect, "hello")
		mustSay(t, c, said.send, said.want)
		if took := time.Since(began); took < 30*time.Millisecond {
			t.Errorf("%s: answered within %v", dialect, took)
		}
	}
}

func TestControlsAreDescribed(t *testing.T) {
	all := faulty.Controls()
	if !slices.IsSortedFunc(all, func(a, b faulty.Control) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted by name")
	}
	for i, control := range all {
		if i > 0 && all[i-1].Name == control.Name {
			t.Errorf("%s is there twice", control.Name)
		}
		if _, ok := faulty.Lookup(control.Name); ok {
			t.Errorf("%s is a fault's name too", control.Name)
		}
		if control.Sentence == "" || len(control.Dialects) == 0 {
			t.Errorf("%s is not described: %+v", control.Name, control)
		}
		if found, ok := faulty.LookupControl(control.Name); !ok || found.Sentence != control.Sentence {
			t.Errorf("LookupControl(%q) = %+v, %v", control.Name, found, ok)
		}
	}
	if _, ok := faulty.LookupControl("none"); ok {
		t.Error("LookupControl finds what does not exist")
	}
}

func TestNewControlRefuses(t *testing.T) {
	for _, call := range []struct{ name, dialect, complaint string }{
		{"none", "line", `no control is named "none"`},
		{"nagle", "exchange", `no dialect is named "exchange"`},
		{"flush-at-end", "echo", "flush-at-end shows in script, not in echo"},
	} {
		_, err := faulty.NewControl(call.name, call.dialect, reference.Config{})
		if err == nil || !strings.Contains(err.Error(), call.complaint) {
			t.Errorf("NewControl(%q, %q): %v, want %q", call.name, call.dialect, err, call.complaint)
		}
	}
}
