package unlike

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// accepts takes so long for each connection that it accepts.
type accepts struct {
	net.Listener
	each time.Duration
}

func (l accepts) Accept() (net.Conn, error) {
	time.Sleep(l.each)
	return l.Listener.Accept()
}

// TestQueueThatIsNotSeen: behind thousands of connections a fresh one is served once the server has come so far. Where the queue cannot be
// seen, as of a server on another machine, it is waited for by the one that stands at its end.
func TestQueueThatIsNotSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := judgetest.Near()
		h := judgetest.Handler(t, "line")
		s := reference.NewTCPServer(reference.Config{Handler: h})
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = s.Serve(accepts{l, 5 * time.Millisecond}) // until it is closed
		}()
		t.Cleanup(func() {
			_ = s.Close()
			<-served
		})
		cfg := judgetest.Meeting(l, "right", "line")
		cfg.Only = "ROBU-5"
		if r := judgetest.Result(t, judgetest.Judge(t, cfg), "ROBU-5"); r.Verdict != report.Pass {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
	})
}
