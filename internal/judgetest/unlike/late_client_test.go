package unlike

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// tardy is a client's end of a connection whose process is kept from running, as on a busy machine: whenever it is about to write
// behind what it has written already, or when it has written.
type tardy struct {
	*inmemory.TCP
	before, behind time.Duration
	written        bool // something, and not for the second time
}

func (c *tardy) WriteMore(b []byte, more bool) (int, error) {
	if c.written {
		time.Sleep(c.before)
	}
	n, err := c.TCP.WriteMore(b, more)
	c.written = n > 0
	if c.behind > 0 {
		c.Set(func() { c.Held = time.Now().Add(c.behind) })
	}
	return n, err
}

// tardily has each so-manieth of cfg's clients at l be kept from running.
func tardily(cfg judge.Config, l *inmemory.TCPListener, before, behind time.Duration, every int64) judge.Config {
	var made atomic.Int64
	cfg.Connect = delivery.DialOver(func(ctx context.Context, receiveBuffer int) (*tardy, error) {
		c, err := l.Connect(ctx, receiveBuffer)
		if made.Add(1)%every != 0 {
			return &tardy{TCP: c}, err
		}
		return &tardy{TCP: c, before: before, behind: behind}, err
	})
	return cfg
}

// bored is a connection that ends where nothing comes for so long.
type bored struct {
	judgetest.Conn
	after time.Duration
}

func (c bored) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.after)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		err = io.EOF
	}
	return n, err
}

// TestLateClient: a server that ends a connection on which nothing comes for a second is told so by FRAM-7, and by nothing else where it
// is the client that was kept from running for longer. A server that is wrong is blamed as ever, as soon as a client is in time.
func TestLateClient(t *testing.T) {
	const late, all = 1100 * time.Millisecond, "LIFE-1..5,FRAM-1..7,FRAM-9,FRAM-10,LINE,READ,CODE,CONC"
	const many = "LIFE-4 CONC-1 CONC-3"
	idle := func(c judgetest.Conn) net.Conn { return bored{c, time.Second} }
	broken := func(c judgetest.Conn) net.Conn { return &oneRead{Conn: c} }
	for _, test := range []struct {
		name           string
		dialect        string
		only           string
		before, behind time.Duration
		every          int64 // each so-manieth client is late
		wrap           func(judgetest.Conn) net.Conn
		blamed         string
		open           string // what may be left open, since each attempt at it has a client that is late
	}{
		{"in time", "line", all, 0, 0, 1, idle, "FRAM-7", ""},
		{"before a write", "line", all, late, 0, 5, idle, "FRAM-7", many},
		{"behind a write", "line", all, 0, late, 5, idle, "FRAM-7", many},
		{"before a write", "script", all, late, 0, 5, idle, "FRAM-7", many},
		{"behind a write", "script", all, 0, late, 5, idle, "FRAM-7", many},
		{"before a write", exchanged, all, late, 0, 5, idle, "FRAM-7", many},
		{"behind a write", exchanged, all, 0, late, 5, idle, "FRAM-7", many},
		{"always", "line", "FRAM-2,FRAM-7", late, 0, 1, idle, "FRAM-7", "FRAM-2"},
		{"broken", "line", "FRAM-2,FRAM-7", late, 0, 5, broken, "FRAM-2 FRAM-7", ""},
		{"always, and broken", "line", "FRAM-2,FRAM-7", late, 0, 1, broken, "FRAM-2 FRAM-7", ""},
	} {
		judgetest.Virtually(t, test.name+"/"+test.dialect, func(t *testing.T) {
			l := judgetest.Near()
			cfg := tardily(whole{dialect: test.dialect}.judging(t, l, reference.Config{}, test.wrap), l, test.before, test.behind, test.every)
			cfg.Only = test.only
			rep := judgetest.Judge(t, cfg)
			if blamed := judgetest.Having(rep, report.Fail, report.Warn); !slices.Equal(blamed, strings.Fields(test.blamed)) {
				t.Errorf("blamed for %q, want %q", blamed, test.blamed)
			}
			for _, id := range judgetest.Having(rep, report.Inconclusive) {
				if r := judgetest.Result(t, rep, id); !strings.Contains(" "+test.open+" ", " "+id+" ") || !strings.Contains(r.Reason, "this machine kept the client from running") {
					t.Errorf("no verdict on %s: %s", id, r.Reason)
				}
			}
			if t.Failed() {
				t.Log(judgetest.Told(rep))
			}
		})
	}
}
