package timeline

import "fmt"

// Confirmation is how sure it is that the server read what was sent.
type Confirmation int

const (
	// Unconfirmed: the wait ran out, or the connection or the context ended first.
	Unconfirmed Confirmation = iota
	// Likely: the server's kernel acknowledged the bytes and a pause followed; the server's end cannot be seen.
	Likely
	// Confirmed: the server's end received the bytes, and its receive queue is empty.
	Confirmed
)

// String returns "unconfirmed", "likely" or "confirmed".
func (c Confirmation) String() string {
	switch c {
	case Unconfirmed:
		return "unconfirmed"
	case Likely:
		return "likely"
	case Confirmed:
		return "confirmed"
	}
	return fmt.Sprintf("Confirmation(%d)", int(c))
}
