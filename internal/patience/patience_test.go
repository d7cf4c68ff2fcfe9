package patience

import (
	"testing"
	"time"
)

func TestMeasured(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct{ answer, exchange, want time.Duration }{
		{0, ms, 2 * time.Second},
		{0, 200 * ms, 2 * time.Second},
		{0, 201 * ms, 2010 * ms},
		{0, 400 * ms, 3600 * ms}, // what it takes by itself it does not take ten times
		{50 * ms, ms, 50 * ms},
		{time.Minute, 10 * time.Second, time.Minute}, // there is a most
	} {
		p := New(c.answer).Measured(c.exchange)
		if p.Answer != c.want || p.Exchange != c.exchange || p.Again() < c.want || p.Again() > 3*c.want || p.Probe() != c.want/2 {
			t.Errorf("%s, %s: %+v, want %s", c.answer, c.exchange, p, c.want)
		}
	}
}

func TestReading(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0: 60 * time.Millisecond, 15 * time.Millisecond: 60 * time.Millisecond, 16 * time.Millisecond: 64 * time.Millisecond,
		200 * time.Millisecond: 800 * time.Millisecond, 300 * time.Millisecond: time.Second, time.Hour: time.Second,
	} {
		p := New(0).Reading(took)
		if p.Cut != want || p.CutAgain() != min(8*want, time.Second) {
			t.Errorf("after %s a cut has %s and %s, want %s", took, p.Cut, p.CutAgain(), want)
		}
	}
}

func TestTooSlow(t *testing.T) {
	p := New(0)
	if p.TooSlow(500*time.Millisecond) || !p.TooSlow(500*time.Millisecond+1) || Enough(700*time.Millisecond) != 4*time.Second {
		t.Error("a quarter of the wait for an answer is what a session may take, and five times as long is enough")
	}
}

// TestAdvice: the --timeout that a user is told to give is long enough for what was seen, and one that may be given.
func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		took   time.Duration
		n, all int64
		want   string
	}{
		{10 * time.Second, 10, 11, "give it a --timeout of 55s"},
		{10 * time.Second, 10, 12, "give it a --timeout of 1m"},
		{10 * time.Second, 1, 11, "it cannot be judged: the longest --timeout is 1m"},
		{10 * time.Second, 0, 11, "give it a longer --timeout"},
		{10 * time.Second, 11, 0, "give it a longer --timeout"},
	} {
		if got := Advice(c.took, c.n, c.all); got != c.want {
			t.Errorf("%d of %d bytes within %s: %q, want %q", c.n, c.all, c.took, got, c.want)
		}
	}
	took := 11 * time.Second
	if p := New(Enough(took)); p.TooSlow(took) || Session(p.Answer, 22) < took {
		t.Errorf("with a --timeout of %s a session of %s is too slow", p.Answer, took)
	}
}

