package contract

import "github.com/streamspec/streamspec/suite/report"

// flow is the family FLOW.
var flow = Family{ID: "FLOW", Name: "flow", Summary: "a slow reader loses nothing and holds up nobody", Requirements: []Requirement{
	{
		ID: "FLOW-1", Level: report.Must, Title: "loses nothing to a slow reader",
		Sentence:  "A server MUST lose nothing of an answer that its client reads slowly.",
		Rationale: "Phones, full disks and busy clients read slowly; the sending side's buffers fill, and its writes become partial.",
		Citation:  "RFC 9293, section 3.8.6 (flow control by the window)",
		Causes:    []string{"the count that send or write returns is not looked at", "a write that would block drops what it could not write", "a limit on the output buffer drops the rest"},
	},
	{
		ID: "FLOW-2", Level: report.Should, Title: "serves others meanwhile",
		Sentence:  "While one client reads slowly or not at all, a server SHOULD serve the others.",
		Rationale: "One stuck client must not be everybody's.",
		Citation:  "contract section 4, FLOW-2",
		Causes:    []string{"a blocking write in the accept loop, or in the one event loop", "a lock is held while an answer is written"},
	},
	{
		ID: "FLOW-3", Level: report.Must, Title: "carries both directions at once",
		Sentence:  "A server MUST carry both directions at once: it answers while the client is still sending.",
		Rationale: "A stream has two directions; a server that waits for the end of one before it uses the other fills every buffer on the way, and stops.",
		Citation:  "RFC 9293, section 2.2 (full duplex); RFC 862",
		Causes:    []string{"the whole input is collected before the answer begins", "reading stops until the answer has been taken, with more than the buffers hold on the way"},
	},
	{
		ID: "FLOW-4", Level: report.Should, Title: "answers without a stall",
		Sentence:  "No part of an answer SHOULD come only when the client has acknowledged the part before it.",
		Rationale: "A kernel holds back a small segment while another is unacknowledged (Nagle), and a client's puts off the acknowledgement of what it need not answer: each answer in two writes then takes 40 to 200 ms.",
		Citation:  "RFC 9293, section 3.7.4 (Nagle algorithm); RFC 1122, section 4.2.3.2 (delayed acknowledgements)",
		Causes:    []string{"head and body leave in two writes: write them together (writev, a buffer, TCP_CORK)", "TCP_NODELAY is not set, and answers are written piece by piece"},
	},
}}
