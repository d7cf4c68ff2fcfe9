package main_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/internal/realtime"
)

// confinedEnv is the environment variable by which this test binary becomes the program that its arguments name, without netlink.
const confinedEnv = "STREAMSPEC_TEST_CONFINED"

func init() {
	if os.Getenv(confinedEnv) == "" {
		return
	}
	if err := withoutNetlink(); err != nil {
		panic(err)
	}
	panic(syscall.Exec(os.Args[1], os.Args[1:], os.Environ()))
}

// withoutNetlink has the system refuse sockets of netlink to all threads of this process and to what it becomes, as the filters of
// containers do.
func withoutNetlink() error {
	const number, family = 0, 16 // offsets in struct seccomp_data: of the call, and of its first argument
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_SOCKET, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: family},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.AF_NETLINK, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl", err)
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return os.NewSyscallError("seccomp", errno)
	}
	return nil
}

// TestWithoutNetlink: where the system does not say what a server's sockets hold, cuts are not confirmed, and a right server passes.
func TestWithoutNetlink(t *testing.T) {
	if testing.Short() {
		t.Skip("it is a whole run in a process of its own, which the race detector sees elsewhere")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(realtime.Bounded(t), self, program, "run", "reference", "--dialect", "line")
	cmd.Env = append(os.Environ(), confinedEnv+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(lastLine(string(out)), "conformant: ") || strings.Contains(string(out), "all confirmed") {
		t.Errorf("%v\n%s", err, out)
	}
}
