package reference

import (
	"net"
	"time"
)

// lingerBuffer is how much of the input is discarded at a time.
const lingerBuffer = 16 << 10

// linger reads and discards input until the client closes, the time is over or
// limit bytes were taken; a negative limit is none.
func linger(conn net.Conn, d time.Duration, limit int64) {
	if conn.SetReadDeadline(time.Now().Add(d)) != nil {
		return
	}
	discard := make([]byte, lingerBuffer)
	for taken := int64(0); limit < 0 || taken < limit; {
		n, err := conn.Read(discard)
		if taken += int64(n); err != nil {
			return
		}
	}
}
