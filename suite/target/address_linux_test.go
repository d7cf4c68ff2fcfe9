package target

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

func TestConnectIsBoundedWhereNothingAnswers(t *testing.T) {
	t.Parallel()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(kernel.Loopbacks()[0], uint16(name.(*syscall.SockaddrInet4).Port))
	for range 8 { // fill its backlog; then it drops what comes
		if err = connect(bounded(t), at.String(), 200*time.Millisecond); err == nil {
			continue
		}
		if errors.Is(err, syscall.ETIMEDOUT) {
			t.Error("it was the system that gave up")
		}
		if e := unreachable("x", at, err); !strings.Contains(e.Message, at.String()+" does not answer") {
			t.Error(e)
		}
		return
	}
	t.Error("every connection was answered")
}

// TestAProcessIDOfAnother: a process id that is given must be that of the process that listens; that of one that has started it leads
// to it.
func TestAProcessIDOfAnother(t *testing.T) {
	t.Parallel()
	wrapper, other := start(t, LauncherOptions{}, "wrapper"), start(t, LauncherOptions{}, "plain")
	if target, err := Address(bounded(t), wrapper.Address(), wrapper.PID()); err != nil || target.PID() != wrapper.PID() {
		t.Errorf("the process that listens: %v", err)
	}
	for pid, hint := range map[int]string{other.PID(): "give the process id of the server", wrapper.Leader(): fmt.Sprintf("give that of process %d, which does", wrapper.PID())} {
		_, err := Address(bounded(t), wrapper.Address(), pid)
		if !errors.As(err, new(*UsageError)) || !strings.Contains(err.Error(), "does not hold the socket that listens on "+wrapper.Address()+": "+hint) {
			t.Errorf("the process %d: %v", pid, err)
		}
	}
}
