package dialect_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/suite/dialect"
)

// TestBeginning holds how much of a request a client may send and leave: two thirds, less where a handler would fail or
// close, one byte at the least, and never all of two.
func TestBeginning(t *testing.T) {
	for _, c := range []struct {
		d             dialect.Dialect
		request, want string
	}{
		{dialect.Echo{}, "", ""}, {dialect.Echo{}, "a", "a"}, {dialect.Echo{}, "ab", "a"}, {dialect.Echo{}, "abc", "ab"}, {dialect.Echo{}, "abcdef", "abcd"}, {dialect.Echo{}, "abcdefg", "abcd"},
		{dialect.Greet{}, "abcdef", "abcd"},
		{dialect.Line{}, "abcdef", "abcd"}, {dialect.Line{}, "aaaéb", "aaa"}, {dialect.Line{}, "aéb", "a"}, {dialect.Line{}, "日", "\xe6"}, {dialect.Line{}, "\xff\xff\xff", "\xff"},
		{dialect.Script{}, "SEND\nSEND\n", "SEND\n"}, {dialect.Script{}, "READ 9\nabcde", "READ 9\na"}, {dialect.Script{}, "SEND\n\nabcdef", "SEND\n"}, {dialect.Script{}, "NONSENSE\n", "N"},
	} {
		if got := string(c.d.Beginning([]byte(c.request))); got != c.want {
			t.Errorf("%s: of %q it is %q, not %q", c.d.Name(), c.request, got, c.want)
		}
	}
}

// TestUsedAndDue holds how much of an input a handler has read when the session ends, and what is due by then to a client that goes on.
func TestUsedAndDue(t *testing.T) {
	const unknown = "unknown"
	line := strings.Repeat("x", dialect.LineLimit)
	for _, c := range []struct {
		d     dialect.Model
		input string
		used  int
		due   string
		end   dialect.EndedBy
	}{
		{dialect.Echo{}, "", 0, "", dialect.ByClient}, {dialect.Echo{}, "abc", 3, "abc", dialect.ByClient},
		{dialect.Greet{}, "", 0, unknown, dialect.ByClient}, {dialect.Greet{}, "abc", 3, dialect.Greeting + "abc", dialect.ByClient},
		{dialect.Line{}, "", 0, "", dialect.ByClient},
		{dialect.Line{}, "a\nb\n", 4, "a\nb\n", dialect.ByClient}, {dialect.Line{}, "a\nb", 3, "a\n", dialect.ByClient}, {dialect.Line{}, "a\n ", 3, "a\n", dialect.ByClient},
		{dialect.Line{}, "a\n\nb\n", 3, unknown, dialect.ByClient}, {dialect.Line{}, "a\n\xff\nb\n", 4, unknown, dialect.ByFailure},
		{dialect.Line{}, "a\n\xc3", 3, "a\n", dialect.ByFailure}, {dialect.Line{}, "\n\xc3", 1, unknown, dialect.ByClient}, // as yet it is a character cut in two
		{dialect.Line{}, "\n\n\n", 1, unknown, dialect.ByClient},
		{dialect.Line{}, line, len(line), line + "\n", dialect.ByClient}, {dialect.Line{}, line[1:], len(line) - 1, "", dialect.ByClient}, {dialect.Line{}, line + "x", len(line) + 1, line + "\n", dialect.ByClient},
		{dialect.Script{}, "", 0, "", dialect.ByClient},
		{dialect.Script{}, "WRITE a\nSEND\n", 13, "a", dialect.ByClient}, {dialect.Script{}, "WRITE a\nSEND", 12, "", dialect.ByClient}, {dialect.Script{}, "WRITE a\nSEND\nWRI", 16, "a", dialect.ByFailure},
		{dialect.Script{}, "WRITE a\nSEND\n\nSEND\n", 14, "a", dialect.ByServer}, {dialect.Script{}, "WRITE a\nSEND\nCLOSE\nSEND\n", 19, "a", dialect.ByServer}, {dialect.Script{}, "RAISE\nSEND\n", 6, unknown, dialect.ByFailure},
		{dialect.Script{}, "READ 2\nabSEND\n", 14, "2:ab,", dialect.ByClient}, {dialect.Script{}, "READ 3\nab", 9, "", dialect.ByClient}, {dialect.Script{}, "WRITE a\nSEND\nREAD 1\nab", 22, "a", dialect.ByFailure},
		{dialect.Script{}, "READ 0\nSEND\n", 12, "0:,", dialect.ByClient}, {dialect.Script{}, "READLINE\n", 9, "", dialect.ByClient}, {dialect.Script{}, "READLINE\na\nSEND\n", 16, "1:a,", dialect.ByClient},
		{dialect.Script{}, "READLINE 2\nabSEND\n", 18, "2:ab,", dialect.ByClient}, {dialect.Script{}, "READLINE 3\nab", 13, "", dialect.ByClient}, {dialect.Script{}, "READLINE\n\xc3", 10, "", dialect.ByFailure},
		{dialect.Script{}, "ATEND\nWRITE a\n", 14, "", dialect.ByClient}, {dialect.Script{}, "ATEND\nWRITE a\nSEND\n", 19, "a", dialect.ByClient}, {dialect.Script{}, "ATEND\nWRITE a\nSEND", 18, "", dialect.ByClient},
		{dialect.Script{}, "READ 1\n\xc3", 8, unknown, dialect.ByFailure}, {dialect.Script{}, "READ 16777216\nab", 16, "", dialect.ByClient}, {dialect.Script{}, "READ 16777217\nab", 14, unknown, dialect.ByFailure},
		{dialect.Script{}, "READLINE x\nab", 11, unknown, dialect.ByFailure},
	} {
		p := c.d.Predict([]byte(c.input))
		due := unknown
		if p.Due != nil {
			due = string(p.Due)
		}
		if p.Used != c.used || due != c.due || p.End != c.end {
			t.Errorf("%s, %.40q: %d bytes are read, %.40q is due, end %d; want %d, %.40q, %d", c.d.Name(), c.input, p.Used, due, p.End, c.used, c.due, c.end)
		}
	}
}

