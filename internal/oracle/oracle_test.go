package oracle_test

import (
	"io"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/oracle"
)

// The contract's own examples, and what its words say at the edges.
func TestSessions(t *testing.T) {
	const greeting = "I am the server,I have got it:\n"
	for _, c := range []struct {
		dialect, request, sent, unsent string
		open                           bool // the client may send more
		state                          oracle.State
	}{
		{dialect: "echo", request: "a\x00\xff", sent: "a\x00\xff", state: oracle.Over},
		{dialect: "echo", request: "a", sent: "a", open: true, state: oracle.Waiting},
		{dialect: "greet", request: "hello", sent: greeting + "hello", state: oracle.Over},
		{dialect: "greet", state: oracle.Over},
		{dialect: "line", request: "a\r\n b", sent: "a\nb\n", state: oracle.Over},
		{dialect: "line", request: "a\r\n b", sent: "a\n", open: true, state: oracle.Waiting},
		{dialect: "line", request: "a\n\nb\n", sent: "a\n", open: true, state: oracle.Over},
		{dialect: "line", request: "a\n\xff\nb\n", sent: "a\n", state: oracle.Failed},
		{dialect: "script", request: "READ 5\nhelloREADLINE\n  caf\u00e9\r\nSEND\n", sent: "5:hello,5:caf\u00e9,", state: oracle.Over},
		{dialect: "script", request: "ATEND\nREAD 9\nabc", sent: "3:abc,", state: oracle.Over},
		{dialect: "script", request: "WRITE a\nREAD 9\nabc", unsent: "a", open: true, state: oracle.Waiting},
		{dialect: "script", request: "READ 9\nabc", unsent: "3:abc,", state: oracle.Over},
		{dialect: "script", request: "READLINE 0\nREAD 0\nSEND\n", sent: "0:,0:,", open: true, state: oracle.Waiting},
		{dialect: "script", request: "READLINE 2\nabREADLINE 3\nc\nSEND\n", sent: "2:ab,1:c,", state: oracle.Over},
		{dialect: "script", request: "BYTES ff00 C3a9\nSEND\n\n", sent: "\xff\x00\u00e9", open: true, state: oracle.Over},
		{dialect: "script", request: "WRITE a\nSEND\nWRITE b\nCLOSE\nSEND\n", sent: "a", unsent: "b", state: oracle.Over},
		{dialect: "script", request: "ATEND\nWRITE a\nCLOSE\n", unsent: "a", state: oracle.Over},
		{dialect: "script", request: "RAISE\n", state: oracle.Failed},
		{dialect: "script", request: "SEND 1\n", state: oracle.Failed},
		{dialect: "script", request: "READ\n", state: oracle.Failed},
		{dialect: "script", request: "READ 16777217\n", state: oracle.Failed},
		{dialect: "script", request: "READ -1\n", state: oracle.Failed},
		{dialect: "script", request: "BYTES 6 1\n", state: oracle.Failed},
		{dialect: "script", request: "BYTES 616\n", state: oracle.Failed},
		{dialect: "script", request: "BYTES xx\n", state: oracle.Failed},
		{dialect: "script", request: "READ 1\n\xc3\xa9", state: oracle.Failed},
	} {
		s := oracle.ByName(c.dialect)(oracle.Input{Left: c.request, Ended: !c.open})
		if s.Sent != c.sent || s.Unsent != c.unsent || s.State != c.state {
			t.Errorf("%s of %q: %q sent, %q not sent, %v; want %q, %q, %v", c.dialect, c.request, s.Sent, s.Unsent, s.State, c.sent, c.unsent, c.state)
		}
	}
}

// A line has an end, a limit or the end of the stream.
func TestReadLine(t *testing.T) {
	for _, c := range []struct {
		left  string
		limit int
		open  bool
		want  string
		err   error
		rest  string
	}{
		{left: "a\nb", limit: 9, want: "a", rest: "b"},
		{left: "a\rb\n", limit: 9, want: "a\rb"},
		{left: "a\u0085b\u2028\n", limit: 99, want: "a\u0085b\u2028"},
		{left: " \t\n", limit: 9},
		{left: " \t\v\f\r a\x00\x1c b \n", limit: 99, want: "a\x00\x1c b"},
		{left: "abc", limit: 3, open: true, want: "abc"},
		{left: "abc\n", limit: 3, open: true, want: "abc", rest: "\n"},
		{left: "abc", limit: 4, want: "abc"},
		{left: "abc", limit: 4, open: true, err: oracle.ErrWait, rest: "abc"},
		{limit: 4, err: io.EOF},
		{limit: 4, open: true, err: oracle.ErrWait},
		{left: "abc", rest: "abc"},
		{left: "abc", limit: -1, err: oracle.ErrLimit, rest: "abc"},
		{left: "abc", limit: 16777217, err: oracle.ErrLimit, rest: "abc"},
		{left: "\u20ac\n", limit: 2, err: oracle.ErrText, rest: "\xac\n"},
		{left: strings.Repeat("a", 65537), limit: 65536, want: strings.Repeat("a", 65536), rest: "a"},
	} {
		in := oracle.Input{Left: c.left, Ended: !c.open}
		got, err := in.ReadLine(c.limit)
		if got != c.want || err != c.err || in.Left != c.rest {
			t.Errorf("readline(%d) of %.20q: %.20q, %v, leaves %.20q; want %.20q, %v, %.20q", c.limit, c.left, got, err, in.Left, c.want, c.err, c.rest)
		}
	}
}

// What begins no character stands where it is said to stand.
func TestWrongByte(t *testing.T) {
	for msg, want := range map[string]int{
		"": -1, "a\u00e9\u20ac\U0001f600": -1, "\ufeff\ufffd\U0010ffff": -1, "\u07ff\u0800\ud7ff\ue000\uffff\U00010000": -1,
		"a\x80": 1, "\xc0\xaf": 0, "\xc1\xbf": 0, "\xe0\x9f\xbf": 0, "\xed\xa0\x80": 0, "\xf0\x8f\xbf\xbf": 0, "\xf4\x90\x80\x80": 0,
		"\xf5\x80\x80\x80": 0, "\xff": 0, "\u00e9\xe2\x82": 2, "\xc3a": 0,
	} {
		if got := oracle.WrongByte(msg); got != want {
			t.Errorf("WrongByte(%q) = %d, want %d", msg, got, want)
		}
	}
}
