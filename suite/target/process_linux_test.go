package target

import "testing"

func TestTheListeningProcessIsFoundBehindAWrapper(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "wrapper")
	child := childOf(t, p)
	if p.PID() != child || p.Leader() == child {
		t.Errorf("pid %d, leader %d, and %d listens", p.PID(), p.Leader(), child)
	}
	if _, err := p.Stop(bounded(t)); err != nil {
		t.Error(err)
	}
	if running(child) {
		t.Error("it is left")
	}
}
