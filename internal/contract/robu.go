package contract

import "github.com/streamspec/streamspec/suite/report"

// robu is the family ROBU. After each of its cases a fresh connection must get a right answer.
var robu = Family{ID: "ROBU", Name: "abuse", Summary: "after whatever a client does, the server serves, and its answer is right", Requirements: []Requirement{
	{
		ID: "ROBU-1", Level: report.Must, Title: "200 resets",
		Sentence:  "After 200 connections that were reset in the middle of a request a server MUST serve, and rightly; it MUST NOT burn CPU then, nor hold descriptors of theirs.",
		Rationale: "Scanners, load balancers' health checks and crashing clients reset all day.",
		Citation:  "RFC 9293, section 3.5.3 (reset processing); contract section 4, ROBU-1",
		Causes:    []string{"an error of read or write ends the server", "SIGPIPE is not ignored", "a write that failed is tried again for ever, as if it had only had to wait"},
	},
	{
		ID: "ROBU-2", Level: report.Must, Title: "64 MiB without a line end",
		Sentence:  "After 64 MiB without a line end, or of a message that grows, a server MUST serve, and rightly; its memory MUST grow by less than 16 MiB, and the time that it takes for a byte MUST NOT grow with how many have come.",
		Rationale: "A reader without a limit hands each client the server's memory.",
		Citation:  "contract section 4, ROBU-2",
		Causes:    []string{"the line is collected without a limit", "what comes is added to a string by a copy of all that has come, or its end is looked for from the beginning each time", "each beginning of a message is kept that has come so far", "the answer to a client that reads slowly is collected without a limit"},
	},
	{
		ID: "ROBU-3", Level: report.Must, Title: "500 idle connections",
		Sentence:  "Beside and after 500 idle connections a server MUST serve, and rightly.",
		Rationale: "Idle connections cost a client nothing, and a server that is full of them is down.",
		Citation:  "contract section 4, ROBU-3",
		Causes:    []string{"the limit of open files ends the accept loop (EMFILE): wait and go on", "a thread or process for each connection runs out", "select with descriptors above 1023"},
	},
	{
		ID: "ROBU-4", Level: report.Must, Title: "random garbage",
		Sentence:  "After random bytes a server MUST serve, and rightly.",
		Rationale: "Everything that listens is sent TLS, HTTP and noise sooner or later.",
		Citation:  "contract section 4, ROBU-4",
		Causes:    []string{"an error of parsing or decoding ends the server", "a length that was read is believed, and its memory taken"},
	},
	{
		ID: "ROBU-5", Level: report.Must, Title: "2,000 connects and closes",
		Sentence:  "After 2,000 connections that were opened and closed at once a server MUST serve, and rightly.",
		Rationale: "Port scans and health checks connect and leave.",
		Citation:  "contract section 4, ROBU-5",
		Causes:    []string{"an error of accept (ECONNABORTED) or of the first read ends the server", "something is leaked for each connection"},
	},
	{
		ID: "ROBU-6", Level: report.Must, Title: "a client that never reads",
		Sentence:  "With a client that sends requests and never reads, and after it, a server MUST serve, and rightly.",
		Rationale: "A stuck client fills every buffer on its way; that must stay its own affair.",
		Citation:  "contract section 4, ROBU-6",
		Causes:    []string{"a blocking write holds up the whole server", "the answer is collected without a limit"},
	},
	{
		ID: "ROBU-7", Level: report.Should, Title: "bounds what waits for a client that does not read",
		Sentence:  "While a client sends requests and reads nothing, a server's memory SHOULD grow by less than 64 MiB.",
		Rationale: "Answers that nobody takes are kept by somebody. A server that reads on while they pile up hands each client its memory.",
		Citation:  "RFC 9293, section 3.8.6 (flow control by the window); contract section 4, ROBU-7",
		Causes:    []string{"what write returns is not looked at (in Node: false, until 'drain'): stop reading while answers wait", "answers go into a queue without a bound"},
	},
}}
