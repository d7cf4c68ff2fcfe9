package judge_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestReference judges the right server by the dialect that shows most: all of it
// is shown. The specs of ginkgosuite judge it by every dialect.
func TestReference(t *testing.T) {
	if testing.Short() {
		t.Skip("the specs of ginkgosuite judge it too")
	}
	rep := judgetest.Judge(t, judgetest.InProcess(t, "right", "script"))
	if rep.Conclusion != report.Conformant || len(judgetest.Having(rep, report.Warn, report.Skip, report.Inconclusive)) > 0 {
		t.Errorf("the reference server: %s", judgetest.Told(rep))
	}
	if rep.Cuts.Made < 1000 {
		t.Errorf("only %d cuts were made", rep.Cuts.Made)
	}
	d, _ := dialect.Lookup("script")
	want := len(rules.Shows(d))
	if len(rep.Results) != want {
		t.Errorf("%d results, and %d requirements show in the dialect", len(rep.Results), want)
	}
}

// TestTrivialServers: a server that answers nothing rightly fails FRAM-1, soon,
// and nothing else is judged by it.
func TestTrivialServers(t *testing.T) {
	answering := func(answer string) func(judgetest.Conn) { // to every read
		return func(c judgetest.Conn) {
			for b := make([]byte, 4096); ; {
				if _, err := c.Read(b); err != nil {
					return
				}
				if _, err := io.WriteString(c, answer); err != nil {
					return
				}
			}
		}
	}
	flooding := func(block func() []byte) func(judgetest.Conn) {
		return func(c judgetest.Conn) {
			for {
				if _, err := c.Write(block()); err != nil {
					return
				}
			}
		}
	}
	r := rand.NewChaCha8([32]byte{1})
	for name, test := range map[string]struct {
		dialect string
		serve   func(judgetest.Conn)
	}{
		"accept-close": {"line", func(judgetest.Conn) {}},
		"accept-hang":  {"script", nil},
		"flood":        {"script", flooding(func() []byte { return bytes.Repeat([]byte("flood\n"), 1<<12) })},
		"sink":         {"greet", answering("")},
		"constant":     {"line", answering("OK\n")},
		"reset":        {"echo", func(c judgetest.Conn) { _ = c.SetLinger(0) }},
		"noise": {"echo", flooding(func() []byte {
			block := make([]byte, 8192)
			_, _ = r.Read(block) // it has no end
			return block
		})},
		"too much": {"echo", func(c judgetest.Conn) { // the answer comes, and half of it once more
			b, _ := io.ReadAll(c)
			_, _ = c.Write(append(b, b[:len(b)/2]...))
		}},
		"too little": {"echo", func(c judgetest.Conn) { // the last byte never comes
			b, _ := io.ReadAll(c)
			_, _ = c.Write(b[:max(len(b)-1, 0)])
		}},
		"other dialect":  {"script", judgetest.Echo},
		"greets no echo": {"greet", judgetest.Echo},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			began := time.Now()
			rep := judgetest.Judge(t, judgetest.Serving(t, test.dialect, func(c judgetest.Conn, _ int) {
				if test.serve == nil {
					<-t.Context().Done()
					return
				}
				test.serve(c)
			}))
			if took := time.Since(began).Truncate(100 * time.Millisecond); took > 2*time.Second && (name != "accept-hang" || took != 10400*time.Millisecond) {
				t.Errorf("it took %s", took)
			}
			if rep.Conclusion != report.NotConformant || rep.Trouble == "" || !strings.Contains(rep.Trouble, "baseline") {
				t.Errorf("the report says %s", judgetest.Told(rep))
			}
			want := "FRAM-1" // the answer is wrong
			if silent := []string{"accept-close", "accept-hang", "sink", "reset"}; slices.Contains(silent, name) {
				want = "LIFE-1" // there is none
			}
			if broken := judgetest.Having(rep, report.Fail, report.Warn); !slices.Equal(broken, []string{want}) {
				t.Errorf("broken: %q", broken)
			}
			if skipped := judgetest.Having(rep, report.Skip); len(skipped) != len(rep.Results)-1 {
				t.Errorf("%d of %d were skipped", len(skipped), len(rep.Results))
			}
			for _, r := range rep.Results {
				if r.Verdict == report.Skip && !strings.Contains(r.Reason, "the baseline exchange failed") {
					t.Errorf("%s was skipped for this reason: %s", r.ID, r.Reason)
				}
			}
			if guess := strings.Contains(rep.Trouble, "try --dialect echo"); guess != (name == "other dialect" || name == "greets no echo") {
				t.Errorf("the guess at the dialect: %s", rep.Trouble)
			}
		})
	}
}