// TestHexadecimal holds what BYTES takes: pairs of digits, with ASCII white space between them.
func TestHexadecimal(t *testing.T) {
	for digits, want := range map[string]string{
		"": "", "00": "\x00", "ff": "\xff", "FF": "\xff", "0f f0": "\x0f\xf0", "aA\t\v\f\r bB": "\xaa\xbb", "0123456789abcdef": "\x01\x23\x45\x67\x89\xab\xcd\xef", "99": "\x99", "9a": "\x9a", "a9": "\xa9",
	} {
		p := dialect.Script{}.Predict([]byte("BYTES " + digits + "\nSEND\n"))
		if p.End != dialect.ByClient || string(p.Answers[0]) != want {
			t.Errorf("%q: %q, end %d", digits, p.Answers, p.End)
		}
	}
	for _, digits := range []string{"0", "000", "0 0", "00 0", "0g", "g0", "/0", "0:", "@0", "0G", "`0", "\u00a000", "0x00"} {
		if p := (dialect.Script{}).Predict([]byte("WRITE a\nBYTES " + digits + "\nSEND\n")); p.End != dialect.ByFailure {
			t.Errorf("%q is taken: %q", digits, p.Answers)
		}
	}
}

// TestUnsent holds which answers are right where something was written and never sent.
func TestUnsent(t *testing.T) {
	for input, want := range map[string][]string{
		"WRITE a\n":                       {"", "a"},
		"WRITE a\nSEND\n":                 {"a"},
		"WRITE a\nSEND\nWRITE b\nCLOSE\n": {"a", "ab"},
		"ATEND\nWRITE a\nRAISE\n":         {"", "a"},
		"ATEND\nWRITE a\n":                {"a"},
		"WRITE\nWRITE \nSEND\n":           {""},
		"WRITE a b\nSEND\n":               {"a b"},
	} {
		var got []string
		for _, a := range (dialect.Script{}).Predict([]byte(input)).Answers {
			got = append(got, string(a))
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q: %q, want %q", input, got, want)
		}
	}
}

