package contract

import "github.com/streamspec/streamspec/suite/report"

// send is the family SEND.
var send = Family{ID: "SEND", Name: "sending", Summary: "what was written leaves at send: complete, in order, once, and not before", Requirements: []Requirement{
	{
		ID: "SEND-1", Level: report.Must, Title: "nothing before SEND",
		Sentence:  "What was written MUST NOT leave before send.",
		Rationale: "A handler that can still change its mind (an error after half an answer) depends on it.",
		Citation:  "contract section 1, write_content: nothing is sent",
		Causes:    []string{"write_content writes to the socket", "the buffer is flushed by a timer, or when the next line is read"},
	},
	{
		ID: "SEND-2", Level: report.Must, Title: "in order",
		Sentence:  "What was written MUST leave in the order in which it was written.",
		Rationale: "The order of bytes is all that a stream has.",
		Citation:  "contract section 1, send; RFC 9293, section 2.2",
		Causes:    []string{"the pieces are kept in something without order, or taken from its end", "text and bytes have buffers of their own"},
	},
	{
		ID: "SEND-3", Level: report.Must, Title: "never twice",
		Sentence:  "What was sent MUST NOT be sent again.",
		Rationale: "A doubled answer puts every later one out of step.",
		Citation:  "contract section 1, send: once; then the buffer is empty",
		Causes:    []string{"the buffer is not emptied after send", "send is called again when the handler ends"},
	},
	{
		ID: "SEND-4", Level: report.Must, Title: "an empty SEND sends nothing",
		Sentence:  "send with nothing written MUST send nothing, and do no harm.",
		Rationale: "Loops that send after each request send nothing now and then.",
		Citation:  "contract section 1, send",
		Causes:    []string{"the last content is sent again", "an empty write is taken for an error or for the end"},
	},
	{
		ID: "SEND-5", Level: report.Must, Title: "8 MiB to a slow reader, complete",
		Sentence:  "send MUST send all of 8 MiB, however slowly the client reads.",
		Rationale: "A socket takes what its buffer holds; the rest is the sender's to send.",
		Citation:  "contract section 4, SEND-5; POSIX.1-2017, send (may take fewer bytes than it was given)",
		Causes:    []string{"the count that send or write returns is not looked at: use sendall, or a loop", "a time limit for the whole answer", "a non-blocking socket's EAGAIN drops the rest"},
	},
	{
		ID: "SEND-6", Level: report.Must, Title: "10,000 small pieces",
		Sentence:  "10,000 small pieces MUST leave complete and in order, sent together or each by itself.",
		Rationale: "Small pieces find the limits of gathered writes (IOV_MAX) and the cost of appending.",
		Citation:  "contract section 4, SEND-6; POSIX.1-2017, writev (IOV_MAX)",
		Causes:    []string{"writev with more pieces than IOV_MAX, or its partial result not continued", "the number of pieces is capped"},
	},
	{
		ID: "SEND-7", Level: report.May, Title: "unsent content at the end",
		Sentence:  "What was written and never sent MAY be sent when the session ends.",
		Rationale: "Many libraries flush on close; the contract drops it. The report says what the server does.",
		Citation:  "contract section 3, script: content never sent when the session ends is dropped",
	},
	{
		ID: "SEND-8", Level: report.Must, Title: "no SEND by itself",
		Sentence:  "The buffer MUST NOT be sent by itself, whatever its size and the number of its pieces.",
		Rationale: "A buffer that flushes when it is full makes 'nothing before send' true for small answers only.",
		Citation:  "contract section 1, write_content; section 4, SEND-8",
		Causes:    []string{"a buffered writer of fixed size flushes when it is full (4096, 8192 or 65536 bytes)", "a list of pieces is sent when it holds a number of them (100, or IOV_MAX)"},
	},
}}
