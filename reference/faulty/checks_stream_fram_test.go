//go:build linux

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
)

var framChecks = map[string]check{
	"first-line-only": together,
	"last-line-only":  together,
	"lines-joined":    together,
	"answers-swapped": together,
	"one-request":     together,

	"partial-dropped":   cutInsideMessage,
	"eight-reads":       inPieces(1, 1, 1, 1, 1, 1, 1, 1, 1),
	"third-read":        inPieces(3, 3),
	"decode-each-read":  cutInsideCharacter,
	"cr-loses-next":     cutInsideCRLF,
	"second-after-half": cutInsideMessage,
	"long-and-cut":      inPieces(5000),

	"idle-1s":     staysOpen(1200 * time.Millisecond),
	"total-500ms": staysOpen(700 * time.Millisecond),

	"answer-delayed": answersFirst,
	"echo-delayed":   answersFirst,
	"lf-out-crlf":    answersLF,
	"adds-newline":   word,

	"until-lf": answersBesideABeginning,

	"partial-kept": answersBehindACut,

	"one-read-each":    answersABurst,
	"length-in-a-byte": saying(digits(300)),

	"seven-bit":       saying("a\xe9b"),
	"iac":             saying("a\xffbcd"),
	"control-z":       saying("a\x1ab"),
	"nul-dropped":     saying("a\x00b"),
	"control-dropped": saying("a\x07b"),
}

// placeChecks are for the faults that change a byte by its place.
func placeChecks() map[string]check {
	all := map[string]check{}
	for size, n := range map[string]int{
		"512": 512, "1k": 1 << 10, "2k": 2 << 10, "4k": 4 << 10, "8k": 8 << 10, "16k": 16 << 10, "32k": 32 << 10,
		"64k": 64 << 10, "128k": 128 << 10, "256k": 256 << 10, "512k": 512 << 10, "1m": 1 << 20,
	} {
		for _, kind := range []string{"lose-byte-", "double-byte-", "swap-bytes-"} {
			all[kind+size] = bytesBeyond(n)
		}
	}
	return all
}

// bytesBeyond is the check that more than n bytes are answered.
func bytesBeyond(n int) check {
	return func(s target, dialect string) error {
		switch dialect {
		case "line":
			lines := strings.Repeat(digits(999)+"\n", n/1000+1)
			return s.converse(turn{lines, lines})
		case "script":
			return s.converse(turn{fmt.Sprintf("READ %d\n%sSEND\n", n, digits(n)), netstring(digits(n))})
		}
		return s.converse(say(dialect, digits(n+10)))
	}
}

// saying is the check that this text is answered.
func saying(text string) check {
	return func(s target, dialect string) error { return s.converse(say(dialect, text)) }
}

// together sends two requests in one segment.
func together(s target, dialect string) error {
	if dialect == "line" {
		return s.converse(turn{"a\nb\n", "a\nb\n"})
	}
	return s.converse(turn{"WRITE a\nSEND\nWRITE b\nSEND\n", "ab"})
}

func cutInsideCharacter(s target, dialect string) error {
	if dialect == "line" {
		return s.converse(turn{"x\ncaf\xc3", "x\n"}, turn{"\xa9\n", "café\n"})
	}
	return s.converse(turn{"WRITE x\nSEND\nREADLINE\ncaf\xc3", "x"}, turn{"\xa9\nSEND\n", "5:café,"})
}

// answersFirst waits for the answer before it half-closes.
func answersFirst(s target, dialect string) error {
	return s.converse(say(dialect, "a"), turn{"", ""})
}

// answersBesideABeginning sends the beginning of a second request behind a first one, and waits.
func answersBesideABeginning(s target, dialect string) error {
	first, rest := say(dialect, "b"), ""
	first.send, rest = first.send[:1], first.send[1:]
	one := say(dialect, "a")
	return s.converse(turn{one.send + first.send, one.want}, turn{rest, first.want})
}

// answersBehindACut sends a whole request behind one that came in two segments: the first of these is read when what stands before
// it is answered.
func answersBehindACut(s target, dialect string) error {
	before, cut, next := say(dialect, "x"), say(dialect, "ab"), say(dialect, "c")
	n := len(cut.send) - 2
	return s.converse(turn{before.send + cut.send[:n], before.want}, turn{cut.send[n:], cut.want}, next)
}

// answersABurst sends more than a KiB of requests at once, and waits for all their answers before it half-closes.
func answersABurst(s target, dialect string) error {
	one := say(dialect, digits(600))
	all := turn{one.send + one.send, one.want + one.want}
	if dialect == "greet" {
		all.want = one.want + one.send
	}
	return s.converse(all, turn{"", ""})
}

func answersLF(s target, dialect string) error {
	if dialect == "line" {
		return word(s, dialect)
	}
	return s.converse(say(dialect, "a\n"))
}

// staysOpen is the check that a connection in the middle of a request is open for
// so long.
func staysOpen(long time.Duration) check {
	return func(s target, dialect string) error {
		first, rest := halves(dialect)
		c, err := s.dial()
		if err != nil {
			return err
		}
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(long + s.patience)); err != nil {
			return err
		}
		if err := c.take(first); err != nil {
			return err
		}
		if err := c.staysSilent(long); err != nil {
			return err
		}
		if err := c.SetDeadline(time.Now().Add(s.patience)); err != nil {
			return err
		}
		if err := c.take(rest); err != nil {
			return err
		}
		if err := c.CloseWrite(); err != nil {
			return err
		}
		return c.expectEnd()
	}
}

