package timeline

// incoming accounts for the server's stream, so that its bytes stand in the timeline where they arrived, and not where they were read: an
// answer that came before the next segment was sent is the best proof of what the server has taken for a whole message.
type incoming struct {
	arrived uint64 // bytes that were seen to have arrived
	read    uint64 // bytes of these that were read
	unread  []unread
	kept    []byte // the first that were read
	over    bool   // the end of the stream stands in the timeline
}

// unread are bytes whose event is in the timeline, and which were not read yet.
type unread struct {
	to     uint64 // where they end in the stream
	record int    // the event's number
}

// Arrives notes that so many bytes have arrived in all, read or not.
func (t *Log) Arrives(all uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if all <= t.in.arrived {
		return
	}
	t.record(KindReceive, nil, int(all-t.in.arrived), Unconfirmed, "")
	t.in.arrived = all
	t.in.unread = append(t.in.unread, unread{all, t.added - 1})
}

// Reads notes bytes that were read: those that have arrived before are shown where they did.
func (t *Log) Reads(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in.kept = append(t.in.kept, b[:min(len(b), Kept-len(t.in.kept))]...)
	done := 0
	for _, u := range t.in.unread {
		n := int(min(u.to-t.in.read, uint64(len(b))))
		if r := t.kept(u.record); r != nil {
			r.size += copy(r.bytes[r.size:], b[:n])
		}
		t.in.read, b = t.in.read+uint64(n), b[n:]
		if t.in.read < u.to {
			break
		}
		done++
	}
	t.in.unread = t.in.unread[done:]
	if len(b) > 0 {
		t.record(KindReceive, b, len(b), Unconfirmed, "")
		t.in.read += uint64(len(b))
		t.in.arrived = t.in.read
	}
}

// Ends notes the end of the server's stream, once: where it was read, or seen before.
func (t *Log) Ends(kind Kind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.in.over {
		t.in.over = true
		t.record(kind, nil, 0, Unconfirmed, "")
	}
}
