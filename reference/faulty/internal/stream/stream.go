// Package stream has the faults that break the stream of bytes: how requests are
// framed, read, decoded and answered, whatever the server does beside that.
package stream

import (
	"slices"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// Faults returns those of FRAM, READ, LINE, CODE and SEND.
func Faults() []plant.Fault {
	return slices.Concat(framFaults, readFaults, lineFaults, codeFaults, sendFaults)
}
