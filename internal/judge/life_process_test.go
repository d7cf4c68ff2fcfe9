package judge

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestServerThatIsSlowToStart: a second server has not said within ten seconds that its address is taken. One that is started
// on a free address needs as long, so that it is not blamed.
func TestServerThatIsSlowToStart(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as a slow server")
	}
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

// TestServerThatSaysThatItStarts: a server listens, and tells its first clients that it is not ready yet, each time that it is started. No
// case is for those.
func TestServerThatSaysThatItStarts(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), launcher(t, "starting", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	file := exchangeFile(t, askFile+"    expect: \"ask {{conn}}\\n\"\npipelines: true\n")
	rep := judge(t, Config{Target: tg, Dialect: "test.yaml", Exchange: file, Only: "LIFE-1,LIFE-9,LIFE-10,ROBU-7"})
	if rep.Conclusion != report.Conformant || len(having(rep, report.Fail, report.Warn, report.Inconclusive)) > 0 {
		t.Errorf("%s: %s", rep.Conclusion, reasons(rep))
	}
}

// TestServerThatIsSlowToStartAgain: started again on its port, a server does not listen in time. It is blamed where one that is
// started on a free port is quicker.
func TestServerThatIsSlowToStartAgain(t *testing.T) {
	t.Parallel()
	for which, want := range map[string]report.Verdict{"3": report.Warn, "3-and-on": report.Inconclusive} { // the second is the one that is stopped
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			o := target.LauncherOptions{Ready: slowStartTime - 2*time.Second, Env: []string{startsFile + "=" + filepath.Join(t.TempDir(), "starts")}}
			tg, err := target.Start(t.Context(), launcherWith(t, "slow-start-"+which, "echo", o))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			r := result(t, judge(t, Config{Target: tg, Dialect: "echo", Only: "LIFE-9"}), "LIFE-9")
			if r.Verdict != want || !strings.Contains(r.Reason, "did not listen on") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

const (
	startsFile    = "STREAMSPEC_TEST_STARTS" // the variable that names the file in which starts are counted
	slowStartTime = 7 * time.Second
)

// slowStart waits where this start is the one that which says, or one behind it that it says too.
func slowStart(which string) error {
	first, on := strings.CutSuffix(which, "-and-on")
	n, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(os.Getenv(startsFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString("."); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if starts := int(info.Size()); starts == n || on && starts > n {
		time.Sleep(slowStartTime)
	}
	return nil
}

// TestAnswersOfAServerThatWaitsBriefly: a server goes on for some seconds when it is asked to stop, and writes slowly. That is too
// short for a large answer, and not what the requirement is about; where it writes nothing more, it is, also where it was at work for
// a while before it heard.
func TestAnswersOfAServerThatWaitsBriefly(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]report.Verdict{
		"slow-after-stop":             report.Pass,
		"mute-after-stop":             report.Warn,
		"at-work-and-mute-after-stop": report.Warn,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tg, err := target.Start(t.Context(), launcher(t, name, "script"))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			r := result(t, judge(t, Config{Target: tg, Dialect: "script", Only: "LIFE-7"}), "LIFE-7")
			if r.Verdict != want || want == report.Warn && !strings.Contains(r.Reason, "asked to stop in mid-answer") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestStopOfAServerThatReadsSlowly: it has finished its answer by the time that a slow server takes for it.
func TestStopOfAServerThatReadsSlowly(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), launcher(t, "slow-reads", "line"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	if r := result(t, judge(t, Config{Target: tg, Dialect: "line", Only: "LIFE-7"}), "LIFE-7"); r.Verdict != report.Pass {
		t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
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

// TestServerThatEndsWhenItIsFull: a server that ends of an accept that fails has shown it, whatever is seen of its end first.
func TestServerThatEndsWhenItIsFull(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a process is observed on Linux alone")
	}
	tg, err := target.Start(t.Context(), launcher(t, "until-full", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	for range 5 {
		r := result(t, judge(t, Config{Target: tg, Dialect: "echo", Only: "LIFE-13"}), "LIFE-13")
		if r.Verdict != report.Fail || !strings.Contains(r.Reason, "did not survive that its descriptors were used up") || !strings.Contains(r.Reason, "it cannot accept") {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
	}
}
