package reference

import (
	"net"
	"time"
)

// lingerBuffer is how much of the input is discarded at a time.
const lingerBuffer = 16 << 10

// drainQuiet is how long a connection that the server's shutting down has ended
// goes on taking input when none comes: what a client was sending arrives in
// less, and would else reset the connection under the last answer.
const drainQuiet = 100 * time.Millisecond

// linger reads and discards input until the client closes, d is over, none came
// for quiet, or limit bytes were taken; a negative limit is none.
func linger(conn net.Conn, d, quiet time.Duration, limit int64) {
	over := time.Now().Add(d)
	discard := make([]byte, lingerBuffer)
	for taken := int64(0); limit < 0 || taken < limit; {
		next := time.Now().Add(quiet)
		if next.After(over) {
			next = over
		}
		if conn.SetReadDeadline(next) != nil {
			return
		}
		n, err := conn.Read(discard)
		if taken += int64(n); err != nil {
			return
		}
	}
}