// halves returns a request in two.
func halves(dialect string) (first, rest turn) {
	switch dialect {
	case "line":
		return turn{"a", ""}, turn{"b\n", "ab\n"}
	case "script":
		return turn{"WRITE a", ""}, turn{"b\nSEND\n", "ab"}
	}
	return say(dialect, "a"), turn{"b", "b"}
}

// staysSilent sees that nothing comes for so long, not even the end.
func (c client) staysSilent(long time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(long)); err != nil {
		return err
	}
	var more [1]byte
	n, err := c.Read(more[:])
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("read %q, %v, where nothing was to come", more[:n], err)
	}
	return nil
}

// staysUnsent waits far longer than a timer would, on a busy machine too: only a right server takes as long.
func staysUnsent(s target, _ string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.take(turn{"WRITE a\n", ""}); err != nil {
		return err
	}
	if err := c.staysSilent(2 * time.Second); err != nil {
		return err
	}
	if err := c.SetDeadline(time.Now().Add(s.patience)); err != nil {
		return err
	}
	return c.take(turn{"SEND\n", "a"})
}

// inPieces is the check that a text of 6000 bytes is answered when its request
// comes in segments of these sizes, and one for the rest.
func inPieces(sizes ...int) check {
	return func(s target, dialect string) error {
		request := say(dialect, digits(6000))
		var pieces []string
		rest := request.send
		for _, size := range sizes {
			pieces = append(pieces, rest[:size])
			rest = rest[size:]
		}
		return segments(request.want, append(pieces, rest)...)(s, dialect)
	}
}

// segments is the check that this is the answer to a request in these segments:
// the next one leaves when the server has read the one before.
func segments(want string, all ...string) check {
	return func(s target, _ string) error {
		ctx := context.Background()
		c, err := delivery.Dial(ctx, s.Addr().String(), delivery.Options{ConfirmCap: patience})
		if err != nil {
			return err
		}
		defer c.Close()
		var cuts []int
		sent := 0
		for _, segment := range all[:len(all)-1] {
			sent += len(segment)
			cuts = append(cuts, sent)
		}
		plan := delivery.CutAt(cuts...).WithEnd(delivery.HalfClose)
		answer, _ := c.Exchange(ctx, []byte(strings.Join(all, "")), plan, delivery.Want{Any: [][]byte{[]byte(want)}, ToEnd: true, Idle: s.patience})
		if made := c.Cuts(); answer.State == delivery.Right && made.Confirmed < made.Made {
			return fmt.Errorf("%d of %d cuts were confirmed", made.Confirmed, made.Made)
		}
		if answer.State != delivery.Right || answer.Ending != delivery.FIN {
			return fmt.Errorf("answered %.80q (%s, %s), want %.80q and the end of the stream", answer.Head, answer.State, answer.Ending, want)
		}
		return nil
	}
}

// readsNothing is the check that read(0) leaves the connection alone: that of the
// right server, or of the one with the fault of that name.
func readsNothing(name string) check {
	return func(s target, _ string) error {
		var noted untouched
		var stream reference.Stream = reference.NewStreamHandler(&noted, reference.Config{})
		if _, right := s.Server.(*reference.TCPServer); !right {
			var err error
			if stream, err = faulty.Operations(name, &noted, reference.Config{}); err != nil {
				return err
			}
		}
		if text, err := stream.Read(0); text != "" || err != nil {
			return fmt.Errorf("read(0) returned %q, %v", text, err)
		}
		if noted.reads > 0 {
			return errors.New("read(0) read from the connection")
		}
		return nil
	}
}

// untouched is a stream at its end that counts how often it is read.
type untouched struct{ reads int }

func (u *untouched) Read([]byte) (int, error) {
	u.reads++
	return 0, io.EOF
}

func (u *untouched) Write(p []byte) (int, error) { return len(p), nil }

// Plain requests are answered rightly in spite of these faults, so that the suite
// can judge the rest.
func TestPlainRequestsStayRight(t *testing.T) {
	breaking := []string{
		"adds-newline", "answer-delayed", "echo-delayed", "double-send", "drip", "lf-out-crlf",
	}
	for _, name := range slices.Sorted(maps.Keys(streamChecks)) {
		fault, _ := faulty.Lookup(name)
		if slices.Contains(breaking, name) {
			continue
		}
		for _, dialect := range fault.Dialects {
			t.Run(name+"/"+dialect, func(t *testing.T) {
				server, err := faulty.NewServer(name, dialect, reference.Config{})
				if err != nil {
					t.Fatal(err)
				}
				if err := plainRequests(start(t, server, patience), dialect); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// plainRequests asks several times, one after another and beside one another.
func plainRequests(s target, dialect string) error {
	open, err := s.dial()
	if err != nil {
		return err
	}
	defer open.Close()
	const text = "0 plain line, of {printable} ASCII ~"
	requests := []turn{{text + "\n", text + "\n"}}
	switch dialect {
	case "greet":
		requests = []turn{{text + "\n", reference.Greeting + text + "\n"}}
	case "script":
		requests = []turn{{"WRITE " + text + "\nSEND\n\n", text}, {"READLINE\n" + text + "\nSEND\n", netstring(text)}}
	}
	for range 3 {
		for _, request := range requests {
			if err := s.converse(request); err != nil {
				return err
			}
		}
	}
	return open.take(requests[0])
}
