//go:build unix

package kernel

import (
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// observed returns a process's figures.
func observed(t *testing.T, pid int) Figures {
	t.Helper()
	f, err := Observe(pid)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// canObserve returns why a process cannot be observed, or nil.
func canObserve(pid int) error {
	_, err := Observe(pid)
	return err
}

func TestFiguresShowWhatAProcessHolds(t *testing.T) {
	t.Parallel()
	p := start(t)
	if err := canObserve(p.pid); err != nil {
		t.Skipf("this system does not tell: %v", err)
	}
	before := observed(t, p.pid)
	if before.Descriptors < 4 || before.Memory < 1<<20 {
		t.Errorf("%+v is little", before)
	}
	p.ask(t, "open 50")
	p.ask(t, "allocate "+strconv.Itoa(64<<20))
	after := observed(t, p.pid)
	if grown := after.Descriptors - before.Descriptors; grown != 50 {
		t.Errorf("50 files make %d descriptors", grown)
	}
	if grown := int64(after.Memory) - int64(before.Memory); grown < 63<<20 || grown > 80<<20 {
		t.Errorf("64 MiB make %d bytes", grown)
	}
}

func TestFiguresShowProcessorTime(t *testing.T) {
	t.Parallel()
	p := start(t)
	before := observed(t, p.pid)
	begun := time.Now()
	eventually(t, "it has taken processor time", func() bool { // on a busy machine it gets less than the clock says
		p.ask(t, "burn 100")
		return observed(t, p.pid).CPU-before.CPU >= 300*time.Millisecond
	})
	if spent, limit := observed(t, p.pid).CPU-before.CPU, time.Since(begun)*time.Duration(runtime.NumCPU())+50*time.Millisecond; spent > limit {
		t.Errorf("%v of processor time in %v", spent, time.Since(begun))
	}
}

func TestWorkIsThatOfAFamily(t *testing.T) {
	t.Parallel()
	p := start(t)
	before, ok := WorkOf(p.pid)
	if !ok {
		t.Skip("this system does not tell")
	}
	p.ask(t, "burn 200") // answered when it has burnt so long by the clock
	after, _ := WorkOf(p.pid)
	if did := after.Since(before); did < 150*time.Millisecond {
		t.Errorf("%v of work after 200 ms of burning", did)
	}
	if w, ok := WorkOf(math.MaxInt32); ok {
		t.Errorf("%v of no process", w)
	}
}

func TestWorkBetweenLooks(t *testing.T) {
	t.Parallel()
	at := time.Now()
	one := func(ran, waited time.Duration, runnable bool) map[int]thread {
		return map[int]thread{7: {ran, waited, runnable}}
	}
	before := Work{at, map[int]map[int]thread{1: one(10, 0, true), 2: one(40, 20, false)}}
	for name, c := range map[string]struct {
		now          map[int]map[int]thread
		work, waited time.Duration
	}{
		"both worked":              {map[int]map[int]thread{1: one(30, 0, false), 2: one(41, 20, false)}, 21, 0},
		"one waited":               {map[int]map[int]thread{1: one(10, 30, true), 2: one(40, 20, false)}, 30, 30},
		"both waited":              {map[int]map[int]thread{1: one(10, 30, true), 2: one(40, 60, false)}, 70, 40},
		"one waits still":          {map[int]map[int]thread{1: one(10, 0, true), 2: one(41, 20, false)}, 101, 100},
		"one waits since a while":  {map[int]map[int]thread{1: one(10, 0, false), 2: one(40, 20, true)}, 100, 100},
		"more waiting than time":   {map[int]map[int]thread{1: one(10, 130, true), 2: one(40, 20, false)}, 130, 100},
		"a thread of one ended":    {map[int]map[int]thread{1: one(30, 0, true), 2: one(30, 20, false)}, 20, 0},
		"a thread began":           {map[int]map[int]thread{1: {7: {10, 0, false}, 8: {5, 6, false}}, 2: one(40, 20, false)}, 11, 6},
		"one ended":                {map[int]map[int]thread{1: one(10, 0, false)}, 100, 0},
		"one began":                {map[int]map[int]thread{1: one(10, 0, false), 2: one(40, 20, false), 3: one(0, 0, false)}, 100, 0},
		"one ended, another began": {map[int]map[int]thread{1: one(10, 0, false), 3: one(0, 0, false)}, 100, 0},
	} {
		now := Work{at.Add(100), c.now}
		if did := now.Since(before); did != c.work {
			t.Errorf("%s: %d of work, want %d", name, did, c.work)
		}
		if waited := now.Waited(before); waited != c.waited {
			t.Errorf("%s: waited for %d, want %d", name, waited, c.waited)
		}
	}
}

// A process that others take the processors from is seen to wait for them.
func TestWhatAProcessWaitsForOnABusyMachine(t *testing.T) {
	t.Parallel()
	spins := start(t)
	if _, ok := WorkOf(spins.pid); !ok || runtime.GOOS != "linux" {
		t.Skip("this system does not tell")
	}
	for range 2 * runtime.NumCPU() { // others that want the processors
		start(t).tell(t, "burn 1500")
	}
	before, _ := WorkOf(spins.pid)
	spins.ask(t, "burn 1000")
	after, _ := WorkOf(spins.pid)
	if waited, took := after.Waited(before), after.at.Sub(before.at); waited < took*2/10 {
		t.Errorf("one of many that spin has waited for %v of %v", waited, took)
	}
}

// A thread that spins is ready to run all the time, whatever it gets of a busy
// machine.
func TestFiguresShowReadiness(t *testing.T) {
	t.Parallel()
	p := start(t)
	if observed(t, p.pid).Ready == 0 && runtime.GOOS != "linux" {
		t.Skip("this system does not tell")
	}
	for range runtime.NumCPU() + 2 { // others that want the processors
		start(t).tell(t, "burn 1500")
	}
	before, begun := observed(t, p.pid), time.Now()
	p.ask(t, "burn 1000")
	spun, took := observed(t, p.pid).Ready-before.Ready, time.Since(begun)
	if spun < took*7/10 {
		t.Errorf("ready for %v of %v of spinning", spun, took)
	}
}

func TestFiguresOfDescendants(t *testing.T) {
	t.Parallel()
	p := start(t)
	before := observed(t, p.pid)
	answer := p.ask(t, "child "+strconv.Itoa(16<<20))
	child, err := strconv.Atoi(answer)
	if err != nil {
		t.Fatalf("%q: %v", answer, err)
	}
	own := observed(t, child)
	after := observed(t, p.pid)
	if grown := after.Descriptors - before.Descriptors; grown < own.Descriptors {
		t.Errorf("a child with %d descriptors adds %d", own.Descriptors, grown)
	}
	if after.Memory < before.Memory+8<<20 || after.Memory > 2*before.Memory+own.Memory {
		t.Errorf("memory was %d, is %d with a child of %d", before.Memory, after.Memory, own.Memory)
	}
}

func TestFiguresCountChildrenThatEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of children that ended")
	}
	p := start(t)
	before := observed(t, p.pid)
	if got := p.ask(t, "burning-child 300000"); got != "done" {
		t.Fatal(got)
	}
	if spent := observed(t, p.pid).CPU - before.CPU; spent < 50*time.Millisecond {
		t.Errorf("a child that counted to 300000 makes %v", spent)
	}
}

