package delivery

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

// Mode is how cuts are confirmed.
type Mode int

const (
	// Auto looks at the server's end of the connection where it can be seen, and falls back to acknowledgement and a pause.
	Auto Mode = iota
	// Never does not look at the server's end: acknowledgement and a pause are all there is.
	Never
)

// CutCount says how many cuts a connection made between segments, and how many of them were [Confirmed].
type CutCount struct {
	Made, Confirmed int
}
