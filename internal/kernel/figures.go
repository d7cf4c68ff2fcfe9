package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// Figures are what can be seen of a server: of its process and all living
// descendants of it together, because a server may give every connection a
// process of its own, and a child that is left over is a leak like another.
// Processes that have left the family (whose parent ended) are not seen.
type Figures struct {
	// Descriptors counts open files and sockets (on Windows, handles).
	Descriptors int
	// Memory is resident bytes. On Linux the pages that a family shares by fork
	// count once, and of mapped files only what the process itself holds.
	Memory uint64
	// CPU is processor time in user and kernel mode, in steps of [Step] on
	// Linux, where it includes that of children that ended and were waited for,
	// so that it does not go back when one does.
	CPU time.Duration
	// Ready is the time in which the living threads ran or waited for a processor:
	// however busy the machine is, a thread that spins is ready all the time. Where the
	// system does not tell it is CPU. It counts a wait for a processor once that is over.
	Ready time.Duration
	// Runnable says that a thread ran just now, or waited for a processor.
	Runnable bool
}

// Observe returns the figures of a process and its descendants as they are
// now. A descendant that ends meanwhile is left out.
func Observe(pid int) (Figures, error) {
	if pid < 1 || pid > math.MaxInt32 {
		return Figures{}, fmt.Errorf("%d is no process id", pid)
	}
	members, err := family(pid)
	if err != nil {
		return Figures{}, explain(pid, err)
	}
	return figuresOfAll(members)
}

// figuresOfAll returns the figures of a family together, of which all but the first may have ended.
func figuresOfAll(members []int) (Figures, error) {
	var sum Figures
	for i, m := range members {
		f, err := figuresOf(m)
		if err != nil && i > 0 && gone(m, err) {
			continue
		}
		if err != nil {
			return Figures{}, explain(m, err)
		}
		sum.Descriptors += f.Descriptors
		sum.Memory += f.Memory
		sum.CPU += f.CPU
		sum.Ready += f.Ready
		sum.Runnable = sum.Runnable || f.Runnable
	}
	if len(members) > 1 {
		if shared, ok := sharedMemory(members); ok {
			sum.Memory = shared
		}
	}
	return sum, nil
}

// figuresOf returns the figures of one process.
func figuresOf(pid int) (Figures, error) {
	p := &process.Process{Pid: int32(pid)}
	files, err := p.NumFDs()
	if err != nil {
		return Figures{}, err
	}
	memory, err := p.MemoryInfo()
	if err != nil {
		return Figures{}, err
	}
	cpu, err := cpuOf(pid)
	if err != nil {
		return Figures{}, err
	}
	f := Figures{Descriptors: int(files), Memory: memory.RSS, CPU: cpu}
	threads, ok := threadsOf(pid)
	if !ok {
		f.Ready = cpu
	}
	for _, t := range threads {
		f.Ready += t.ready()
		f.Runnable = f.Runnable || t.runnable
	}
	return f, nil
}

// gone tells whether an error only says that a process has ended.
func gone(pid int, err error) bool {
	if errors.Is(err, fs.ErrPermission) {
		return false
	}
	_, missing := Identify(pid)
	return missing != nil
}

// explain says why a process cannot be observed.
func explain(pid int, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("process %d may not be looked into: run as its user, or as root: %w", pid, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, os.ErrProcessDone),
		errors.Is(err, syscall.ESRCH), errors.Is(err, process.ErrorProcessNotRunning):
		return fmt.Errorf("process %d does not run: %w", pid, err)
	}
	return fmt.Errorf("process %d cannot be observed on this system: %w", pid, err)
}

// Step is by what processor time grows at the least: what took less may be told to have taken none.
const Step = 10 * time.Millisecond
