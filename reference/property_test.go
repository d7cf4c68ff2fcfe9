package reference_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference"
)

func TestPropertyDecodeIsRFC3629(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		msg := input.Draw(t, "msg")
		want, wantErr := modelDecode(msg)
		got, err := reference.Decode([]byte(msg))
		if got != want || kind(err) != wantErr {
			t.Fatalf("Decode(%q) = %q, %v; want %q, %v", msg, got, err, want, wantErr)
		}
	})
}

func TestPropertyDecodeAtTheEdges(t *testing.T) {
	// Every first byte, with the bytes at the edges of every range of RFC 3629.
	edges := []byte{0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}
	for first := range 256 {
		for _, second := range edges {
			for _, third := range edges {
				for _, fourth := range edges {
					msg := []byte{byte(first), second, third, fourth}
					_, wantErr := modelDecode(string(msg))
					if _, err := reference.Decode(msg); kind(err) != wantErr {
						t.Fatalf("Decode(% x): %v, want %v", msg, err, wantErr)
					}
				}
			}
		}
	}
}

func TestPropertyDecodeOfEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got, err := reference.Decode(reference.Encode(text))
		if err != nil || got != text {
			t.Fatalf("Decode(Encode(%q)) = %q, %v", text, got, err)
		}
	})
}

// Read and ReadLine, in any order, return under every segmentation what the
// contract says of the whole input.
func TestPropertyReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := input.Draw(t, "whole")
		h := over(segmentation(t, whole), io.Discard)
		m := &model{in: whole}
		for i, op := range rapid.SliceOfN(rapid.SampledFrom(readOperations), 1, 20).Draw(t, "operations") {
			n := rapid.OneOf(rapid.IntRange(0, 12), rapid.Just(65536)).Draw(t, "n")
			want, wantErr := op.model(m, n)
			got, err := retry(func() (string, error) { return op.real(h, n) })
			if got != want || kind(err) != wantErr {
				t.Fatalf("operation %d, %s(%d): got %q, %v; want %q, %v", i, op.name, n, got, err, want, wantErr)
			}
		}
	})
}

type readOperation struct {
	name  string
	real  func(h *reference.StreamHandler, n int) (string, error)
	model func(m *model, n int) (string, error)
}

func (op readOperation) String() string { return op.name }

var readOperations = []readOperation{
	{"Read", (*reference.StreamHandler).Read, (*model).read},
	{"ReadLineLimit", (*reference.StreamHandler).ReadLineLimit, (*model).readline},
	{
		"ReadLine",
		func(h *reference.StreamHandler, _ int) (string, error) { return h.ReadLine() },
		func(m *model, _ int) (string, error) { return m.readline(65536) },
	},
}

// What was written leaves at Send alone, once and in order.
func TestPropertyBufferedSend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		h := over(strings.NewReader(""), &out)
		m := &model{}
		for range rapid.IntRange(1, 30).Draw(t, "operations") {
			piece := input.Draw(t, "piece")
			switch rapid.SampledFrom([]string{"WriteContent", "WriteBytes", "Send"}).Draw(t, "operation") {
			case "WriteContent":
				h.WriteContent(piece)
				m.unsent += piece
			case "WriteBytes":
				h.WriteBytes([]byte(piece))
				m.unsent += piece
			case "Send":
				if err := h.Send(); err != nil {
					t.Fatalf("Send: %v", err)
				}
				m.send()
			}
			if out.String() != m.sent {
				t.Fatalf("sent %q, want %q", out.String(), m.sent)
			}
		}
	})
}

func TestPropertyEchoSession(t *testing.T) {
	checkSessions(t, reference.Echo, input, func(m *model) error {
		m.sent = m.in
		return nil
	})
}

func TestPropertyGreetSession(t *testing.T) {
	checkSessions(t, reference.Greet, input, func(m *model) error {
		if m.in != "" {
			m.sent = "I am the server,I have got it:\n" + m.in
		}
		return nil
	})
}

func TestPropertyLineSession(t *testing.T) {
	checkSessions(t, reference.Line, input, (*model).line)
}

func TestPropertyScriptSession(t *testing.T) {
	checkSessions(t, reference.Script, program, (*model).script)
}