// While a server that is slow has yet to answer what fills the buffers, others are served; what counts is whether they are
// when it is stuck.
func TestSlowBeforeStuck(t *testing.T) {
	const much = inmemory.SendBuffer / 2 // which the buffers hold
	synctest.Test(t, func(t *testing.T) {
		writing := make(chan struct{}, 1) // holds the token of who writes
		cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
			_ = c.SetReadBuffer(64 << 10)
			buf := make([]byte, 16<<10)
			for read, slow := 0, 30; ; {
				piece := buf
				if read > much && slow > 0 { // three seconds in which its kernel has no room, and others are served
					piece, slow = buf[:512], slow-1
					time.Sleep(100 * time.Millisecond)
				}
				n, err := c.Read(piece)
				read += n
				writing <- struct{}{}
				_, wrote := c.Write(piece[:n])
				<-writing
				if err != nil || wrote != nil {
					_ = c.CloseWrite()
					return
				}
			}
		})
		cfg.Only = "ROBU-6"
		rep := judgetest.Judge(t, cfg)
		if r := judgetest.Result(t, rep, "ROBU-6"); r.Verdict != report.Fail || !strings.Contains(r.Reason, "beside a client that never reads") {
			t.Errorf("a server that serves nobody beside a client that does not read is no %s: %s", r.Verdict, judgetest.Told(rep))
		}
	})
}

// TestServerThatNeverCloses answers rightly and leaves its connections open:
// that is CLOS's and LIFE's matter, and no other family's.
func TestServerThatNeverCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rep := judgetest.Judge(t, judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
			_, _ = io.Copy(judgetest.OnlyWriter{Writer: c}, c)
			<-t.Context().Done()
		}))
		for _, r := range rep.Results {
			switch r.ID {
			case "LIFE-3", "CLOS-1", "CLOS-3", "CLOS-4":
				if r.Verdict != report.Fail || !strings.Contains(r.Reason, "did not close") || r.Failure.Ending != "open" {
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			default:
				if lacks := strings.Contains(r.Reason, "give --"); r.Verdict != report.Pass && !lacks {
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
		}
	})
}

// TestGateOfAServerThatNeverCloses: the clients that the gate has be silent are many, and none of them waits for the server's end.
func TestGateOfAServerThatNeverCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r, err := judge.Open(t.Context(), judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
			_, _ = io.Copy(judgetest.OnlyWriter{Writer: c}, c)
			<-t.Context().Done()
		}))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it took %s", took)
		}
		if facts := r.Facts(); facts.Workers != 0 || facts.Serial {
			t.Errorf("%+v", facts)
		}
	})
}

// TestSerialServer: one client at a time is a broken CONC-2, and nothing else is blamed for it.
func TestSerialServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it is many whole runs, of which the race detector sees one elsewhere")
	}
	for _, dialect := range []string{"echo", "greet", "line", "script"} {
		for accepts, most := range map[string]int{"one": 1, "all": 0} { // of those that connect
			judgetest.Virtually(t, dialect+", accepts "+accepts, func(t *testing.T) {
				turn := make(chan struct{}, 1) // holds the token of the session whose turn it is
				session := judgetest.Handler(t, dialect)
				cfg := judgetest.InMemory(t, judgetest.Near(), dialect, reference.Config{MaxConnections: most, Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
					turn <- struct{}{}
					defer func() { <-turn }()
					return session.Handle(h)
				})}, nil)
				rep := judgetest.Judge(t, cfg)
				if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"CONC-2"}) {
					t.Errorf("a serial server: %s", judgetest.Told(rep))
				}
				if !rep.Target.Serial || rep.Conclusion != report.Conformant || len(rep.Notes) == 0 || rep.Cuts.Confirmed < rep.Cuts.Made {
					t.Errorf("serial %t, %s, %+v, notes %q", rep.Target.Serial, rep.Conclusion, rep.Cuts, rep.Notes)
				}
				for _, r := range rep.Results {
					if lacks := strings.Contains(r.Reason, "give --"); r.Verdict == report.Skip && !lacks && !strings.Contains(r.Reason, "one client at a time (CONC-2)") {
						t.Errorf("%s was skipped: %s", r.ID, r.Reason)
					}
				}
				cfg.Strict, cfg.Only = true, "CONC-2"
				if rep := judgetest.Judge(t, cfg); rep.Conclusion != report.NotConformant {
					t.Errorf("under strict: %s", rep.Sentence)
				}
			})
		}
	}
}

