package target

import (
	"fmt"
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// hold holds a block of ports against other processes, by a name that only
// one can have at a time: the kernel forgets it when its process ends, and
// there is one of it in each network namespace, as there is of each port. It
// reports whether the block was held by nobody.
func hold(block int) (io.Closer, bool) {
	l, err := net.Listen("unix", fmt.Sprintf("@streamspec-ports-%d", lowestPort+block*blockSize))
	return l, err == nil
}

// bindable tells whether a server could bind a port on any address, even one
// that does not set SO_REUSEADDR. The sockets are bound and never listen.
func bindable(port int) bool {
	return bind(unix.AF_INET, &unix.SockaddrInet4{Port: port}) && bind(unix.AF_INET6, &unix.SockaddrInet6{Port: port})
}

// bind binds a socket and closes it; a family that this machine does not have binds
// anything.
func bind(family int, address unix.Sockaddr) bool {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return family == unix.AF_INET6
	}
	defer func() { _ = unix.Close(fd) }()
	if family == unix.AF_INET6 {
		if unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1) != nil {
			return false
		}
	}
	err = unix.Bind(fd, address)
	return err == nil || family == unix.AF_INET6 && err == unix.EADDRNOTAVAIL
}
