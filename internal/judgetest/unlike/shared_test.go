package unlike

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// shares is how a server's clients share what makes its answers: so many at a time have it, each for so long.
type shares struct {
	judgetest.Conn
	by  time.Duration
	few chan struct{}
}

func (s shares) Write(p []byte) (int, error) {
	s.few <- struct{}{}
	time.Sleep(s.by)
	<-s.few
	return s.Conn.Write(p)
}

// TestShared judges right servers that take 100 ms of one or two processors for each answer: no more clients come at once than they can
// serve while an answer is waited for.
func TestShared(t *testing.T) {
	judgetest.Table(t)
	for processors := 1; processors <= 2; processors++ {
		judgetest.Virtually(t, fmt.Sprint(processors), func(t *testing.T) {
			few := make(chan struct{}, processors)
			cfg := judgetest.InMemory(t, judgetest.Near(), "line", reference.Config{}, func(c judgetest.Conn) net.Conn { return shares{c, 100 * time.Millisecond, few} })

			if r := judgetest.Judge(t, cfg); r.Conclusion != report.Conformant {
				t.Error(judgetest.Told(r))
			}
		})
	}
}
