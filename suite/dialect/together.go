package dialect

import "fmt"

// What models send together.

// batches are several of a model's turns, sent together.
func batches(d Model) []Batch {
	var all []Batch
	for _, n := range []int{2, 3, 10, 100} {
		turns := d.Turns("c", n)
		b := Batch{Session: d.Joined(turns)}
		at := 0
		for _, t := range turns {
			b.Starts = append(b.Starts, at)
			at += len(t.Request)
		}
		all = append(all, b)
	}
	return all
}

// filled are so many turns of a model that have n bytes together, or as many as fit.
func filled(d Model, id string, n, requests int) Batch {
	ided := func(i int) string { return fmt.Sprintf("%s.%03d", id, i) }
	least := len(d.Turns(ided(0), 1)[0].Request)
	requests = max(min(requests, n/least), 1)
	var turns []Turn
	var starts []int
	at := 0
	for i := range requests {
		more := max((n-at)/(requests-i)-least, 0)
		turns, starts = append(turns, d.Turns(ided(i)+Numbered(more), 1)[0]), append(starts, at)
		at += least + more
	}
	return Batch{d.Joined(turns), starts}
}

// burst is a long session of a model, without what ends it.
func burst(d Model, seed uint64) (requests []byte, answers int) {
	s := d.Bulk(1<<20, seed)
	if s.End == ByServer {
		return s.Request[:len(s.Request)-1], len(s.Answer())
	}
	return s.Request, len(s.Answer())
}
