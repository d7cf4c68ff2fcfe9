package suite

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestServerThatIsSlowToStart: a second server has not said within ten seconds that its address is taken. One that is started
// on a free address needs as long, so that it is not blamed.
func TestServerThatIsSlowToStart(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), launcher(t, "slow-to-start-11s", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	if took := tg.StartTime(); took < 11*time.Second {
		t.Errorf("it took %s until it listened", took)
	}
	rep := judge(t, Config{Target: tg, Dialect: "echo", Only: "LIFE-8"})
	if r := result(t, rep, "LIFE-8"); r.Verdict != report.Pass {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// TestDescriptorsOfAServerThatDies: no early answer saves a server from a reset that comes before it has read anything, so that the
// verdict does not hang on which of the two was first.
func TestDescriptorsOfAServerThatDies(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a process is observed on Linux alone")
	}
	tg, err := target.Start(t.Context(), launcher(t, "until-reset", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	rep := judge(t, Config{Target: tg, Dialect: "echo", Only: "LIFE-10"})
	if r := result(t, rep, "LIFE-10"); r.Verdict != report.Inconclusive || !strings.Contains(r.Reason, "did not survive clients that left") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