// checkSessions checks whole sessions: the answer, and whether the handler fails.
func checkSessions(t *testing.T, dialect reference.Dialect, requests *rapid.Generator[string], session func(*model) error) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		request := requests.Draw(t, "request")
		m := &model{in: request}
		wantErr := session(m)
		var out bytes.Buffer
		err := dialect.Handle(over(persistent{segmentation(t, request)}, &out))
		if out.String() != m.sent || (err != nil) != (wantErr != nil) {
			t.Fatalf("got %q, %v; want %q, %v", out.String(), err, m.sent, wantErr)
		}
	})
}

// input generates what clients send: text of every kind, white space, line ends,
// and bytes that are no text.
var input = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\n", "\r\n", "\r", " ", "\t", "\v\f", "a", "bc", "\x00"}),
		rapid.SampledFrom([]string{"é", "€", "😀", "\u0085", "\u2028", "\u00a0", "\ufeff", "\ufffd", "e\u0301"}),
		rapid.SampledFrom([]string{"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}),
		rapid.Just(strings.Repeat("long ", 2000)),
	)
	return strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "pieces"), "")
})

// program generates a script session, most of it right, cut off anywhere.
var program = rapid.Custom(func(t *rapid.T) string {
	whole := strings.Join(rapid.SliceOfN(command, 0, 12).Draw(t, "commands"), "")
	if rapid.IntRange(0, 3).Draw(t, "cut off") == 0 {
		whole = whole[:rapid.IntRange(0, len(whole)).Draw(t, "length")]
	}
	return whole
})

// command generates one command with what it reads.
var command = rapid.Custom(func(t *rapid.T) string {
	text := rapid.StringOf(rapid.RuneFrom([]rune("aé€😀 \t\r\x00\u00a0"))).Draw(t, "text")
	end := rapid.SampledFrom([]string{"\n", "\r\n", " \n"}).Draw(t, "end")
	switch rapid.IntRange(0, 16).Draw(t, "command") {
	case 0, 1, 2:
		return fmt.Sprintf("READ %d%s%s", len(text), end, text)
	case 3, 4:
		return "READLINE" + end + text + "\n"
	case 5, 6:
		return fmt.Sprintf("READLINE %d%s%s", len(text)+1, end, text+"\n")
	case 7:
		return fmt.Sprintf("READLINE %d%s%s", rapid.IntRange(0, 9).Draw(t, "limit"), end, text+"\n")
	case 8, 9:
		return "WRITE " + text + end
	case 10:
		return fmt.Sprintf("BYTES %x%s", input.Draw(t, "bytes"), end)
	case 11, 12, 13:
		return "SEND" + end
	case 14:
		return "ATEND" + end
	case 15:
		return rapid.SampledFrom([]string{"CLOSE", "", "SEND"}).Draw(t, "last") + end
	}
	return rapid.SampledFrom([]string{"RAISE", "READ", "READ x", "read 1", "SEND 1", "READ 16777217"}).Draw(t, "wrong") + end
})

// segmentation returns a reader of whole that cuts it anywhere.
func segmentation(t *rapid.T, whole string) io.Reader {
	switch rapid.SampledFrom([]string{"cuts", "whole", "bytes", "halves", "end with data", "timeout"}).Draw(t, "segmentation") {
	case "cuts":
		var parts []string
		for whole != "" {
			n := rapid.IntRange(1, len(whole)).Draw(t, "segment")
			parts, whole = append(parts, whole[:n]), whole[n:]
		}
		return newSegments(parts...)
	case "bytes":
		return iotest.OneByteReader(strings.NewReader(whole))
	case "halves":
		return iotest.HalfReader(strings.NewReader(whole))
	case "end with data":
		return iotest.DataErrReader(strings.NewReader(whole))
	case "timeout":
		return iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(whole)))
	}
	return strings.NewReader(whole)
}

// retry calls read again after an error that passes.
func retry(read func() (string, error)) (string, error) {
	text, err := read()
	if errors.Is(err, iotest.ErrTimeout) {
		return read()
	}
	return text, err
}

// persistent is a reader that reads on after an error that passes.
type persistent struct{ io.Reader }

func (r persistent) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == iotest.ErrTimeout {
		err = nil
	}
	return n, err
}

// kind returns the model's error for an error of the implementation.
func kind(err error) error {
	switch {
	case err == io.EOF:
		return errModelEnd
	case errors.Is(err, reference.ErrInvalidUTF8):
		return errModelText
	}
	return err
}
