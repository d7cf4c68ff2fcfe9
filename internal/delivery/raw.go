package delivery

import "time"

// Raw are bytes that one side sent, up to where the other side sent some.
type Raw struct {
	Server bool   // they are the server's
	Bytes  []byte // the first of them: as many as are kept
	Total  int
}

// Began returns when the connecting began.
func (c *Conn) Began() time.Time { return c.log.start }

// Received returns how many bytes of the server's stream were read.
func (c *Conn) Received() int64 {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	return int64(c.log.in.read)
}

// Raw returns the bytes of both sides in their order, as far as the timeline tells that: up to its first event that is not kept. Of each
// side the first 32 KiB are kept.
func (c *Conn) Raw() (all []Raw) {
	said := c.Said().Bytes
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	came := c.log.in.kept
	for _, r := range c.log.first {
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
