// Package conduct has the faults that break a server's conduct: how it lives and
// ends, serves many clients, closes, takes its time and stands what is hostile.
package conduct

import (
	"slices"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// Faults returns those of LIFE, CONC, CLOS, FLOW and ROBU, those that show by
// chance, and the servers that do not serve at all.
func Faults() []plant.Fault {
	return slices.Concat(lifeFaults, concFaults, closFaults, flowFaults, robuFaults, rareFaults, trivialFaults)
}
