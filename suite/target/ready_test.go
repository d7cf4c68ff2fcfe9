package target

import (
	"net/netip"
	"testing"

	"github.com/streamspec/streamspec/internal/kernel"
)

// TestElsewhere: of a server that does not listen where it should, it is told where it listens instead, and not that another has come to
// listen at its own address meanwhile.
func TestElsewhere(t *testing.T) {
	at := func(address string, inode uint64) kernel.Listener {
		return kernel.Listener{Address: netip.MustParseAddr(address), Inode: inode, Backlog: -1}
	}
	r := &readiness{strangers: map[uint64]bool{3: true}, addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	got := r.elsewhere([]kernel.Listener{at("127.0.0.1", 1), at("127.0.0.2", 2), at("127.0.0.3", 3)})
	if len(got) != 1 || got[0].Inode != 2 {
		t.Errorf("it listens at %v", got)
	}
}