func TestCases(t *testing.T) {
	for _, c := range []struct {
		exchange time.Duration
		confirms bool
		want     int
	}{
		{0, true, 1}, {2 * time.Millisecond, true, 1}, {3 * time.Millisecond, true, 2}, {9 * time.Millisecond, true, 6},
		{49 * time.Millisecond, true, 16}, {0, false, 6}, {time.Second, true, 32}, {time.Second, false, 32},
	} {
		if got := (Patience{Exchange: c.exchange}).Cases(c.confirms); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestLess asks less of a server the slower it is, and never nothing; of one that is not slow it asks all.
func TestLess(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	for _, c := range []struct {
		exchange, large, thinning time.Duration
		atOnce                    int
	}{
		{49 * ms, 30 * s, 5902 * ms, 1}, {50 * ms, 29500 * ms, 5900 * ms, 20}, {600 * ms, 24 * s, 4800 * ms, 20},
		{2 * s, 20 * s, 2 * s, 20}, {time.Minute, 20 * s, 2 * s, 20},
	} {
		p := Patience{Exchange: c.exchange}
		if p.Large() != c.large || p.Thinning() != c.thinning || p.AtOnce() != c.atOnce {
			t.Errorf("%s: %s, %s, %d at once; want %+v", c.exchange, p.Large(), p.Thinning(), p.AtOnce(), c)
		}
		large := p.Large()
		p.OneByOne = true // where all others wait for each case, it has less; a quick server is asked for all
		if want := map[bool]time.Duration{false: large, true: large / 6}[p.Slow()]; p.Large() != want || p.Thinning() != c.thinning/6 {
			t.Errorf("%s, one by one: %s, %s", c.exchange, p.Large(), p.Thinning())
		}
	}
}

// TestAgain: what was missing of a slow server is waited for as long again as it and the machine may add; of a quick one three times as long.
func TestAgain(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	for _, c := range []struct{ answer, exchange, want time.Duration }{
		{2 * s, 49 * ms, 6 * s}, {2 * s, 200 * ms, 6 * s}, {10 * s, 49 * ms, 30 * s}, {10 * s, 2 * s, 20 * s}, {10 * s, 200 * ms, 14600 * ms},
	} {
		if got := (Patience{Answer: c.answer, Exchange: c.exchange}).Again(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestBeside makes fewer sessions at once, and waits longer, where they take longer beside one another; only of a slow server that is asked.
func TestBeside(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	for _, c := range []struct {
		exchange, crowd, answer time.Duration
		cases, atOnce           int
	}{
		{100 * ms, 199 * ms, 2 * s, 32, 20}, {100 * ms, 400 * ms, 3 * s, 8, 5}, {100 * ms, 800 * ms, 6 * s, 4, 2},
		{2 * s, 16 * s, time.Minute, 4, 2}, {100 * ms, 10 * s, time.Minute, 1, 1}, {ms, s, 2 * s, 1, 1},
	} {
		p := Patience{Answer: 2 * s, Exchange: c.exchange}.Beside(c.crowd)
		if p.Answer != c.answer || p.Cases(false) < 1 || p.Cases(true) != c.cases || p.AtOnce() != c.atOnce {
			t.Errorf("%+v: waits for %s, %d cases, %d at once", c, p.Answer, p.Cases(true), p.AtOnce())
		}
	}
}

func TestBound(t *testing.T) {
	p := New(0).Measured(10 * time.Millisecond)
	for _, c := range []struct {
		w    Work
		want time.Duration
	}{
		{Work{}, time.Minute},
		{Work{Bytes: 1 << 20}, time.Minute + 64*time.Second},
		{Work{Bytes: 16 << 20}, 4 * time.Minute},
		{Work{Exchanges: 500}, time.Minute + 10*time.Second},
		{Work{Bytes: 16 << 20, Exchanges: 3000}, 5 * time.Minute},
	} {
		if got := p.Bound(c.w); got != c.want {
			t.Errorf("%+v: %s, want %s", c.w, got, c.want)
		}
	}
	if got := Session(2*time.Second, 1<<20); got != 74*time.Second {
		t.Errorf("a session of 1 MiB has %s", got)
	}
	if Thinking(1<<20-1) != 0 || Thinking(16<<20) != 4*time.Second {
		t.Errorf("over 16 MiB a server may think for %s", Thinking(16<<20))
	}
}

// TestTogether: however quick a slow server seemed to be, and where that is not known, it is sent no more messages than there are.
func TestTogether(t *testing.T) {
	const all, most = 32, 20 * time.Second
	for each, want := range map[time.Duration]int{-1: all, 0: all, 1: all, most / 32: all, most / 16: 16, time.Minute: 2} {
		if n := Together(all, each, most); n != want {
			t.Errorf("%s for each: %d messages, want %d", each, n, want)
		}
	}
	if n := Together(1, time.Minute, most); n != 1 {
		t.Errorf("of one message: %d", n)
	}
}

// TestComers: a server that takes one client a while after another, and is slow since, gets fewer of them, and no other does.
func TestComers(t *testing.T) {
	const all, least = 100, 20
	for _, c := range []struct {
		exchange, apart time.Duration
		want            int
	}{
		{time.Millisecond, time.Second, all}, {time.Second / 4, 0, all}, {time.Second / 4, time.Millisecond, all},
		{time.Second / 4, time.Second / 4, 22}, {time.Second / 4, time.Second, least},
	} {
		if n := New(0).Measured(c.exchange).Comers(all, least, c.apart); n != c.want {
			t.Errorf("%s for a session, %s apart: %d clients, want %d", c.exchange, c.apart, n, c.want)
		}
	}
}

// TestQuickest: two that are alike are so behind each other, and only where they are slow.
func TestQuickest(t *testing.T) {
	for _, c := range []struct {
		took  []time.Duration
		want  time.Duration
		alike bool
	}{
		{[]time.Duration{2 * time.Second}, 2 * time.Second, false},
		{[]time.Duration{2 * time.Second, 2100 * time.Millisecond}, 2 * time.Second, true},
		{[]time.Duration{2 * time.Second, time.Second}, time.Second, false},
		{[]time.Duration{2 * time.Second, 3 * time.Second}, 2 * time.Second, false},
		{[]time.Duration{20 * time.Millisecond, 20 * time.Millisecond}, 20 * time.Millisecond, false},
	} {
		var q Quickest
		for _, took := range c.took {
			q.Note(took)
		}
		if q.Took != c.want || q.Alike != c.alike {
			t.Errorf("%v: %+v", c.took, q)
		}
	}
}
