package kernel

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// The layout of linux/inet_diag.h, which golang.org/x/sys does not have: offsets and sizes in bytes.
const (
	requestSize  = 56 // struct inet_diag_req_v2
	requestExt   = 2  // .idiag_ext
	requestState = 4  // .idiag_states
	requestID    = 8  // .id

	messageSize   = 72 // struct inet_diag_msg
	messageState  = 1  // .idiag_state
	messageID     = 4  // .id
	messageQueue  = 56 // .idiag_rqueue
	messageUnsent = 60 // .idiag_wqueue
	messageInode  = 68 // .idiag_inode

	idSize   = 48 // struct inet_diag_sockid
	idSource = 4  // .idiag_src
	idDest   = 20 // .idiag_dst
	idCookie = 40 // .idiag_cookie

	attributeInfo   = 2  // INET_DIAG_INFO: a tcp_info
	attributeV6Only = 11 // INET_DIAG_SKV6ONLY: a byte

	stateListen = 10 // TCP_LISTEN
)

// putRequest writes an inet_diag_req_v2 for sockets of TCP in a family that are in one of the states, a bit each.
func putRequest(b []byte, family uint8, states uint32) {
	b[0] = family
	b[1] = unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[requestState:], states)
}

// putAddr writes an address as sockets of the family know it: an IPv4 address in an IPv6 socket is v4-mapped.
func putAddr(b []byte, family uint8, a netip.Addr) {
	if family == unix.AF_INET {
		v4 := a.As4()
		copy(b, v4[:])
		return
	}
	v6 := a.As16()
	copy(b, v6[:])
}

// message is an answer of sock_diag: an inet_diag_msg and the attributes that follow it.
type message []byte

// complete says whether all of the inet_diag_msg is there, without which nothing else may be asked for.
func (m message) complete() bool { return len(m) >= messageSize }

func (m message) family() uint8  { return m[0] }
func (m message) state() uint8   { return m[messageState] }
func (m message) id() []byte     { return m[messageID : messageID+idSize] }
func (m message) port() int      { return int(binary.BigEndian.Uint16(m.id())) }
func (m message) queue() uint32  { return binary.NativeEndian.Uint32(m[messageQueue:]) }
func (m message) unsent() uint32 { return binary.NativeEndian.Uint32(m[messageUnsent:]) }
func (m message) inode() uint32  { return binary.NativeEndian.Uint32(m[messageInode:]) }

// source returns the socket's own address, a v4-mapped one as the IPv4 address that it stands for; ok is false for a family other
// than those of IP.
func (m message) source() (a netip.Addr, ok bool) {
	b := m.id()[idSource:]
	switch m.family() {
	case unix.AF_INET:
		return netip.AddrFrom4([4]byte(b)), true
	case unix.AF_INET6:
		return netip.AddrFrom16([16]byte(b)).Unmap(), true
	}
	return netip.Addr{}, false
}

// attribute returns the content of the first attribute of a kind; ok is false where there is none before the end or before
// an attribute that cannot be.
func (m message) attribute(kind uint16) (content []byte, ok bool) {
	native := binary.NativeEndian
	for rest := m[messageSize:]; len(rest) >= unix.SizeofNlAttr; {
		size := int(native.Uint16(rest))
		if size < unix.SizeofNlAttr || size > len(rest) {
			break
		}
		if native.Uint16(rest[2:]) == kind {
			return rest[unix.SizeofNlAttr:size], true
		}
		rest = rest[min((size+3)&^3, len(rest)):]
	}
	return nil, false
}
