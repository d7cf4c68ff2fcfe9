package faulty

import "github.com/streamspec/streamspec/reference"

var sendFaults = []Fault{{
	Name:        "early-send",
	Sentence:    "content leaves when it is written, before SEND",
	Requirement: "SEND-1",
	Mistake:     "the content is written to the socket, not to a buffer",
	Dialects:    scriptAlone,
	plant:       plantEarlySend,
}, {
	Name:        "double-send",
	Sentence:    "every SEND sends its content twice",
	Requirement: "SEND-3",
	Mistake:     "both the list of pieces and the stream's own buffer are flushed",
	Dialects:    scriptAlone,
	plant:       plantDoubleSend,
}}

func plantEarlySend(p *plan) {
	p.stream = func(s reference.Stream) reference.Stream { return earlySend{s} }
}

// earlySend sends what is written at once. An error shows at the next Send.
type earlySend struct{ reference.Stream }

func (s earlySend) WriteContent(msg string) {
	s.Stream.WriteContent(msg)
	_ = s.Send()
}

func (s earlySend) WriteBytes(msg []byte) {
	s.Stream.WriteBytes(msg)
	_ = s.Send()
}

func plantDoubleSend(p *plan) {
	p.stream = func(s reference.Stream) reference.Stream { return &doubleSend{Stream: s} }
}

// doubleSend keeps what is written, and sends it once more.
type doubleSend struct {
	reference.Stream
	again []byte
}

func (s *doubleSend) WriteContent(msg string) {
	s.WriteBytes([]byte(msg))
}

func (s *doubleSend) WriteBytes(msg []byte) {
	s.again = append(s.again, msg...)
	s.Stream.WriteBytes(msg)
}

func (s *doubleSend) Send() error {
	s.Stream.WriteBytes(s.again)
	s.again = nil
	return s.Stream.Send()
}
