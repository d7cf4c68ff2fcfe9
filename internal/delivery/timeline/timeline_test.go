package timeline

import (
	"strings"
	"testing"
)

func TestTimelineIsBounded(t *testing.T) {
	for _, n := range []int{0, 1, keptFirst, keptFirst + 1, keptFirst + keptLast, keptFirst + keptLast + 1, 12345} {
		var l Log
		for i := range n {
			l.Add(KindSend, []byte(strings.Repeat("x", 200)), i, Unconfirmed, "")
		}
		events := l.Events()
		lost := max(0, n-keptFirst-keptLast)
		if want := n - lost + min(lost, 1); len(events) != want {
			t.Errorf("%d events of %d", len(events), n)
		}
		next := 0
		for i, e := range events {
			if lost > 0 && i == keptFirst {
				if e.Kind != KindNote || e.Count != lost || !strings.Contains(e.Note, "not shown") {
					t.Errorf("the note is %+v", e)
				}
				next += lost
				continue
			}
			if e.Kind != KindSend || e.Count != next || len(e.Bytes) != excerpt {
				t.Fatalf("of %d, event %d is the one of %d", n, i, e.Count)
			}
			next++
		}
		if next != n {
			t.Errorf("the last event is not %d but %d", n, next)
		}
	}
}

func TestTimelineCopies(t *testing.T) {
	var l Log
	b := []byte("hello")
	l.Add(KindSend, b, len(b), Unconfirmed, "")
	b[0] = 'j'
	l.Events()[0].Bytes[1] = 'u'
	if got := string(l.Events()[0].Bytes); got != "hello" {
		t.Errorf("%q", got)
	}
}

func TestTimelineAllocatesNothing(t *testing.T) {
	var l Log
	b := []byte("hello")
	add := func() { l.Add(KindSend, b, len(b), Unconfirmed, "") }
	for range keptFirst + keptLast {
		add()
	}
	if n := testing.AllocsPerRun(1000, add); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
}
