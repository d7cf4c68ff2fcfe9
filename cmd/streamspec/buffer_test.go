package main_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/streamspec/streamspec/internal/realtime"
)

// A buffer takes what a program writes, and tells when a text has come.
type buffer struct {
	mu      sync.Mutex
	content bytes.Buffer
	more    chan struct{} // closed at the next write
}

func newBuffer() *buffer { return &buffer{more: make(chan struct{})} }

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.more)
	b.more = make(chan struct{})
	return b.content.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}

// await waits until the text has come, and returns what came behind it in its line.
func (b *buffer) await(t *testing.T, text string) string {
	t.Helper()
	ctx := realtime.Bounded(t)
	for {
		b.mu.Lock()
		content, more := b.content.String(), b.more
		b.mu.Unlock()
		if _, rest, ok := strings.Cut(content, text); ok {
			if line, _, ok := strings.Cut(rest, "\n"); ok {
				return line
			}
		}
		select {
		case <-more:
		case <-ctx.Done():
			t.Fatalf("%q did not come: %q", text, content)
		}
	}
}
