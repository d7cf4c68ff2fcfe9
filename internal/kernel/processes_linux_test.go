package kernel

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
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
	const least = "7 8 9 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 12345" // up to the start
	if s, err := parseStat(42, []byte("42 (sh) S "+least)); err != nil || s.start != 12345 {
		t.Errorf("the fields that are asked for: %+v, %v", s, err)
	}
	if s, err := parseStat(42, []byte("42 (sh) S "+strings.TrimSuffix(least, " 12345"))); err == nil {
		t.Errorf("a field less: %+v", s)
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

// TestMemoryOfAForkCountsOnce needs a program that forks without exec: a shell
// in a subshell shares all its pages with its parent.
func TestMemoryOfAForkCountsOnce(t *testing.T) {
	t.Parallel()
	fifo := t.TempDir() + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil { // a pipe that nobody writes to
		t.Skip(err)
	}
	const program = `x=$(head -c 8000000 /dev/zero | tr "\0" x)
(read y < "$1"; : "$x") & (read y < "$1"; : "$x") & (read y < "$1"; : "$x") & echo ready; wait`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", program, "sh", fifo)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	leader := cmd.Process.Pid
	t.Cleanup(func() {
		_ = syscall.Kill(-leader, syscall.SIGKILL) // its children are of its group
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Skipf("the shell said %q: %v", line, err)
	}
	eventually(t, "the shell has three children", func() bool { return len(Descendants(leader)) == 3 })
	single, err := figuresOf(leader)
	if err != nil {
		t.Fatal(err)
	}
	if all := observed(t, leader); all.Memory > single.Memory+single.Memory/2 {
		t.Errorf("one process has %d bytes, the four that share them %d", single.Memory, all.Memory)
	}
}

// TestAThreadThatWaitsIsNotReady looks at a shell that waits for a line: it has one thread, which nothing but that line wakes.
func TestAThreadThatWaitsIsNotReady(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "read x")
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	pid := cmd.Process.Pid
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	var before Work
	var ok bool
	eventually(t, "it waits", func() bool { // it may have waited for its program, too
		first, _ := WorkOf(pid)
		time.Sleep(20 * time.Millisecond)
		before, ok = WorkOf(pid)
		return ok && Rests(pid) && before.Since(first) == 0
	})
	time.Sleep(100 * time.Millisecond) // what is measured is that nothing happens
	after, ok := WorkOf(pid)
	took := after.at.Sub(before.at)
	if !ok || after.Since(before) != 0 {
		t.Errorf("ready for %v of %v of waiting", after.Since(before), took)
	}
	if waited := after.Waited(before); waited != 0 { // however busy the machine is, there was nothing to do
		t.Errorf("it waited for a processor for %v of %v", waited, took)
	}
}

// TestAProcessAtWorkDoesNotRest: nor does one that ends.
func TestAProcessAtWorkDoesNotRest(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	eventually(t, "it is at work", func() bool { return !Rests(cmd.Process.Pid) })
	_ = cmd.Process.Kill()
	eventually(t, "it ends", func() bool {
		s, err := statOf(cmd.Process.Pid)
		return err == nil && s.ended()
	})
	if Rests(cmd.Process.Pid) {
		t.Error("what is left of it rests")
	}
	_ = cmd.Wait()
}

// TestAnIDThatWasGivenAway is right, and another process's birth is not.
func TestAnIDThatWasGivenAway(t *testing.T) {
	t.Parallel()
	w := start(t)
	other, err := Identify(w.pid)
	if err != nil || !other.Running() {
		t.Fatal(other, err)
	}
	other.start++
	if other.Running() {
		t.Error("an id that was given to another process counts as the same")
	}
	other.Kill()
	if err := syscall.Kill(w.pid, 0); err != nil || w.ask(t, "hello") != "done" {
		t.Errorf("the other process was killed: %v", err)
	}
}

// TestAProcessOfWhichItsStatusIsLeft does not run; one that is killed ends.
func TestAProcessOfWhichItsStatusIsLeft(t *testing.T) {
	t.Parallel()
	w := start(t)
	i, err := Identify(w.pid)
	if err != nil || i.PID != w.pid || !i.Running() {
		t.Fatal(i, err)
	}
	i.Kill() // and nobody waits for it yet
	eventually(t, "it has ended", func() bool { return !i.Running() })
	if i, err := Identify(w.pid); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("%+v, %v", i, err)
	}
	if GroupRuns(w.pid) {
		t.Error("its group runs")
	}
}

func TestSizesOfAFile(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/sizes"
	if err := os.WriteFile(path, []byte("Rss:\t 7 kB\nPss_Anon:   12 kB\nPss_Shmem:  3 kB\nbad: 1 MB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := sizes(path, "Pss_Shmem", "Pss_Anon"); err != nil || !slices.Equal(got, []uint64{3 << 10, 12 << 10}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, names := range [][]string{{"Pss"}, {"Rss", "Pss"}, {"bad"}} {
		if got, err := sizes(path, names...); err == nil {
			t.Errorf("%v: %v", names, got)
		}
	}
	if got, err := sizes(path+"-that-is-not", "Rss"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestSharedMemoryOfOne is its resident memory, which a member that ended does not change: anonymous, of files, and shared.
func TestSharedMemoryOfOne(t *testing.T) {
	t.Parallel()
	w, ended := start(t), start(t)
	ended.kill()
	before, ok := sharedMemory([]int{w.pid, ended.pid})
	if !ok {
		t.Skip("this kernel does not tell")
	}
	if f := observed(t, w.pid); before < f.Memory/4*3 {
		t.Errorf("%d of %d bytes", before, f.Memory)
	}
	w.ask(t, "share "+strconv.Itoa(16<<20))
	if after, ok := sharedMemory([]int{w.pid}); !ok || after < before+8<<20 || after > before+32<<20 {
		t.Errorf("16 MiB of shared memory make %d of %d, %v", after, before, ok)
	}
	if n, ok := sharedMemory([]int{ended.pid, w.pid}); ok {
		t.Errorf("%d bytes of one that has ended", n)
	}
}
