package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamspec/streamspec/reference"
)

// A reader and a writer that no fault has changed do what the right operations do,
// whatever is asked of them and however the input is cut.
func TestReaderAndWriterAreRight(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 0))
		input := drawn(r, []string{"a", "é", "日", "\n", "\n", "\r", " ", "\xff", "0123456789"}, 60)
		cfg := reference.Config{LineLimit: 1 + r.IntN(20), ReadLimit: 40, SendLimit: 1 + r.IntN(200)}
		right, other := newPieces(input, seed), newPieces(input, seed)
		rightStream := reference.NewStreamHandler(right, cfg)
		changed := newWriter(cfg, newReader(cfg, reference.NewStreamHandler(other, cfg)))
		for step := range 60 {
			n := r.IntN(45) - 2
			op := r.IntN(8)
			want, got := operate(rightStream, op, n), operate(changed, op, n)
			if got != want {
				t.Fatalf("seed %d, step %d, operation %d of %d on %q: %s, want %s", seed, step, op, n, input, got, want)
			}
			if !bytes.Equal(right.out.Bytes(), other.out.Bytes()) {
				t.Fatalf("seed %d, step %d: sent %q, want %q", seed, step, other.out.Bytes(), right.out.Bytes())
			}
		}
	}
}

// operate does an operation, and says what it returned.
func operate(s reference.Stream, op, n int) string {
	var text string
	var err error
	switch op {
	case 0:
		text, err = s.Read(n)
	case 1:
		var msg []byte
		msg, err = s.ReadBytes(n)
		text = string(msg)
	case 2:
		text, err = s.ReadLine()
	case 3:
		text, err = s.ReadLineLimit(n)
	case 4:
		var msg []byte
		msg, err = s.ReadLineBytes(n)
		text = string(msg)
	case 5:
		s.WriteContent(fmt.Sprint("text ", n))
	case 6:
		s.WriteBytes(fmt.Append(nil, "bytes ", n))
	case 7:
		err = s.Send()
		if n == 40 {
			err = errors.Join(err, s.Close())
		}
	}
	kinds := []error{io.EOF, reference.ErrClosed, reference.ErrInvalidUTF8, reference.ErrLimit, reference.ErrSendLimit}
	kind := slices.IndexFunc(kinds, func(kind error) bool { return errors.Is(err, kind) })
	return fmt.Sprintf("%q, kind %d of %v", text, kind, err)
}

// Filters that look at bytes alone do the same whatever a read brings.
func TestFiltersDoNotDependOnCuts(t *testing.T) {
	filters := map[string]func() filter{
		"lose a byte":     func() filter { return loseByte(17) },
		"double a byte":   func() filter { return doubleByte(17) },
		"swap two bytes":  func() filter { return swapBytes(17) },
		"swap the last":   func() filter { return swapBytes(40) },
		"telnet commands": dropTelnetCommands,
		"Ctrl-Z":          endAtControlZ,
	}
	want := map[string]func(input []byte) []byte{
		"lose a byte":    func(in []byte) []byte { return slices.Delete(in, 16, 17) },
		"double a byte":  func(in []byte) []byte { return slices.Insert(in, 16, in[16]) },
		"swap two bytes": func(in []byte) []byte { in[16], in[17] = in[17], in[16]; return in },
		"swap the last":  func(in []byte) []byte { return in },
	}
	for name, newFilter := range filters {
		for seed := range uint64(300) {
			r := rand.New(rand.NewPCG(seed, 1))
			input := []byte(drawn(r, []string{"a", "b", "c", "\xff", "d", "e", "f", "\x1a"}, 40))
			whole := through(newFilter(), bytes.Clone(input))
			if model := want[name]; model != nil && !bytes.Equal(whole, model(bytes.Clone(input))) {
				t.Fatalf("%s in %q: %q", name, input, whole)
			}
			var cut [][]byte
			for rest := bytes.Clone(input); len(rest) > 0; {
				n := 1 + r.IntN(min(len(rest), 1+r.IntN(5)))
				cut = append(cut, rest[:n:n])
				rest = rest[n:]
			}
			if got := through(newFilter(), cut...); !bytes.Equal(got, whole) {
				t.Fatalf("%s in %q, cut into %q: %q, want %q", name, input, cut, got, whole)
			}
		}
	}
}

