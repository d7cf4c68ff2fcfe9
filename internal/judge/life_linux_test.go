package judge

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

func init() {
	slowConns["large-buffer"] = func(_ context.Context, c conn) net.Conn {
		largeBuffer(c, 64<<20)
		return c
	}
	slowConns["larger-buffer"] = func(_ context.Context, c conn) net.Conn {
		largeBuffer(c, 3<<20)
		return c
	}
	slowConns["slow-samples"] = func(_ context.Context, c conn) net.Conn {
		largeBuffer(c, 700<<10)
		return slowSamples{c}
	}
}

// largeBuffer gives a connection a send buffer that takes large answers, which root alone may.
func largeBuffer(c conn, size int) {
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { // a test that needs it sees that it was not done
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, size)
		})
	}
}

// slowSamples is slow with answers as large as those by which the suite finds out how slow a server is, as one on a machine that
// is busy just then.
type slowSamples struct{ conn }

func (c slowSamples) Write(p []byte) (int, error) {
	if len(p) >= 200<<10 && len(p) <= 300<<10 {
		paced(len(p), 700<<10)
	}
	return c.conn.Write(p)
}

// TestAnswerThatTheKernelTakes: a server whose kernel takes the whole answer has finished it, for all that it knows, when it is
// asked to stop. That shows nothing of what it does with one in progress, and a larger one is asked for, where there is one.
func TestAnswerThatTheKernelTakes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as a slow server")
	}
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root may give a socket so large a buffer")
	}
	for conn, want := range map[string]report.Verdict{"large-buffer": report.Skip, "larger-buffer": report.Pass, "slow-samples": report.Pass} {
		t.Run(conn, func(t *testing.T) {
			t.Parallel()
			tg, err := target.Start(t.Context(), launcher(t, "at-work-and-"+conn, "script"))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			r := result(t, judge(t, Config{Target: tg, Dialect: "script", Only: "LIFE-7"}), "LIFE-7")
			if r.Verdict != want || want == report.Skip && !strings.Contains(r.Reason, "took the whole answer") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}
