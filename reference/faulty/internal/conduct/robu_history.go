package conduct

import "github.com/streamspec/streamspec/reference/faulty/internal/plant"

func plantHistoryKept(changes *plant.Changes) {
	changes.Conn = (&plant.History{Most: mostKept, Full: true}).Of
}
