package timeline

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestArrivals reads bytes when they have arrived, in other pieces: their events stand where they arrived, each with its bytes, and none
// twice; what was not read is counted.
func TestArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Log
		stream := []byte(strings.Repeat("0123456789", 80))
		var want []Event
		arrived, read := 0, 0
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"arrives", "reads", "sends"}).Draw(t, "step") {
			case "arrives":
				n := rapid.IntRange(0, 60).Draw(t, "bytes")
				arrived = min(arrived+n, len(stream)/2)
				l.Arrives(uint64(arrived))
			case "reads":
				n := rapid.IntRange(1, 60).Draw(t, "bytes")
				l.Reads(stream[read : read+n])
				read += n
				arrived = max(arrived, read)
			case "sends":
				l.Add(KindSend, []byte("x"), 1, Unconfirmed, "")
			}
			shown := 0
			for _, e := range want {
				shown += e.Count
			}
			if arrived > shown {
				want = append(want, Event{Kind: KindReceive, Count: arrived - shown})
			}
		}
		at := 0
		got := slices.DeleteFunc(l.Events(), func(e Event) bool { return e.Kind == KindSend })
		if len(got) != len(want) {
			t.Fatalf("%d events, want %d", len(got), len(want))
		}
		for i, e := range got {
			text := stream[at : at+want[i].Count]
			text = text[:min(len(text), max(read-at, 0), excerpt)]
			if at += want[i].Count; e.Kind != KindReceive || e.Count != want[i].Count || string(e.Bytes) != string(text) {
				t.Errorf("event %d: %d bytes, %q; want %d, %q", i, e.Count, e.Bytes, want[i].Count, text)
			}
		}
	})
}

// TestArrivalsOverwritten: bytes whose event is no longer kept are read, and shown nowhere else.
func TestArrivalsOverwritten(t *testing.T) {
	var l Log
	for range keptFirst {
		l.Add(KindSend, nil, 0, Unconfirmed, "")
	}
	l.Arrives(3)
	for range keptLast {
		l.Add(KindPause, nil, 0, Unconfirmed, "")
	}
	l.Reads([]byte("abcd"))
	events := l.Events()
	if last := events[len(events)-1]; last.Kind != KindReceive || last.Count != 1 || string(last.Bytes) != "d" {
		t.Errorf("%+v", last)
	}
	if note := events[keptFirst]; note.Kind != KindNote || note.Count != 2 {
		t.Errorf("%+v", note)
	}
}
