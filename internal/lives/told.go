package lives

import (
	"slices"
	"sync"

	"github.com/streamspec/streamspec/internal/player"
)

// mostBroken is how many requirements are told to be broken by a server that lives, serves nobody behind them, and is started again each
// time. Each costs the waits for it, several times; and what breaks it then is mostly the same.
const mostBroken = 2

// Shattered are such requirements. The zero value has none.
type Shattered struct {
	mu  sync.Mutex
	all []string
}

// Tell adds one.
func (s *Shattered) Tell(requirement string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.all, requirement) {
		s.all = append(s.all, requirement)
	}
}

// Has says whether a requirement was told.
func (s *Shattered) Has(requirement string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.all, requirement)
}

// Beyond are those that were told, where they are so many that another is not.
func (s *Shattered) Beyond(requirement string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) < mostBroken || slices.Contains(s.all, requirement) {
		return nil
	}
	return slices.Clone(s.all)
}

// Overs are lives of the server that were over.
type Overs struct {
	mu  sync.Mutex
	all []player.Life
}

// Add adds one, where it was over.
func (o *Overs) Add(after player.Aftermath) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !after.ServedOn {
		o.all = append(o.all, after.Life)
	}
}

// Take returns the first of those that were added since it was last called; ok is false where there is none.
func (o *Overs) Take() (first player.Life, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) == 0 {
		return player.Life{}, false
	}
	first, o.all = o.all[0], nil
	return first, true
}
