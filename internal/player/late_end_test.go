package player

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/target"
)

// ending is a process of which it is known that it has ended when told is closed.
type ending struct {
	Process
	leader int
	told   chan struct{}
}

func (e ending) Leader() int { return e.leader }

func (e ending) Ended() error {
	select {
	case <-e.told:
		return errors.New("it has ended")
	default:
		return nil
	}
}

func (e ending) Wait(ctx context.Context) (target.Exit, error) {
	select {
	case <-e.told:
		return target.Exit{}, nil
	case <-ctx.Done():
		return target.Exit{}, ctx.Err()
	}
}

// TestEndThatIsKnownLate: a process that does not run any more has ended, however long it takes until it is known how; one that runs is
// waited for no longer than it takes to end.
func TestEndThatIsKnownLate(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		name   string
		leader int
		ends   bool
		after  time.Duration
	}{
		{"it has ended, which is known late", gone.Process.Pid, true, 3 * patience.Ended},
		{"it runs", os.Getpid(), false, patience.Ended},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := ending{leader: c.leader, told: make(chan struct{})}
			go func() {
				time.Sleep(3 * patience.Ended)
				close(e.told)
			}()
			p, began := &Player{process: e}, time.Now()
			if end := p.Ended(t.Context()); (end != nil) != c.ends || time.Since(began) != c.after {
				t.Errorf("%s: %v after %s", c.name, end, time.Since(began))
			}
			<-e.told
		})
	}
}
