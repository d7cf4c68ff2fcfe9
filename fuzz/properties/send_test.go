package properties

import (
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference"
)

var errBroken = errors.New("the connection is broken")

// breaking is a writer that takes so many bytes, and then fails with err, or
// says nothing where that is nil.
type breaking struct {
	room int
	err  error
	got  []byte
}

func (b *breaking) Write(p []byte) (int, error) {
	n := min(len(p), b.room)
	b.got, b.room = append(b.got, p[:n]...), b.room-n
	if n < len(p) {
		return n, b.err
	}
	return n, nil
}

// Once a Send has failed, no byte leaves any more, and every Send fails alike.
func TestSendFailsForGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := &breaking{room: rapid.IntRange(0, 2000).Draw(t, "room"), err: rapid.SampledFrom([]error{errBroken, nil}).Draw(t, "error")}
		want := out.err
		if want == nil {
			want = io.ErrShortWrite
		}
		room := out.room
		h := over(nil, out)
		all, unsent, broken := "", 0, false
		for range rapid.IntRange(1, 12).Draw(t, "sends") {
			for range rapid.IntRange(0, 3).Draw(t, "writes") {
				piece := pieces.Draw(t, "piece")
				h.WriteBytes([]byte(piece))
				all, unsent = all+piece, unsent+len(piece)
			}
			err := h.Send()
			broken = broken || len(all) > room
			if errors.Is(err, want) != broken || (err != nil) != broken {
				t.Fatalf("Send: %v, and it must fail: %t", err, broken)
			}
			if sent := all[:min(room, len(all))]; string(out.got) != sent {
				t.Fatalf("%d bytes left, want %d, or others", len(out.got), len(sent))
			}
		}
	})
}

// What is written beyond the limit leaves with nothing at all.
func TestSendLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		out := &breaking{room: 1 << 20}
		h := reference.NewStreamHandler(struct {
			io.Reader
			io.Writer
		}{nil, out}, reference.Config{SendLimit: limit})
		sent, unsent, over := "", "", false
		for range rapid.IntRange(1, 20).Draw(t, "operations") {
			if rapid.IntRange(0, 2).Draw(t, "send") == 0 {
				if err := h.Send(); (err != nil) != over || err != nil && !errors.Is(err, reference.ErrSendLimit) {
					t.Fatalf("Send: %v, and too much was written: %t", err, over)
				}
				if !over {
					sent, unsent = sent+unsent, ""
				}
			} else {
				piece := strings.Repeat("x", rapid.IntRange(0, 30).Draw(t, "piece"))
				unsent += piece
				over = over || len(unsent) > limit
				h.WriteContent(piece)
			}
			if string(out.got) != sent {
				t.Fatalf("%d bytes left, want %d", len(out.got), len(sent))
			}
		}
	})
}

// What was written leaves as it was when it was written.
func TestWriteBytesKeepsNoReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := &breaking{room: 1 << 30}
		h := over(nil, out)
		want, buf := "", make([]byte, 16<<10)
		for range rapid.IntRange(1, 10).Draw(t, "writes") {
			n := copy(buf, pieces.Draw(t, "piece"))
			h.WriteBytes(buf[:n])
			want += string(buf[:n])
			clear(buf)
		}
		if err := h.Send(); err != nil || string(out.got) != want {
			t.Fatalf("%.80q left, %v, want %.80q", out.got, err, want)
		}
	})
}
