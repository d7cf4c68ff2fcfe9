package kernel

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// readTables lists the sockets that listen on a port from /proc/net/tcp and
// tcp6, where the kernel answers no request. They do not tell whether a
// wildcard of IPv6 takes IPv4, which by default it does.
func readTables(port int) ([]Listener, error) {
	var found []Listener
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) && name == "/proc/net/tcp6" {
			continue // a machine without IPv6
		}
		if err != nil {
			return nil, err
		}
		more, err := readTable(f, port)
		_ = f.Close()
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// readTable selects the listening sockets of one table. Its columns: number,
// local address and port, remote ones, state, queues, timer, retransmissions,
// user, timeout, inode.
func readTable(r io.Reader, port int) ([]Listener, error) {
	var found []Listener
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 10 || f[3] != "0A" {
			continue
		}
		host, p, _ := strings.Cut(f[1], ":")
		address, ok := parseHex(host)
		local, err := strconv.ParseUint(p, 16, 16)
		if !ok || err != nil || int(local) != port {
			continue
		}
		inode, _ := strconv.ParseUint(f[9], 10, 64)
		found = append(found, Listener{Address: address, Inode: inode, Backlog: -1})
	}
	return found, lines.Err()
}

// parseHex reads an address as the kernel prints it: 32-bit words of this
// machine's byte order in hexadecimal.
func parseHex(s string) (netip.Addr, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 4 && len(b) != 16 {
		return netip.Addr{}, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	address, ok := netip.AddrFromSlice(b)
	return address.Unmap(), ok
}