// TestSeed: the same seed makes the same cases, byte for byte and cut for cut,
// and another seed others.
func TestSeed(t *testing.T) {
	run := func(seed uint64) (all string, cuts report.Cuts) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var seen []string // what each connection brought
			cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
				request, _ := io.ReadAll(io.TeeReader(c, judgetest.OnlyWriter{Writer: c}))
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, fmt.Sprintf("%d:%q\n", len(request), request[:min(len(request), 10000)]))
			})
			cfg.Seed, cfg.Only, cfg.Workers = seed, "FRAM-5", 1
			rep := judgetest.Judge(t, cfg)
			if rep.Conclusion != report.Conformant || rep.Seed != seed {
				t.Fatalf("seed %d: %s", seed, judgetest.Told(rep))
			}
			mu.Lock()
			defer mu.Unlock()
			slices.Sort(seen) // connections beside one another may end in any order
			all, cuts = strings.Join(seen, ""), rep.Cuts
		})
		return all, cuts
	}
	for _, seed := range []uint64{0, 1<<64 - 1} {
		first, cuts := run(seed)
		again, cutsAgain := run(seed)
		if first != again || cuts != cutsAgain {
			t.Errorf("seed %d made other cases the second time: %d and %d bytes, %d and %d cuts", seed, len(first), len(again), cuts.Made, cutsAgain.Made)
		}
		if other, _ := run(seed + 2); other == first {
			t.Errorf("seeds %d and %d made the same cases", seed, seed+2)
		}
	}
}

// TestSeedOfACase: a case's choices are its own: what else runs does not change them.
func TestSeedOfACase(t *testing.T) {
	t.Parallel()
	s := player.NewServer(target.InProcess("none", "127.0.0.1:1", nil, nil, 0), dialect.Echo{}, patience.New(0), 0)
	draw := func(id string, seed uint64) uint64 { return bench.New(s, id, id, seed).Rand.Uint64() }
	first := draw("FRAM-5/random", 7)
	if first != draw("FRAM-5/random", 7) || first == draw("FRAM-8/values", 7) || first == draw("FRAM-5/random", 8) {
		t.Error("the choices of a case do not follow from the seed and its id")
	}
}

// TestWhatTheTargetLacks is skipped, with a reason that says what to give.
func TestWhatTheTargetLacks(t *testing.T) {
	t.Parallel()
	rep := judgetest.Judge(t, judge.Config{Addr: judgetest.At(t, judgetest.Echo).Addr(), Dialect: "echo", Only: "LIFE-1,LIFE-6..11,ROBU-2"})
	for _, r := range rep.Results {
		want, reason := report.Skip, "give --exec"
		switch r.ID {
		case "LIFE-1":
			want, reason = report.Pass, ""
		case "LIFE-10", "LIFE-11":
			reason = "give --pid or --exec"
		case "ROBU-2":
			want, reason = report.Pass, ""
			if !strings.Contains(r.Observed, "in part: the server's process must be known") {
				t.Errorf("ROBU-2 does not say that its memory was not looked at: %q", r.Observed)
			}
		}
		if r.Verdict != want || !strings.HasSuffix(r.Reason, reason) {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	cfg := judgetest.InProcess(t, "right", "script")
	cfg.Reader, cfg.Only = nil, "READ-3"
	if rep := judgetest.Judge(t, cfg); rep.Conclusion != report.NoVerdict || judgetest.Result(t, rep, "READ-3").Verdict != report.Skip {
		t.Errorf("READ-3 without the server's operations: %s", judgetest.Told(rep))
	}
}

// touching is a reader that reads although nothing is asked for.
type touching struct{ io.Reader }

func (r touching) Read(n int) (string, error) {
	_, _ = r.Reader.Read(make([]byte, n+1))
	return "", nil
}

func TestReadOfNothing(t *testing.T) {
	cfg := judgetest.InProcess(t, "right", "script")
	cfg.Only = "READ-3"
	if rep := judgetest.Judge(t, cfg); rep.Conclusion != report.Conformant {
		t.Errorf("the reference server: %s", judgetest.Told(rep))
	}
	cfg.Reader = func(rw io.ReadWriter) bench.Reader { return touching{rw} }
	if rep := judgetest.Judge(t, cfg); rep.Conclusion != report.NotConformant {
		t.Errorf("a read(0) that reads: %s", judgetest.Told(rep))
	}
}

// TestUnreachable: where nothing listens, that is said.
func TestUnreachable(t *testing.T) {
	const addr = "127.0.0.1:1" // on which nobody listens
	rep, err := judge.Judge(t.Context(), judge.Config{Addr: addr})
	var unreachable *target.UnreachableError
	if !errors.As(err, &unreachable) || rep != nil {
		t.Errorf("%v", err)
	}
}
