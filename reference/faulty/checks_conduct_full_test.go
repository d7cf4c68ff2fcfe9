//go:build linux

package faulty_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// servesAfterFull has a client come when this process, the server in it, has no descriptor left to accept it by, and sees it served
// when there are some again.
func servesAfterFull(s target, dialect string) error {
	restore, err := useUpDescriptors()
	if err != nil {
		return err
	}
	defer restore()
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	for end := time.Now().Add(s.patience); accepting(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return errors.New("the server waits for a client that is there")
		}
	}
	restore()
	return c.take(say(dialect, "a"))
}

// useUpDescriptors leaves this process one descriptor, until restore is called.
func useUpDescriptors() (restore func(), err error) {
	var usual syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &usual); err != nil {
		return nil, err
	}
	var taken []*os.File
	restore = func() {
		for _, f := range taken {
			_ = f.Close()
		}
		taken = nil
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &usual)
	}
	const few = 16
	narrow := usual
	narrow.Cur = uint64(len(descriptors()) + few)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &narrow); err != nil {
		return nil, err
	}
	for {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, syscall.EMFILE) {
			break
		}
		if err != nil {
			restore()
			return nil, err
		}
		taken = append(taken, f)
	}
	if len(taken) == 0 {
		restore()
		return nil, errors.New("no descriptor was left to be taken")
	}
	_ = taken[0].Close()
	taken = taken[1:]
	return restore, nil
}

// accepting says whether a goroutine of this process waits for a client: none does once accepting has failed.
func accepting() bool {
	all := make([]byte, 1<<20)
	return strings.Contains(string(all[:runtime.Stack(all, true)]), "internal/poll.(*FD).Accept")
}
