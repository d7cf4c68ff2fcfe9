package delivery

import (
	"testing"
	"time"
)

// TestDelay: what a client is late by counts where it was kept from running, up to the end of the server's stream; what it waits on
// purpose does not, nor what the server takes.
func TestDelay(t *testing.T) {
	const cut, hold, pause = 60 * ms, time.Second, 2500 * ms
	request := []byte("hello")
	for _, test := range []struct {
		name   string
		server func(s *fakeServer)
		plan   Segments
		want   time.Duration
	}{
		{"a server that does not read", nil, CutAt(2), 0},
		{"a server that does not read for long", nil, Segments{Cuts: []Cut{{At: 2, Pause: 2 * time.Second}}}, 0},
		{"a pause", func(s *fakeServer) { s.drain() }, Segments{Cuts: []Cut{{At: 2, Pause: 3 * time.Second}}}, 0},
		{"held in a cut", func(s *fakeServer) { time.Sleep(10 * ms); s.hold(hold) }, CutAt(2), hold - 2*lateness}, // which has its time all the same
		{"held in a pause, which goes on", func(s *fakeServer) { s.read(2); s.hold(hold) }, Segments{Cuts: []Cut{{At: 2, Pause: pause}}}, 0},
		{"held behind the server's end", func(s *fakeServer) { s.read(2); s.leave(); time.Sleep(ms); s.hold(hold) }, CutAt(2), 0},
		{"held before the server's end", func(s *fakeServer) { time.Sleep(10 * ms); s.hold(hold); s.leave() }, CutAt(2), 10*ms + hold - cut - lateness},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: cut}, test.server)
			_ = c.Play(t.Context(), request, test.plan) // the server may have left
			if got := c.Delay(); got < test.want-ms || got > test.want+ms {
				t.Errorf("the client was late by %s, want %s", got, test.want)
			}
		})
	}
}

// TestDelayOfLongWaits: a cut that waits for longer than clients let their connections be, for a server that does not read, is a reason to
// end the connection, and none for a wrong answer.
func TestDelayOfLongWaits(t *testing.T) {
	for _, ends := range []bool{false, true} {
		inBubble(t, map[bool]string{false: "goes on", true: "ends"}[ends], func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: time.Second}, func(s *fakeServer) {
				if time.Sleep(time.Second + ms); ends {
					s.leave()
				}
			})
			_ = c.Play(t.Context(), []byte("hello"), CutAt(2)) // the server may have left
			c.Receive(t.Context(), Want{Any: texts("x"), Idle: 10 * ms})
			if got, want := c.Delay(), map[bool]time.Duration{true: time.Second - mostBetween}[ends]; got != want {
				t.Errorf("late by %s, want %s", got, want)
			}
		})
	}
}
