package faulty

import (
	"sync"

	"github.com/streamspec/streamspec/reference"
)

var concFaults = []Fault{{
	Name:        "serial",
	Sentence:    "a client waits until the one before it has gone",
	Requirement: "CONC-2",
	Mistake:     "the accept loop runs the handler itself",
	Dialects:    everyDialect,
	plant:       plantSerial,
}, {
	Name:        "buffer-shared",
	Sentence:    "what one client left unsent goes to the next one",
	Requirement: "CONC-1",
	Mistake:     "the write buffer belongs to the class, not to the object, and outlives a connection",
	Dialects:    scriptAlone,
	plant:       plantBufferShared,
}}

func plantSerial(p *plan) {
	var turn sync.Mutex
	p.session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			turn.Lock()
			defer turn.Unlock()
			return d(s)
		}
	}
}

func plantBufferShared(p *plan) {
	shared := new(sharedBuffer)
	p.stream = func(s reference.Stream) reference.Stream {
		return sharing{Stream: s, buffer: shared}
	}
}

// A sharedBuffer is the write buffer of all connections.
type sharedBuffer struct {
	mu      sync.Mutex
	content []byte
}

func (b *sharedBuffer) add(content []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.content = append(b.content, content...)
}

func (b *sharedBuffer) take() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	content := b.content
	b.content = nil
	return content
}

// sharing writes to a buffer that it shares.
type sharing struct {
	reference.Stream
	buffer *sharedBuffer
}

func (s sharing) WriteContent(msg string) { s.buffer.add([]byte(msg)) }
func (s sharing) WriteBytes(msg []byte)   { s.buffer.add(msg) }

func (s sharing) Send() error {
	s.Stream.WriteBytes(s.buffer.take())
	return s.Stream.Send()
}
