package contract

import "github.com/streamspec/streamspec/suite/report"

// clos is the family CLOS.
var clos = Family{ID: "CLOS", Name: "closing", Summary: "what came before the end is answered, and the end is orderly", Requirements: []Requirement{
	{
		ID: "CLOS-1", Level: report.Must, Title: "answers what came before a half-close",
		Sentence:  "What a client sent before it half-closed MUST be answered, and then the connection closed.",
		Rationale: "printf … | nc, HTTP/1.0 and every pipeline end their side and wait for the answer; their FIN often travels with the last bytes.",
		Citation:  "RFC 9293, section 3.6 (a half-closed connection still carries data the other way); RFC 862",
		Causes:    []string{"the end of the stream is handled before the bytes that came with it", "a hang-up event (EPOLLRDHUP, 'end') closes the connection at once", "the process that makes the answer is killed when its input ends"},
	},
	{
		ID: "CLOS-2", Level: report.Should, Title: "the last answer survives unread input",
		Sentence:  "A server that closes with input unread SHOULD close so that its last answer still arrives.",
		Rationale: "Closing a socket with unread input sends a reset, and the reset destroys what the client has not read yet: the error message is lost.",
		Citation:  "RFC 9293, section 3.6; RFC 1122, section 4.2.2.13 (a RST when data is lost); RFC 9112, section 9.6 (lingering close)",
		Causes:    []string{"close is called with input unread: shut the sending side down first, read on for a bounded time, then close"},
	},
	{
		ID: "CLOS-3", Level: report.Must, Title: "closes promptly after end of stream",
		Sentence:  "After the end of the stream, and its answers, a server MUST close promptly.",
		Rationale: "Clients that read to the end wait for it, and half-open connections add up.",
		Citation:  "RFC 9293, section 3.6; contract section 3, echo",
		Causes:    []string{"a read of 0 bytes is not recognised as the end", "the connection waits for a time limit, or for the garbage collector", "another reference to the socket keeps it open"},
	},
	{
		ID: "CLOS-4", Level: report.Must, Title: "ends with FIN, not RST",
		Sentence:  "When all input was read, the connection MUST end with FIN, not with RST.",
		Rationale: "A reset tells the client that its data may be lost, and can destroy the end of the answer on the way.",
		Citation:  "RFC 9293, section 3.6 and 3.10.4 (CLOSE); RFC 1122, section 4.2.2.13",
		Causes:    []string{"SO_LINGER with a time of 0", "abort or destroy instead of close", "the end of the stream was not read before close"},
	},
}}