// The faults of cuts do what their sentences say, in segments of the client's own.
func TestFiltersOfCuts(t *testing.T) {
	for _, c := range []struct {
		name   string
		filter func() filter
		reads  []string
		want   string
	}{
		{"a whole line and a beginning", dropPartial, []string{"a\nb", "c\n"}, "a\nc\n"},
		{"a beginning that nothing follows", dropPartial, []string{"a\nb"}, "a\nb"},
		{"two pieces", loseInThird, []string{"ab", "cd\n", "ef", "gh\n"}, "abcd\nefgh\n"},
		{"three pieces", loseInThird, []string{"ab", "cd", "ef\n", "gh"}, "abcdf\ngh"},
		{"four pieces, the third of one byte", loseInThird, []string{"ab", "cd", "e", "fg"}, "abcdeg"},
		{"a character in two", replaceCutCharacter, []string{"caf\xc3", "\xa9\n"}, "caf\uFFFD\uFFFD\n"},
		{"a character in four", replaceCutCharacter, []string{"\xf0", "\x9f", "\x98", "\x80a"}, "\uFFFD\uFFFD\uFFFD\uFFFDa"},
		{"two characters in a row", replaceCutCharacter, []string{"\xc3", "\xa9\xe6", "\x97\xa5"}, "\uFFFD\uFFFD\uFFFD\uFFFD"},
		{"half a character, cut off", replaceCutCharacter, []string{"a\xe6\x97", "\n"}, "a\xe6\x97\n"},
		{"half a character at the end", replaceCutCharacter, []string{"a\xe6", "\x97"}, "a\xe6\x97"},
		{"half a character before another", replaceCutCharacter, []string{"\xe6", "\xc3", "\xa9"}, "\xe6\uFFFD\uFFFD"},
		{"no character at all", replaceCutCharacter, []string{"\xff\xfe", "\x80"}, "\xff\xfe\x80"},
		{"CR and LF apart", dropLineAfterCR, []string{"a\r", "\nb\nc\n"}, "a\r\nc\n"},
		{"CR and LF apart, the line in pieces", dropLineAfterCR, []string{"a\r", "\n", "b", "c\r", "\nd\n"}, "a\r\nd\n"},
		{"a lone CR", dropLineAfterCR, []string{"a\r", "b\nc\n"}, "a\rb\nc\n"},
		{"a second line that is cut", loseAfterHalf, []string{"a\nb", "cd\n"}, "a\nbd\n"},
		{"a first line that is cut", loseAfterHalf, []string{"ab", "cd\n", "ef\n"}, "abcd\nef\n"},
	} {
		var reads [][]byte
		for _, read := range c.reads {
			reads = append(reads, []byte(read))
		}
		if got := through(c.filter(), reads...); string(got) != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// through sends reads through a filter, each a segment by itself.
func through(f filter, reads ...[]byte) []byte {
	var all []byte
	for _, read := range reads {
		all = append(all, f(read, true)...)
	}
	return append(all, f(nil, true)...)
}

// drawn draws n pieces of text.
func drawn(r *rand.Rand, from []string, n int) string {
	var text []byte
	for range n {
		text = append(text, from[r.IntN(len(from))]...)
	}
	return string(text)
}

// pieces is a connection whose input comes in pieces drawn by chance.
type pieces struct {
	in  []byte
	r   *rand.Rand
	out bytes.Buffer
}

func newPieces(input string, seed uint64) *pieces {
	return &pieces{in: []byte(input), r: rand.New(rand.NewPCG(seed, 2))}
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.in) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.in[:1+p.r.IntN(min(len(p.in), 9))])
	p.in = p.in[n:]
	return n, nil
}

func (p *pieces) Write(b []byte) (int, error) { return p.out.Write(b) }
