package timeline

// Kept bounds the bytes of a side that are kept.
const Kept = 32 << 10

// Raw are bytes that one side sent, up to where the other side sent some.
type Raw struct {
	Server bool   // they are the server's
	Bytes  []byte // the first of them: as many as are kept
	Total  int
}

// Received returns how many bytes of the server's stream were read.
func (t *Log) Received() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int64(t.in.read)
}

// Raw returns the bytes of both sides in their order, as far as the timeline tells that: up to its first event that is not kept. said is what the
// client sent; of the server's bytes the first [Kept] are kept.
func (t *Log) Raw(said []byte) (all []Raw) {
	t.mu.Lock()
	defer t.mu.Unlock()
	came := t.in.kept
	for _, r := range t.first {
		from, server := &said, false
		switch r.kind {
		case KindSend:
		case KindReceive:
			from, server = &came, true
		default:
			continue
		}
		n := min(r.count, len(*from))
		if last := len(all) - 1; last < 0 || all[last].Server != server {
			all = append(all, Raw{Server: server})
		}
		part := &all[len(all)-1]
		part.Bytes = append(part.Bytes, (*from)[:n]...)
		part.Total += r.count
		*from = (*from)[n:]
	}
	return all
}
