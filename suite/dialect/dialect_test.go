package dialect_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
)

func answers(p dialect.Prediction) []string {
	var all []string
	for _, a := range p.Answers {
		all = append(all, string(a))
	}
	return all
}

// What the contract says of a script, command by command.
func TestScriptModel(t *testing.T) {
	for _, c := range []struct {
		name, input string
		answers     []string
		end         dialect.EndedBy
	}{
		{"the contract's first example", "READ 5\nhelloREADLINE\n  café\r\nSEND\n", []string{"5:hello,5:café,"}, dialect.ByClient},
		{"the contract's second example", "ATEND\nREAD 9\nabc", []string{"3:abc,"}, dialect.ByClient},
		{"unsent content is dropped, or flushed", "WRITE a\nSEND\nWRITE b\n\n", []string{"a", "ab"}, dialect.ByServer},
		{"close drops what ATEND would send", "ATEND\nWRITE a\nCLOSE\n", []string{"", "a"}, dialect.ByServer},
		{"an empty line ends; ATEND sends", "ATEND\nWRITE a\n\nWRITE b\n", []string{"a"}, dialect.ByServer},
		{"bytes", "BYTES 00ff\nSEND\n\n", []string{"\x00\xff"}, dialect.ByServer},
		{"a failing command keeps what was sent", "WRITE a\nSEND\nRAISE\nWRITE b\nSEND\n", []string{"a"}, dialect.ByFailure},
		{"an unknown command", "HELLO\n", []string{""}, dialect.ByFailure},
		{"SEND with an argument is unknown", "SEND now\n", []string{""}, dialect.ByFailure},
		{"a negative number", "READ -1\n", []string{""}, dialect.ByFailure},
		{"a number that is too large", "READ 16777217\n", []string{""}, dialect.ByFailure},
		{"no number", "READ\n", []string{""}, dialect.ByFailure},
		{"a cut character", "READ 1\néSEND\n", []string{""}, dialect.ByFailure},
		{"what lies past a limit stays", "READLINE 2\nabSEND\n\n", []string{"2:ab,"}, dialect.ByServer},
		{"a limit of 0", "READLINE 0\nSEND\n\n", []string{"0:,"}, dialect.ByServer},
		{"nothing", "", []string{""}, dialect.ByClient},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			p := dialect.Script{}.Predict([]byte(c.input))
			g.Expect(answers(p)).To(Equal(c.answers))
			g.Expect(p.End).To(Equal(c.end))
		})
	}
}

func TestLineModel(t *testing.T) {
	long := strings.Repeat("x", 65535)
	for _, c := range []struct {
		name, input string
		answers     []string
		end         dialect.EndedBy
	}{
		{"lines", "a\n b \r\nc", []string{"a\nb\nc\n"}, dialect.ByClient},
		{"nothing", "", []string{""}, dialect.ByClient},
		{"an empty line: end, LF, nothing", "a\n\nb\n", []string{"a\n", "a\n\nb\n", "a\nb\n"}, dialect.ByClient},
		{"invalid UTF-8", "a\n\xff\nb\n", []string{"a\n"}, dialect.ByFailure},
		{"a line of the limit", long + "\nb\n", []string{long + "\nb\n"}, dialect.ByClient},
		{"a line above the limit", long + "yz\nb\n", []string{long + "y\nz\nb\n"}, dialect.ByClient},
		{"a stripped line, and one above the limit", " a\n" + long + "yz\nb\n", []string{"a\n" + long + "y\nz\nb\n"}, dialect.ByClient},
		{"lines as they are, and others", "a\nb\n c\nd\n\ne\n", []string{"a\nb\nc\nd\n", "a\nb\nc\nd\n\ne\n", "a\nb\nc\nd\ne\n"}, dialect.ByClient},
		{"a character across the limit", long + "é\n", []string{""}, dialect.ByFailure},
		{"other line ends", "a\rb\u0085c\u2028d\ve\n", []string{"a\rb\u0085c\u2028d\ve\n"}, dialect.ByClient},
		{"a no-break space is no white space", "\u00a0a\u00a0\n", []string{"\u00a0a\u00a0\n"}, dialect.ByClient},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			p := dialect.Line{}.Predict([]byte(c.input))
			g.Expect(answers(p)).To(Equal(c.answers))
			g.Expect(p.End).To(Equal(c.end))
		})
	}
}

