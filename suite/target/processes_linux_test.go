package target

import (
	"os"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	const numbers = "7 8 9 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 12345 6789 0"
	for _, name := range []string{"(sh)", "(a) Z 1 2 (b)", "( ) ) )", "()"} {
		s, err := parseStat(42, []byte("42 "+name+" S "+numbers))
		want := stat{pid: 42, parent: 7, group: 8, state: 'S', start: 12345, cpu: time.Second}
		if err != nil || s != want {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	for _, bad := range []string{"", "42 (sh)", "42 (sh) S 1 2", "42 (sh) SS " + numbers, "42 (sh) S x" + numbers} {
		if _, err := parseStat(42, []byte(bad)); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
	if s, err := statOf(os.Getpid()); err != nil || s.parent != os.Getppid() || s.ended() {
		t.Errorf("ourselves: %+v, %v", s, err)
	}
}

func TestDescendantsNearestFirst(t *testing.T) {
	t.Parallel()
	table := map[int]stat{
		1: {pid: 1}, 2: {pid: 2, parent: 1}, 3: {pid: 3, parent: 2}, 4: {pid: 4, parent: 3},
		5: {pid: 5, parent: 2, state: 'Z'}, 6: {pid: 6, parent: 5}, 7: {pid: 7, parent: 1},
		8: {pid: 8, parent: 9}, 9: {pid: 9, parent: 8},
	}
	var pids []int
	for _, s := range descendants(table, 2) {
		pids = append(pids, s.pid)
	}
	if len(pids) != 3 || pids[2] != 4 && pids[1] != 4 || !slices.Contains(pids, 6) || slices.Contains(pids, 5) {
		t.Errorf("%v", pids)
	}
	if got := descendants(table, 8); len(got) != 1 {
		t.Errorf("of a cycle: %v", got)
	}
}

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

// TestMemoryOfAForkCountsOnce needs a program that forks without exec: a shell
// in a subshell shares all its pages with its parent.
func TestMemoryOfAForkCountsOnce(t *testing.T) {
	t.Parallel()
	l, err := NewLauncher(`sh -c 'x=$(head -c 8000000 /dev/zero | tr "\0" x); (read y < "$1"; : "$x") & (read y < "$1"; : "$x") & (read y < "$1"; : "$x") & echo ready; wait' {port}`, LauncherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fifo := t.TempDir() + "/fifo"
	if err := mkfifo(fifo); err != nil {
		t.Skip(err)
	}
	l.args = []string{l.args[0], l.args[1], l.args[2], "sh", fifo}
	p, err := l.StartOn(bounded(t), "", 9, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if !await(10*time.Second, func() bool {
		members, err := family(p.Leader())
		return err == nil && p.Stdout() == "ready\n" && len(members) == 4
	}) {
		t.Skipf("the shell did not fork as expected: %q", p.Stderr())
	}
	single, err := figuresOf(p.Leader())
	if err != nil {
		t.Fatal(err)
	}
	if all := observed(t, p.Leader()); all.Memory > single.Memory+single.Memory/2 {
		t.Errorf("one process has %d bytes, the four that share them %d", single.Memory, all.Memory)
	}
}

// mkfifo makes a pipe that nobody writes to.
func mkfifo(path string) error { return syscall.Mkfifo(path, 0o600) }
