package odd

import "github.com/streamspec/streamspec/reference/faulty/internal/plant"

// histories keep what clients have sent, and have a bound.
var histories = []plant.Control{{
	Name:      "history-bounded",
	Sentence:  "the last lines that clients have sent are kept, up to 8 MiB of them",
	Dialects:  []string{"echo"},
	Exchanged: true,
	Plant:     plantHistoryBounded,
}}

func plantHistoryBounded(changes *plant.Changes) {
	changes.Conn = (&plant.History{Most: 8 << 20}).Of
}
