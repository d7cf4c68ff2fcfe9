package suite

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

func init() { slowConns["large-buffer"] = largeBuffer }

// largeBuffer gives a connection a send buffer that takes any answer, which root alone may.
func largeBuffer(_ context.Context, c *net.TCPConn) net.Conn {
	raw, err := c.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { // a test that needs it sees that it was not done
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 64<<20)
		})
	}
	return c
}

// TestAnswerThatTheKernelTakes: a server whose kernel takes the whole answer has finished it, for all that it knows, when it is
// asked to stop. That shows nothing of what it does with one in progress.
func TestAnswerThatTheKernelTakes(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root may give a socket so large a buffer")
	}
	tg, err := target.Start(t.Context(), launcher(t, "at-work-and-large-buffer", "script"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	r := result(t, judge(t, Config{Target: tg, Dialect: "script", Only: "LIFE-7"}), "LIFE-7")
	if r.Verdict != report.Skip || !strings.Contains(r.Reason, "took the whole answer") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
