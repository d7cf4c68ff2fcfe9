package conduct

import (
	"sync"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var concFaults = []plant.Fault{{
	Name:        "serial",
	Sentence:    "a client waits until the one before it has gone",
	Requirement: "CONC-2",
	Mistake:     "the accept loop runs the handler itself",
	Dialects:    plant.EveryDialect,
	Plant:       plantSerial,
}, {
	Name:        "buffer-shared",
	Sentence:    "what one client left unsent goes to the next one",
	Requirement: "CONC-1",
	Mistake:     "the write buffer belongs to the class, not to the object, and outlives a connection",
	Dialects:    plant.ScriptAlone,
	Plant:       plantBufferShared,
}, {
	Name:        "cap-100",
	Sentence:    "while 100 clients are there, every further one is closed at once",
	Requirement: "CONC-3",
	Mistake:     "a limit that was meant against abuse is too low",
	Dialects:    plant.EveryDialect,
	Plant:       plantCap,
}, {
	Name:        "pool-50",
	Sentence:    "50 clients are served at a time, and every further one waits until one has left",
	Requirement: "CONC-3",
	Mistake:     "every connection keeps a thread of a pool, and the pool is small",
	Dialects:    plant.EveryDialect,
	Plant:       plantPool,
}, {
	Name:        "input-outlives",
	Sentence:    "the unfinished line of a client that reset its connection becomes the beginning of the next one's first",
	Requirement: "CONC-1",
	Mistake:     "the read buffer belongs to the class, not to the object, and an error does not empty it",
	Dialects:    plant.LineDialects,
	Plant:       plantInputOutlives,
}, {
	Name:        "request-lock",
	Sentence:    "while one client is in the middle of a line, all others wait",
	Requirement: "CONC-2",
	Mistake:     "a lock of the whole server is taken when a request begins, and held until it is complete",
	Dialects:    plant.LineDialects,
	Plant:       plantRequestLock,
}, {
	Name:        "answer-to-other",
	Sentence:    "answers go to the client that came last, while it is there",
	Requirement: "CONC-1",
	Mistake:     "the connection is kept in a global variable, and each new one replaces it",
	Dialects:    plant.EveryDialect,
	Plant:       plantAnswerToOther,
}}

func plantSerial(changes *plant.Changes) {
	turn := make(chan struct{}, 1) // holds the token of the session whose turn it is: a wait too long for a mutex
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			turn <- struct{}{}
			defer func() { <-turn }()
			return d(s)
		}
	}
}

func plantBufferShared(changes *plant.Changes) {
	shared := new(sharedBuffer)
	changes.Stream = func(s reference.Stream) reference.Stream {
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
