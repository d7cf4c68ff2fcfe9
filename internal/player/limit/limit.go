// Package limit keeps account of the clients of a server that takes so many at once, and refuses others.
package limit

import (
	"bytes"
	"sync"
	"time"
)

// A Limit is what is known of a server that takes so many clients at once and refuses others. Such a server may count a client for some
// time after that has left, so that one that comes at once is refused though there is room for it: clients come later then, and one that
// is refused all the same comes once more.
type Limit struct {
	mu       sync.Mutex
	refuses  bool          // it refuses who is too many
	said     bool          // its user has said so, and how many it takes
	most     int           // how many it takes; 0 where that is not known
	words    []byte        // what it says to who is refused, if anything
	late     time.Duration // how long it counts a client that has left
	open     int           // our connections
	leaving  []time.Time   // until when each of those may be counted that have left
	readmits int           // clients that were refused, and served when they came again
}

// Set notes that the server takes so many clients at once, where that is known, and refuses others with these words.
func (l *Limit) Set(most int, words []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses, l.said, l.most = true, false, most
	if len(words) > 0 {
		l.words = bytes.Clone(words)
	}
}

// Say notes that the server is said to take so many clients at once. It may refuse others, with these words, as far as they are known.
func (l *Limit) Say(most int, words []byte) {
	l.Set(most, words)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = true
}

// Clear notes that the server is not known to refuse anybody.
func (l *Limit) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses, l.most, l.words = false, 0, nil
}

// Refuses says whether the server is known to refuse who is too many.
func (l *Limit) Refuses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuses
}

// Found says whether the server was seen to refuse who is too many, which nobody has said.
func (l *Limit) Found() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuses && !l.said
}

// Readmits is how many clients the server refused though no more were connected than it takes, and served when they came again.
func (l *Limit) Readmits() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.readmits
}

// Late is how long the server may count a client that has left, as far as that has been seen.
func (l *Limit) Late() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.late
}

// Says says whether a client to which this was said may have been refused.
func (l *Limit) Says(said []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuses && (len(said) == 0 || len(l.words) > 0 && (bytes.HasPrefix(l.words, said) || bytes.HasPrefix(said, l.words)))
}

// Wait is for how long the server still counts a client that has left in the place of the one that comes; 0 where it has room. One that comes
// beside as many as the server takes, all of them still connected, is not kept back.
func (l *Limit) Wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for len(l.leaving) > 0 && !l.leaving[0].After(now) {
		l.leaving = l.leaving[1:]
	}
	if l.most == 0 || len(l.leaving) == 0 || l.open+len(l.leaving) < l.most {
		return 0
	}
	return l.leaving[0].Sub(now)
}

// Entered notes one more of our connections.
func (l *Limit) Entered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
}

// Left notes that one of our connections has been closed.
func (l *Limit) Left() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.most > 0 && l.late > 0 && len(l.leaving) < l.most {
		l.leaving = append(l.leaving, time.Now().Add(l.late))
	}
}

// Readmitted notes that a client was served that had been refused.
func (l *Limit) Readmitted() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readmits++
}

// Counted notes that a client was still counted so long after it had left.
func (l *Limit) Counted(late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late = max(l.late, late+min(late, time.Second)) // another may be counted a little longer
}
