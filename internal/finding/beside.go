package finding

import "sync"

// AtOnce has attempts be made beside one another, and returns the worst of what they come to.
func AtOnce(attempts int, attempt func(i int) *Finding) *Finding {
	found := make([]*Finding, attempts)
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() { found[i] = attempt(i) })
	}
	all.Wait()
	return Worst(found)
}

// Worst returns the first fact, else the first finding; nil where there is none.
func Worst(found []*Finding) *Finding {
	var first *Finding
	for _, f := range found {
		if f.Fact() {
			return f
		}
		if first == nil {
			first = f
		}
	}
	return first
}