func TestEchoAndGreetModels(t *testing.T) {
	g := NewWithT(t)
	g.Expect(answers(dialect.Echo{}.Predict([]byte("a\x00\xff")))).To(Equal([]string{"a\x00\xff"}))
	g.Expect(answers(dialect.Greet{}.Predict([]byte("a")))).To(Equal([]string{"I am the server,I have got it:\na"}))
	g.Expect(answers(dialect.Greet{}.Predict(nil))).To(Equal([]string{"", dialect.Greeting}))
}

// played is what the reference handler, which has nothing in common with the models, answers to an input, and whether it fails.
func played(d dialect.Model, input []byte) (answer []byte, failed bool) {
	handler, _ := reference.HandlerFor(d.Name())
	var out bytes.Buffer
	err := handler.Handle(reference.NewStreamHandler(struct {
		io.Reader
		io.Writer
	}{bytes.NewReader(input), &out}, reference.Config{}))
	return out.Bytes(), err != nil
}

// Every session that a dialect makes is answered as it says, by a handler that does not know the model.
func TestSessionsAreAnsweredSo(t *testing.T) {
	for _, d := range dialect.All() {
		t.Run(d.Name(), func(t *testing.T) {
			g := NewWithT(t)
			r := rand.New(rand.NewPCG(1, 2))
			sessions := append(failing(d), d.Plain("id"), d.Rich(), d.Values(), d.Ending("id"), d.Bulk(300000, 7), d.Joined(d.Turns("id", 3)))
			sessions = append(sessions, d.Cuttable()...)
			for range 50 {
				sessions = append(sessions, d.Random(r, 500))
			}
			for _, s := range sessions {
				answer, failed := played(d, s.Request)
				g.Expect(bytes.Equal(answer, s.Answer())).To(BeTrue(), s.Name)
				g.Expect(failed).To(Equal(s.End == dialect.ByFailure), s.Name)
				g.Expect(s.Request).NotTo(BeEmpty(), s.Name)
			}
			for _, s := range failing(d) {
				g.Expect(s.End).To(Equal(dialect.ByFailure), s.Name)
			}
			g.Expect(len(d.Rich().Request)).To(BeNumerically("<=", 200))
			g.Expect(d.Rich().End).NotTo(Equal(dialect.ByFailure))
			for size := 32; size < 2000; size++ {
				s := d.Bulk(size, uint64(size))
				g.Expect(s.Request).To(HaveLen(size))
				answer, failed := played(d, s.Request)
				g.Expect(bytes.Equal(answer, s.Answer()) && !failed).To(BeTrue())
			}
			for _, size := range []int{60_000, 60_016, 65_538, 300_000, 1<<20 + 2} {
				b := d.Bulk(size, 7).Request
				g.Expect(b).To(HaveLen(size))
				for i := 1; i < len(b); i++ {
					if b[i] == b[i-1] && b[i] != '\n' {
						t.Fatalf("the bytes %d and %d of a long request are alike", i-1, i)
					}
				}
			}
			for _, s := range []dialect.Session{d.Plain("id"), d.Ending("id")} {
				for _, c := range s.Request {
					g.Expect(c == '\n' || ' ' <= c && c < 0x7f).To(BeTrue(), s.Name)
				}
			}
		})
	}
}

// Turns add up: the answers of all turns, one after another, are the answer to all requests together.
func TestTurnsAreTheSessionInParts(t *testing.T) {
	for _, d := range dialect.All() {
		var request, answer []byte
		for _, turn := range d.Turns("id", 9) {
			request, answer = append(request, turn.Request...), append(answer, turn.Answer...)
		}
		said, _ := played(d, request)
		NewWithT(t).Expect(string(said)).To(Equal(string(answer)), d.Name())
	}
}

// The same seed makes the same session.
func TestRandomSessionsFollowTheSeed(t *testing.T) {
	for _, d := range dialect.All() {
		rapid.Check(t, func(t *rapid.T) {
			seed, size := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 3000).Draw(t, "size")
			a := d.Random(rand.New(rand.NewPCG(seed, 1)), size)
			b := d.Random(rand.New(rand.NewPCG(seed, 1)), size)
			if !bytes.Equal(a.Request, b.Request) || a.End == dialect.ByFailure {
				t.Fatalf("%s: the sessions of one seed differ, or fail", d.Name())
			}
		})
	}
}