func TestWhatCannotBeObserved(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.kill()
	for _, pid := range []int{0, -1, math.MaxInt32, p.pid} {
		if err := canObserve(pid); err == nil {
			t.Errorf("process %d can be observed", pid)
		} else if !strings.Contains(err.Error(), strconv.Itoa(pid)) {
			t.Errorf("%q does not name process %d", err, pid)
		}
	}
	past := math.MaxInt32
	past++
	for _, pid := range []int{0, -1, past} {
		if err := canObserve(pid); !strings.Contains(err.Error(), "is no process id") {
			t.Errorf("%d: %v", pid, err)
		}
	}
	for _, pid := range []int{1, math.MaxInt32} { // of which the first may be forbidden
		if err := canObserve(pid); err != nil && strings.Contains(err.Error(), "is no process id") {
			t.Errorf("%d: %v", pid, err)
		}
	}
	if err := canObserve(os.Getpid()); err != nil {
		t.Errorf("ourselves: %v", err)
	}
}

// TestAMemberThatEndedIsLeftOut of the figures of its family, unless it is whom they are asked for.
func TestAMemberThatEndedIsLeftOut(t *testing.T) {
	t.Parallel()
	p, ended := start(t), start(t)
	ended.kill()
	alone, err := figuresOfAll([]int{p.pid})
	if err != nil {
		t.Skip(err)
	}
	if both, err := figuresOfAll([]int{p.pid, ended.pid}); err != nil || both.Descriptors != alone.Descriptors || both.Memory < alone.Memory/2 {
		t.Errorf("%+v, %v; alone it is %+v", both, err, alone)
	}
	if f, err := figuresOfAll([]int{ended.pid, p.pid}); err == nil || !strings.Contains(err.Error(), strconv.Itoa(ended.pid)) {
		t.Errorf("%+v, %v", f, err)
	}
}
