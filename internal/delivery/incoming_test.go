package delivery

import (
	"testing"
	"testing/synctest"
)

// TestLeftBeforeTheEnd: a server that has ended its stream before the client ends its own is shown to have.
func TestLeftBeforeTheEnd(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, func(s *fakeServer) {
			s.read(2)
			s.write("early")
			s.halfClose()
			s.drain()
		})
		if err := c.Play(t.Context(), []byte("he"), Segments{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := c.HalfClose(); err != nil {
			t.Fatal(err)
		}
		if a := c.Receive(t.Context(), Want{Any: texts("early"), ToEnd: true}); a.State != Right || a.Ending != FIN {
			t.Errorf("%+v", a)
		}
		if got := kinds(c.Timeline()); got != "connect send receive received-fin fin" {
			t.Error(got)
		}
	})
}
