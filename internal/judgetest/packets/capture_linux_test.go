package packets_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"
)

// A payload is bytes that one side of a connection sent, in the order in which they came to the other.
type payload struct {
	server bool // they are the server's
	bytes  []byte
}

// capture keeps the payloads of all connections to one port of loopback, by the client's address.
type capture struct {
	fd, port int
	over     chan struct{}
	ended    chan error
	all      map[string][]payload
}

// listen captures what comes to and from the port, until its payloads are asked for. The test is skipped where that is not allowed.
func listen(t *testing.T, port int) *capture {
	t.Helper()
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	protocol := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_IP))
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(protocol))
	if errors.Is(err, unix.EPERM) {
		t.Skip("to capture packets takes CAP_NET_RAW and CAP_NET_ADMIN: run this test as root")
	}
	if err != nil {
		t.Fatal(err)
	}
	const room = 256 << 20 // for all packets, however late they are read
	look := unix.NsecToTimeval((20 * time.Millisecond).Nanoseconds())
	for _, err := range []error{
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &look), // whether it is over
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol, Ifindex: lo.Index}),
	} {
		if err != nil {
			_ = unix.Close(fd)
			t.Fatal(err)
		}
	}
	c := &capture{fd: fd, port: port, over: make(chan struct{}), ended: make(chan error, 1), all: map[string][]payload{}}
	go func() { c.ended <- c.read() }()
	return c
}

// payloads ends the capture, and returns all that came.
func (c *capture) payloads(t *testing.T) map[string][]payload {
	t.Helper()
	close(c.over)
	err := <-c.ended
	stats, statsErr := unix.GetsockoptTpacketStats(c.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err := errors.Join(err, statsErr, unix.Close(c.fd)); err != nil || stats.Drops > 0 {
		t.Fatalf("%v, and %d packets were lost", err, stats.Drops)
	}
	return c.all
}

// read keeps payloads until it is over and no more are there.
func (c *capture) read() error {
	buffer := make([]byte, 128<<10)
	for last := false; ; {
		n, from, err := unix.Recvfrom(c.fd, buffer, 0)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN) && last:
			return nil
		case errors.Is(err, unix.EAGAIN):
			select {
			case <-c.over:
				last = true
			default:
			}
		case err != nil:
			return err
		case from.(*unix.SockaddrLinklayer).Pkttype != unix.PACKET_OUTGOING: // each is seen twice
			c.keep(buffer[:n])
		}
	}
}

func (c *capture) keep(frame []byte) {
	packet := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	ip, _ := packet.NetworkLayer().(*layers.IPv4)
	tcp, _ := packet.TransportLayer().(*layers.TCP)
	if ip == nil || tcp == nil || len(tcp.Payload) == 0 {
		return
	}
	client, server := "", false
	switch c.port {
	case int(tcp.DstPort):
		client = fmt.Sprintf("%v:%d", ip.SrcIP, tcp.SrcPort)
	case int(tcp.SrcPort):
		client, server = fmt.Sprintf("%v:%d", ip.DstIP, tcp.DstPort), true
	default:
		return
	}
	c.all[client] = append(c.all[client], payload{server, append([]byte(nil), tcp.Payload...)})
}
