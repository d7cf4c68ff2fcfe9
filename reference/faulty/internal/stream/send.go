package stream

import (
	"slices"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var sendFaults = []plant.Fault{{
	Name:        "early-send",
	Sentence:    "content leaves when it is written, before SEND",
	Requirement: "SEND-1",
	Mistake:     "the content is written to the socket, not to a buffer",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendBeyond(0)),
}, {
	Name:        "timer-flush",
	Sentence:    "content that was written leaves by itself after 50 ms",
	Requirement: "SEND-1",
	Mistake:     "a timer flushes the buffer, so that nothing stays in it for long",
	Dialects:    plant.ScriptAlone,
	Plant:       plantTimerFlush,
}, {
	Name:        "readline-flush",
	Sentence:    "content that was written leaves when the server waits for the next line",
	Requirement: "SEND-1",
	Mistake:     "the stream flushes its output before it reads, as stdio does for a terminal",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(sendBeforeLine),
}, {
	Name:        "bytes-first",
	Sentence:    "bytes that were written leave before the text that was written before them",
	Requirement: "SEND-2",
	Mistake:     "text and bytes have a buffer each",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendBytesFirst),
}, {
	Name:        "reversed",
	Sentence:    "what was written last leaves first",
	Requirement: "SEND-2",
	Mistake:     "the pieces are taken from the end of the list",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendReversed),
}, {
	Name:        "double-send",
	Sentence:    "every SEND sends its content twice",
	Requirement: "SEND-3",
	Mistake:     "both the list of pieces and the stream's own buffer are flushed",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendTwice),
}, {
	Name:        "unemptied",
	Sentence:    "every SEND sends all content since the beginning of the connection",
	Requirement: "SEND-3",
	Mistake:     "the buffer is not emptied when it was sent",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendAll),
}, {
	Name:        "resend-at-end",
	Sentence:    "a send at the end of the session sends the last content again",
	Requirement: "SEND-3",
	Mistake:     "the last answer is kept until the connection ends, in case it was not sent",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendAgainAtEnd),
}, {
	Name:        "empty-send-lf",
	Sentence:    "a SEND with nothing written sends an LF",
	Requirement: "SEND-4",
	Mistake:     "an empty answer is answered with an empty line",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendSomething),
}, {
	Name:        "empty-send-ends",
	Sentence:    "a SEND with nothing written closes the connection",
	Requirement: "SEND-4",
	Mistake:     "an empty write is the sign by which the writer is told to end",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(closeAtNothing),
}, {
	Name:        "send-capped",
	Sentence:    "of what one SEND should send all beyond 5 MiB is lost",
	Requirement: "SEND-5",
	Mistake:     "send is called once, and the number of bytes that it took is not looked at",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendCapped),
}, {
	Name:        "send-partial",
	Sentence:    "one SEND sends no more than 4 MiB; the rest waits for the next one",
	Requirement: "SEND-5",
	Mistake:     "send is called once, and what it did not take stays in the buffer",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendPartial),
}, {
	Name:        "pieces-1024",
	Sentence:    "of the pieces written before one SEND all after the 1024th are lost",
	Requirement: "SEND-6",
	Mistake:     "writev takes no more than IOV_MAX pieces",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendFewPieces),
}, {
	Name:        "threshold-4k",
	Sentence:    "content leaves before SEND when there are more than 4096 bytes of it",
	Requirement: "SEND-8",
	Mistake:     "a buffered writer is flushed when it is full",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendBeyond(4 << 10)),
}, {
	Name:        "threshold-64k",
	Sentence:    "content leaves before SEND when there are more than 65536 bytes of it",
	Requirement: "SEND-8",
	Mistake:     "a buffered writer is flushed when it is full",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendBeyond(64 << 10)),
}, {
	Name:        "threshold-100",
	Sentence:    "content leaves before SEND when it was written in 100 pieces",
	Requirement: "SEND-8",
	Mistake:     "the list of pieces is sent when it is full",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendPieces(100)),
}, {
	Name:        "threshold-5000",
	Sentence:    "content leaves before SEND when it was written in 5000 pieces",
	Requirement: "SEND-8",
	Mistake:     "the list of pieces is sent when it is full",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(sendPieces(5000)),
}}

// sendBeyond sends what was written when it is more than that many bytes. An
// error shows at the next Send.
func sendBeyond(most int) func(*writer) {
	return func(w *writer) {
		w.piece = func(msg []byte, _ bool) []byte {
			if len(w.written)+len(msg) <= most {
				return msg
			}
			w.written = append(w.written, msg...)
			_ = w.Send()
			return nil
		}
	}
}

// sendPieces sends what was written when it is so many pieces. An error shows at the next Send.
func sendPieces(most int) func(*writer) {
	return func(w *writer) {
		pieces := 0
		w.piece = func(msg []byte, _ bool) []byte {
			if pieces++; pieces < most {
				return msg
			}
			pieces = 0
			w.written = append(w.written, msg...)
			_ = w.Send()
			return nil
		}
	}
}

// sendBeforeLine sends before the socket is read for a line. An error shows at
// the next Send.
func sendBeforeLine(r *reader) {
	r.more = func() error {
		_ = r.Send()
		return r.fill()
	}
}

func sendBytesFirst(w *writer) {
	var first []byte
	w.piece = ofBytes(func(msg []byte) []byte {
		first = append(first, msg...)
		return nil
	})
	w.send = func(text []byte) error {
		content := append(first, text...)
		first = nil
		return w.deliver(content)
	}
}

// sendReversed takes what was written between two reads for one piece.
func sendReversed(w *writer) {
	var pieces [][]byte
	w.read = func(bool) {
		pieces = append(pieces, w.written)
		w.written = nil
	}
	w.send = func(content []byte) error {
		pieces = append(pieces, content)
		slices.Reverse(pieces)
		content = slices.Concat(pieces...)
		pieces = nil
		return w.deliver(content)
	}
}

func sendTwice(w *writer) {
	w.send = func(content []byte) error { return w.deliver(append(content, content...)) }
}

func sendAll(w *writer) {
	var all []byte
	w.send = func(content []byte) error {
		all = append(all, content...)
		return w.deliver(all)
	}
}

// sendAgainAtEnd knows the end by its read, which no other Send follows at once.
func sendAgainAtEnd(w *writer) {
	var last []byte
	atEnd := false
	w.read = func(ended bool) { atEnd = ended }
	w.send = func(content []byte) error {
		if atEnd {
			return w.deliver(append(last, content...))
		}
		if len(content) > 0 {
			last = content
		}
		return w.deliver(content)
	}
}

func sendSomething(w *writer) {
	w.send = func(content []byte) error {
		if len(content) == 0 {
			content = []byte("\n")
		}
		return w.deliver(content)
	}
}

func closeAtNothing(w *writer) {
	w.send = func(content []byte) error {
		if len(content) == 0 {
			return w.Close()
		}
		return w.deliver(content)
	}
}

func sendCapped(w *writer) {
	w.send = func(content []byte) error { return w.deliver(content[:min(5<<20, len(content))]) }
}

func sendPartial(w *writer) {
	w.send = func(content []byte) error {
		n := min(4<<20, len(content))
		w.written = content[n:]
		return w.deliver(content[:n])
	}
}

func sendFewPieces(w *writer) {
	pieces := 0
	w.piece = func(msg []byte, _ bool) []byte {
		if pieces++; pieces > 1024 {
			return nil
		}
		return msg
	}
	w.send = func(content []byte) error {
		pieces = 0
		return w.deliver(content)
	}
}