// TestPatterns holds which pattern judges an answer: the one beside it, else the answer itself.
func TestPatterns(t *testing.T) {
	like := match.Until([]byte("."))
	s := dialect.Session{Answers: [][]byte{[]byte("a."), []byte("b"), []byte("c")}, Like: []*match.Pattern{like, nil}}
	if s.Pattern(0) != like || s.Pattern(1).String() != "b" || s.Pattern(2).String() != "c" || string(s.Answer()) != "a." {
		t.Errorf("%q, %q, %q", s.Pattern(0), s.Pattern(1), s.Pattern(2))
	}
	turn := dialect.Turn{Answer: []byte("d")}
	if turn.Pattern().String() != "d" {
		t.Errorf("%q", turn.Pattern())
	}
	if turn.Like = like; turn.Pattern() != like {
		t.Errorf("%q", turn.Pattern())
	}
}

func TestLookup(t *testing.T) {
	for _, name := range dialect.Names() {
		d, ok := dialect.Lookup(name)
		if !ok || d.Name() != name || d.Summary() == "" {
			t.Errorf("%s is not found", name)
		}
	}
	if got := strings.Join(dialect.Names(), " "); got != "echo greet line script" {
		t.Errorf("the dialects are %s", got)
	}
	if _, ok := dialect.Lookup("Echo"); ok {
		t.Error("a name that nobody has is found")
	}
}

// TestLongRequests holds of long requests of every size around the length of their lines: they are as long as was asked for,
// no line of them is empty or longer than 60,000 bytes, and their answer is right.
func TestLongRequests(t *testing.T) {
	for seed := range uint64(40) {
		for _, size := range []int{32, 33, 47, 48, 49, 59_999, 60_001, 60_002, 60_003, 60_020, 60_033, 119_990 + int(seed)} {
			for _, d := range []dialect.Model{dialect.Line{}, dialect.Script{}} {
				s := d.Bulk(size, seed)
				if answer, failed := played(d, s.Request); len(s.Request) != size || failed || !bytes.Equal(answer, s.Answer()) {
					t.Fatalf("%s: %d bytes of seed %d: %d bytes, failed %t", d.Name(), size, seed, len(s.Request), failed)
				}
				lines := bytes.SplitAfter(s.Request, []byte("\n"))
				for i, line := range lines[:len(lines)-1] {
					if len(line) > 60_000+len("x\n") || len(line) < 2 && !(d.Name() == "script" && i == len(lines)-2) {
						t.Fatalf("%s: %d bytes of seed %d: line %d has %d bytes", d.Name(), size, seed, i, len(line))
					}
				}
			}
		}
	}
}

// TestUnbroken holds of what a dialect can send without line ends that it is letters, of which none is like the one before it.
func TestUnbroken(t *testing.T) {
	for _, d := range dialect.All() {
		s := d.Unbroken(1000, 7)
		if answer, failed := played(d, s.Request); len(s.Request) != 1000 || failed || !bytes.Equal(answer, s.Answer()) {
			t.Errorf("%s: %d bytes, failed %t", d.Name(), len(s.Request), failed)
		}
	}
	for _, d := range []dialect.Model{dialect.Echo{}, dialect.Greet{}} {
		if got, want := string(d.Unbroken(28, 7).Request), "abcdefghijklmnopqrstuvwxyzab"; got != want {
			t.Errorf("%s: %q, not %q", d.Name(), got, want)
		}
	}
}

// TestRemainders holds of long requests whose lines leave too little for one more that what is left is given to the last of
// them, and to another where there is just enough. The seeds are ones that draw such lines.
func TestRemainders(t *testing.T) {
	for _, c := range []struct {
		d     dialect.Model
		size  int
		seed  uint64
		lines []int
	}{
		{dialect.Line{}, 40, 119229, []int{38, 2}}, {dialect.Line{}, 3, 573, []int{3}}, {dialect.Line{}, 4, 72195, []int{2, 2}},
		{dialect.Script{}, 17, 1, []int{9, 2, 5, 1}}, {dialect.Script{}, 40, 24661, []int{9, 25, 5, 1}}, {dialect.Script{}, 40, 26061, []int{9, 7, 5, 9, 4, 5, 1}},
		{dialect.Script{}, 34, 23743, []int{9, 3, 5, 9, 2, 5, 1}}, {dialect.Script{}, 41, 10734, []int{9, 2, 5, 9, 10, 5, 1}},
	} {
		var lines []int
		request := c.d.Bulk(c.size, c.seed).Request
		for line := range bytes.Lines(request) {
			lines = append(lines, len(line))
		}
		if len(request) != c.size || !slices.Equal(lines, c.lines) {
			t.Errorf("%s, %d bytes of seed %d: lines of %v bytes, not %v", c.d.Name(), c.size, c.seed, lines, c.lines)
		}
	}
}

