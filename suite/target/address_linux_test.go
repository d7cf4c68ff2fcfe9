package target

import (
	"errors"
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
		begun := time.Now()
		if err = connect(bounded(t), at.String(), 200*time.Millisecond); err == nil {
			continue
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		if e := unreachable("x", at, err); !strings.Contains(e.Message, at.String()+" does not answer") {
			t.Error(e)
		}
		return
	}
	t.Error("every connection was answered")
}
