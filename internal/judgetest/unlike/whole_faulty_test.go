package unlike

import (
	"net"
	"slices"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// TestWholeFaulty judges faulty servers that are slow or far by every case that applies to a server without a process: less is asked of
// them, and yet each is blamed for the requirement that its fault is named for, in about the time that a right one has.
func TestWholeFaulty(t *testing.T) {
	if testing.Short() {
		t.Skip("it is many whole runs, of which the race detector sees one elsewhere")
	}
	const ms = time.Millisecond
	const far = -1
	const again = 15 * time.Second // in which failures are asked for again, alone
	for _, c := range []struct {
		fault, dialect, broken string
		late                   time.Duration // or far
	}{
		{"read-is-message", "line", "FRAM-2", 200 * ms},
		{"read-is-message", "line", "FRAM-2", 2 * time.Second},
		{"read-is-message", "script", "FRAM-2", 2 * time.Second},
		{"read-is-message", "line", "FRAM-2", far},
		{"read-is-message", exchanged, "FRAM-2", 200 * ms},
		{"until-lf", "line", "FRAM-9", 200 * ms},
		{"until-lf", "line", "FRAM-9", 2 * time.Second},
		{"partial-kept", "line", "FRAM-10", 2 * time.Second},
		{"lines-joined", "line", "FRAM-4", 2 * time.Second},
		{"echo-delayed", "echo", "FLOW-3", time.Second},
		{"eof-loses", "line", "CLOS-1", 0},
		{"eof-loses", "line", "CLOS-1", 2 * time.Second},
		{"eof-loses", "echo", "CLOS-1", 2 * time.Second},
		{"eof-loses", "line", "CLOS-1", far},
		{"eof-loses", exchanged, "CLOS-1", 200 * ms},
		{"input-outlives", "line", "CONC-1", 0},
	} {
		name := "far"
		if c.late != far {
			name = c.late.String()
		}
		judgetest.Virtually(t, c.fault+"/"+c.dialect+"/"+name, func(t *testing.T) {
			var l *inmemory.TCPListener
			if c.late == far {
				l = inmemory.ListenTCP(100 * ms).Elsewhere()
			} else {
				l = judgetest.Near()
			}
			cfg := slowAndFaulty(t, l, c.fault, c.dialect, max(c.late, 0))
			if cfg.Timeout = 5 * c.late; c.late == far {
				cfg.Timeout = 3 * time.Second
			}
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if took := time.Since(began); took > mostVirtual+again {
				t.Errorf("it took %s", took)
			}
			if broken := judgetest.Having(rep, report.Fail, report.Warn); !slices.Contains(broken, c.broken) {
				t.Errorf("blamed for %q, and not for %s: %s", broken, c.broken, judgetest.Told(rep))
			} else if c.broken != "CONC-1" && slices.Contains(broken, "CONC-1") {
				t.Errorf("blamed for %q, and mixes nothing: %s", broken, judgetest.Told(rep))
			}
		})
	}
}

// slowAndFaulty is a config for a server at l that has a fault, and answers so late.
func slowAndFaulty(t *testing.T, l *inmemory.TCPListener, fault, dialect string, by time.Duration) judge.Config {
	t.Helper()
	speaks := dialect
	if dialect == exchanged {
		speaks = "line"
	}
	s, err := judgetest.NewServer(fault, speaks, reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	served, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(served)
		_ = s.(interface{ Serve(net.Listener) error }).Serve(judgetest.Wrapping{Listener: l, Wrap: func(c judgetest.Conn) net.Conn { return judgetest.Late{Conn: c, By: by, Over: over} }}) // until it is closed
	}()
	t.Cleanup(func() {
		close(over)
		_ = s.Close()
		<-served
	})
	cfg := judgetest.Meeting(l, fault, speaks)
	if dialect == exchanged {
		cfg.Dialect, cfg.Exchange = "test.yaml", judgetest.ExchangeFile(t, judgetest.LineFile)
	}
	return cfg
}