// TestLines holds the sessions of raw lines: where the last has no LF, the half-close ends it and the server answers then.
func TestLines(t *testing.T) {
	for _, c := range []struct {
		d interface {
			dialect.Model
			Lines(name string, raws ...string) dialect.Session
		}
		raws            []string
		request, answer string
		end             dialect.EndedBy
	}{
		{dialect.Script{}, nil, "SEND\n\n", "", dialect.ByServer},
		{dialect.Script{}, []string{"a\r\n", "b\n"}, "READLINE\na\r\nREADLINE\nb\nSEND\n\n", "1:a,1:b,", dialect.ByServer},
		{dialect.Script{}, []string{"a\n", "b"}, "ATEND\nREADLINE\na\nREADLINE\nb", "1:a,1:b,", dialect.ByClient},
		{dialect.Script{}, []string{"a", "b\n"}, "READLINE\naREADLINE\nb\nSEND\n\n", "", dialect.ByFailure},
		{dialect.Line{}, []string{"a\r\n", "b"}, "a\r\nb", "a\nb\n", dialect.ByClient},
	} {
		s := c.d.Lines("lines", c.raws...)
		answer, _ := played(c.d, s.Request)
		if string(s.Request) != c.request || string(s.Answer()) != c.answer || s.End != c.end || !bytes.Equal(answer, s.Answer()) || s.Name != "lines" {
			t.Errorf("%s, %q: sends %q, gets %q, end %d; a right server says %q", c.d.Name(), c.raws, s.Request, s.Answer(), s.End, answer)
		}
	}
}

// TestRandomSessions holds of drawn sessions that they are about as long as was asked for, that nothing in them makes a
// handler fail, and that between them they have every kind of line and command.
func TestRandomSessions(t *testing.T) {
	const slack = 150 // of the longest thing that is drawn
	seen := map[string]bool{}
	for _, d := range dialect.All() {
		r := rand.New(rand.NewPCG(3, 4))
		longest := 0
		for range 2000 {
			s := d.Random(r, 300)
			longest = max(longest, len(s.Request))
			if len(s.Request) == 0 || len(s.Request) > 300+slack || s.End == dialect.ByFailure {
				t.Fatalf("%s: %d bytes, end %d", d.Name(), len(s.Request), s.End)
			}
			for _, line := range strings.SplitAfter(string(s.Request), "\n") {
				word, _, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
				seen[d.Name()+" "+word] = true
				seen[fmt.Sprint(d.Name(), " CR ", strings.HasSuffix(line, "\r\n"))] = true
				seen[fmt.Sprint(d.Name(), " text ", utf8.ValidString(line))] = true
			}
		}
		if longest < 250 {
			t.Errorf("%s: the longest has %d bytes", d.Name(), longest)
		}
	}
	for _, want := range []string{
		"script READ", "script READLINE", "script WRITE", "script BYTES", "script SEND", "line CR true", "line CR false", "echo text false", "echo text true", "greet text false", "line hello", "line two",
	} {
		if !seen[want] {
			t.Errorf("none of them has %q", want)
		}
	}
}

// TestSeedsMakeTheSameSessions holds that a seed which a report names makes the same cases in the next version too.
func TestSeedsMakeTheSameSessions(t *testing.T) {
	h := sha256.New()
	for _, d := range dialect.All() {
		for seed := range uint64(50) {
			h.Write(d.Random(rand.New(rand.NewPCG(seed, 1)), int(seed)*20).Request)
			h.Write(d.Bulk(32+int(seed)*1009, seed).Request)
		}
		for _, s := range append(failing(d), d.Values(), d.Rich(), d.Plain("a"), d.Ending("a")) {
			h.Write(s.Request)
		}
	}
	if got, want := fmt.Sprintf("%x", h.Sum(nil)[:8]), "a3484fe1746c2257"; got != want {
		t.Errorf("the sessions are %s, want %s", got, want)
	}
}
