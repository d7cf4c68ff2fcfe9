package delivery

import (
	"context"
	"reflect"
	"testing"
	"time"
)

// TestSaid: what a client said can be said again: what was sent, where it was cut, and how the stream ended.
func TestSaid(t *testing.T) {
	ctx := context.Background() // one of the test's own would be outside of its bubbles
	for name, test := range map[string]struct {
		says func(c *Conn)
		want Said
	}{
		"nothing":           {func(*Conn) {}, Said{Whole: true}},
		"nothing, and left": {func(c *Conn) { _ = c.Reset() }, Said{Segments: Segments{End: Reset}, Whole: true}},
		"in pieces, with a pause, and half-closed": {func(c *Conn) {
			p := CutAt(2, 5)
			p.Cuts[1].Pause, p.End = time.Second, HalfClose
			_ = c.Play(ctx, []byte("abcdefg"), p) // what was said is what counts
		}, Said{Bytes: []byte("abcdefg"), Segments: Segments{Cuts: []Cut{{At: 2}, {At: 5, Pause: time.Second}}, End: HalfClose}, Whole: true}},
		"by and by": {func(c *Conn) {
			c.Cut(ctx) // before anything was sent it is none
			_ = c.Send(ctx, []byte("ab"))
			c.Cut(ctx)
			c.Cut(ctx)
			_ = c.Send(ctx, []byte("c"))
			c.Cut(ctx) // and behind everything it is none
			_ = c.HalfClose()
			_ = c.Reset()
		}, Said{Bytes: []byte("abc"), Segments: Segments{Cuts: []Cut{{At: 2}}, End: Reset}, Whole: true}},
		"too much": {func(c *Conn) {
			_ = c.Send(ctx, make([]byte, keptSaid))
			c.Cut(ctx)
			_ = c.Send(ctx, []byte("x"))
		}, Said{Bytes: make([]byte, keptSaid)}},
		"as much as is kept": {func(c *Conn) { _ = c.Send(ctx, make([]byte, keptSaid)) }, Said{Bytes: make([]byte, keptSaid), Whole: true}},
	} {
		inBubble(t, name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, (*fakeServer).drain)
			test.says(c)
			if got := c.Said(); got.Whole != test.want.Whole || string(got.Bytes) != string(test.want.Bytes) || got.End != test.want.End || len(got.Cuts)+len(test.want.Cuts) > 0 && !reflect.DeepEqual(got.Cuts, test.want.Cuts) {
				t.Errorf("%+v, want %+v", got.Segments, test.want.Segments)
			}
		})
	}
}
