//go:build linux

package faulty_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/reference"
)

// A check is the shortest way to see a fault over a socket: it returns nil for the right server.
type check = func(s target, dialect string) error

// checks has one for each fault; those of the families stand in files of their own.
var checks = joined(commonChecks, conductChecks, streamChecks)

// joined puts maps together.
func joined(all ...map[string]check) map[string]check {
	sum := map[string]check{}
	for _, m := range all {
		maps.Copy(sum, m)
	}
	return sum
}

var commonChecks = map[string]check{
	"accept-close":    word,
	"accept-hang":     word,
	"buffer-shared":   leavesNothing,
	"busy-eof":        restsAfterHalfClose,
	"constant":        word,
	"crlf-split":      cutInsideCRLF,
	"double-send":     word,
	"drip":            word,
	"early-send":      sendsOnSendAlone,
	"fail-kills":      survivesFailure,
	"flood":           word,
	"latin-1":         refusesInvalidUTF8,
	"leak-descriptor": costsNothing(word),
	"lose-byte-64k":   manyBytes,
	"no-linger":       closesOverUnreadInput,
	"read-is-message": cutInsideMessage,
	"reset-close":     word,
	"serial":          servesSecondClient,
	"sink":            word,
	"unicode-strip":   keepsUnicodeSpace,
}

// say returns the request that gets text answered as the first of a connection,
// and the answer. A text for a line dialect is one line.
func say(dialect, text string) turn {
	switch dialect {
	case "greet":
		return turn{text, reference.Greeting + text}
	case "line":
		return turn{text + "\n", text + "\n"}
	case "script":
		return turn{"WRITE " + text + "\nSEND\n", text}
	}
	return turn{text, text}
}

func word(s target, dialect string) error {
	return s.converse(say(dialect, "a word of twenty one"))
}

func leavesNothing(s target, _ string) error {
	if err := s.converse(turn{"WRITE secret\n", ""}); err != nil {
		return err
	}
	return s.converse(say("script", "mine"))
}

func cutInsideCRLF(s target, dialect string) error {
	if dialect == "line" {
		return s.converse(turn{"x\na\r", "x\n"}, turn{"\nb\n", "a\nb\n"})
	}
	return s.converse(turn{"WRITE x\nSEND\nWRITE a\r", "x"}, turn{"\nSEND\n", "a"})
}

func cutInsideMessage(s target, dialect string) error {
	switch dialect {
	case "line":
		return s.converse(turn{"x\na", "x\n"}, turn{"b\n", "ab\n"})
	case "script":
		return s.converse(turn{"WRITE x\nSEND\nWRITE a", "x"}, turn{"b\nSEND\n", "ab"})
	}
	return s.converse(say(dialect, "a"), turn{"b", "b"})
}

func sendsOnSendAlone(s target, _ string) error {
	return s.converse(turn{"WRITE a\nSEND\nWRITE b\n", "a"})
}

func refusesInvalidUTF8(s target, dialect string) error {
	if dialect == "line" {
		return s.converse(turn{"a\n\xe9\nb\n", "a\n"})
	}
	return s.converse(turn{"READLINE\n\xe9\nSEND\n", ""})
}

func keepsUnicodeSpace(s target, dialect string) error {
	if dialect == "line" {
		return s.converse(turn{"\u00a0a\u2028\n", "\u00a0a\u2028\n"})
	}
	return s.converse(turn{"READLINE\n\u00a0a\nREADLINE 6\na\u2028 \nSEND\n", "3:\u00a0a,4:a\u2028,"})
}

func manyBytes(s target, dialect string) error {
	line := strings.Repeat("0123456789", 100)
	switch dialect {
	case "line":
		lines := strings.Repeat(line+"\n", 70)
		return s.converse(turn{lines, lines})
	case "script":
		many := strings.Repeat(line, 70)
		return s.converse(turn{"READ 70000\n" + many + "SEND\n", "70000:" + many + ","})
	}
	return s.converse(say(dialect, strings.Repeat(line, 70)))
}

func survivesFailure(s target, dialect string) error {
	failing := map[string]string{"line": "\xff\n", "script": "RAISE\n"}[dialect]
	if err := s.converse(turn{failing, ""}); err != nil {
		return fmt.Errorf("the failing connection: %w", err)
	}
	return word(s, dialect)
}

func closesOverUnreadInput(s target, _ string) error {
	return s.converse(turn{"WRITE a\nSEND\nCLOSE\n" + strings.Repeat("unread", 1<<18), "a"})
}

func servesSecondClient(s target, dialect string) error {
	first, err := s.dial()
	if err != nil {
		return err
	}
	defer first.Close()
	greeting := say(dialect, "first")
	if _, err := first.Write([]byte(greeting.send)); err != nil {
		return err
	}
	if err := first.expect(greeting.want); err != nil {
		return err
	}
	return word(s, dialect)
}

func restsAfterHalfClose(s target, dialect string) error {
	if err := word(s, dialect); err != nil {
		return err
	}
	return rests()
}

// rests says whether this process, the server in it, has work to do while nothing is
// asked of it. A thread of our own burns an amount of processor time meanwhile, on
// the one processor that all threads are kept to: the kernel shares that
// fairly, so what spins gets as much, however busy the machine is, and what rests
// gets none. Work that was left over, such as collecting garbage, is done in one of the
// rounds.
func rests() error {
	const burnt, rounds = 100 * time.Millisecond, 3
	defer keepToOneProcessor()()
	var beside time.Duration
	for range rounds {
		if beside = workBeside(burnt); beside < burnt/4 {
			return nil
		}
	}
	return fmt.Errorf("used %v of the processor beside a thread that used %v, %d times in a row", beside, burnt, rounds)
}

// keepToOneProcessor keeps all threads of this process to one processor, until
// what it returns is called.
func keepToOneProcessor() (free func()) {
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		panic(err)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if all.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	keepTo(&one)
	return func() { keepTo(&all) }
}

func keepTo(processors *unix.CPUSet) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		panic(err)
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			panic(err)
		}
		_ = unix.SchedSetaffinity(id, processors) // a thread may have ended
	}
}

// workBeside burns processor time, and returns how much the process used beside that.
func workBeside(burnt time.Duration) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all, own := processorTime(unix.CLOCK_PROCESS_CPUTIME_ID), processorTime(unix.CLOCK_THREAD_CPUTIME_ID)
	spent := time.Duration(0)
	for spent < burnt {
		spent = processorTime(unix.CLOCK_THREAD_CPUTIME_ID) - own
	}
	return processorTime(unix.CLOCK_PROCESS_CPUTIME_ID) - all - spent
}

// processorTime is what a clock of the kernel says.
func processorTime(clock int32) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(clock, &now); err != nil {
		panic(err)
	}
	return time.Duration(now.Nano())
}

// descriptors are those of this process, each with what it stands for.
func descriptors() map[string]bool {
	const folder = "/proc/self/fd"
	open, err := os.ReadDir(folder)
	if err != nil {
		panic(err)
	}
	all := map[string]bool{}
	for _, fd := range open {
		of, err := os.Readlink(filepath.Join(folder, fd.Name()))
		if err == nil { // that of the folder itself is closed again
			all[fd.Name()+" "+of] = true
		}
	}
	return all
}
