package delivery

import "github.com/streamspec/streamspec/internal/delivery/timeline"

// Confirmation is how sure it is that the server read what was sent.
type Confirmation = timeline.Confirmation

// How sure it is.
const (
	Unconfirmed = timeline.Unconfirmed
	Likely      = timeline.Likely
	Confirmed   = timeline.Confirmed
)

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