// The line model, told another way: split at LF, split what is longer than the
// limit, strip, and put together again.
func TestPropertyLineModel(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b c", "é", " ", "\t", "\r", "\n", "\n", "\v", "\u0085", "\x00", strings.Repeat("x", 65534), strings.Repeat("y", 65535)})
	rapid.Check(t, func(t *rapid.T) {
		input := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "pieces"), "")
		var want strings.Builder
		for _, l := range strings.SplitAfter(input, "\n") {
			for len(l) > 0 {
				n := min(len(l), 65536)
				text := strings.Trim(l[:n], "\t\n\v\f\r ")
				l = l[n:]
				if !utf8.ValidString(text) {
					t.Skip("a limit cuts a character")
				}
				if text != "" {
					want.WriteString(text + "\n")
				}
			}
		}
		p := dialect.Line{}.Predict([]byte(input))
		if got := string(p.Answers[len(p.Answers)-1]); got != want.String() {
			t.Fatalf("got %d bytes, want %d", len(got), want.Len())
		}
	})
}

// TestPayloadIsTheSame holds that a payload of a plan that was saved is the same on every machine, and in every version.
func TestPayloadIsTheSame(t *testing.T) {
	h := sha256.New()
	for n := range 300 {
		h.Write(dialect.Text(n, uint64(n)*7+1))
		h.Write(dialect.Bytes(n, uint64(n)*3+1))
	}
	h.Write(dialect.Text(1<<20, 5))
	h.Write(dialect.Bytes(1<<20+3, 5))
	if got, want := fmt.Sprintf("%x", h.Sum(nil)[:8]), "829a694ca0fa8114"; got != want {
		t.Errorf("the payloads are %s, want %s", got, want)
	}
}

// TestPropertyDue holds that nothing which follows an input takes anything of what is due to it back, and that a turn is owed its
// answer when all of it has come.
func TestPropertyDue(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"a", "é", "\xc3", " ", "\r", "\n", "\n", "ab\n", "SEND\n", "SEND\r\n", "WRITE ab\n", "READ 2\n", "READ 0\n", "READLINE\n", "READLINE 1\n", "READLINE 0\n", "ATEND\n", "CLOSE\n",
		"BYTES 6", "1\n", strings.Repeat("x", 65535), strings.Repeat("y", 65536),
	})
	for _, m := range dialect.All() {
		t.Run(m.Name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				input := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
				more := strings.Join(rapid.SliceOfN(piece, 0, 4).Draw(t, "more"), "")
				due := m.Predict([]byte(input)).Due
				for i, answer := range m.Predict([]byte(input + more)).Answers {
					if !bytes.HasPrefix(answer, due) {
						t.Fatalf("behind %.80q %.80q is due, but with %.80q behind it answer %d is %.80q", input, due, more, i, answer)
					}
				}
			})
			var input, answer []byte
			for _, turn := range m.Turns("id", 3) {
				before := answer
				input, answer = append(input, turn.Request...), append(slices.Clone(answer), turn.Answer...)
				if p := m.Predict(input); !bytes.Equal(p.Due, answer) {
					t.Errorf("behind %q %q is due", input, p.Due)
				}
				if _, lines := m.(dialect.LineReader); lines {
					if p := m.Predict(input[:len(input)-1]); !bytes.Equal(p.Due, before) {
						t.Errorf("behind %q %q is due", input[:len(input)-1], p.Due)
					}
				}
			}
		})
	}
}

func TestSplits(t *testing.T) {
	g := NewWithT(t)
	g.Expect(dialect.CRLFSplits([]byte("a\r\nb\r\r\n"))).To(Equal([]int{2, 6}))
	g.Expect(dialect.CRLFSplits([]byte("\n\r"))).To(BeEmpty())
	g.Expect(dialect.CharacterSplits([]byte("aé日😀\xff"))).To(Equal([]int{2, 4, 5, 7, 8, 9}))
}

// failing are the sessions that make a handler fail; none where the dialect has no way to.
func failing(d dialect.Dialect) []dialect.Session {
	if f, ok := d.(dialect.Failer); ok {
		return f.Failing()
	}
	return nil
}
