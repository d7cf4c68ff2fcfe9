package contract

import "github.com/streamspec/streamspec/suite/report"

// conc is the family CONC.
var conc = Family{ID: "CONC", Name: "clients beside one another", Summary: "what one client does is nothing to another", Requirements: []Requirement{
	{
		ID: "CONC-1", Level: report.Must, Title: "does not mix bytes between connections",
		Sentence:  "A server MUST NOT mix the bytes of one connection with another's, in either direction, open at once or one after another.",
		Rationale: "Mixed bytes give one user's data to another.",
		Citation:  "RFC 9293, section 3.3 (a connection is its pair of sockets); contract section 1: the handler's buffers are the connection's own",
		Causes:    []string{"a buffer is global, or a class attribute, or a default argument that all handlers share", "a buffer goes back to a pool with its bytes and is not emptied", "a closure holds the variable of the last connection"},
	},
	{
		ID: "CONC-2", Level: report.Should, Title: "serves a second client while the first is silent",
		Sentence:  "A server SHOULD serve a second client while the first is silent, in the middle of a request or before one.",
		Rationale: "Otherwise one slow or stalled client takes the server from all the others.",
		Citation:  "contract section 4, CONC-2",
		Causes:    []string{"the accept loop runs the handler itself, and accepts nothing until it is done: hand the connection to a thread, a task or a process", "a lock is held while a connection is read"},
	},
	{
		ID: "CONC-3", Level: report.Should, Title: "holds 200 clients",
		Sentence:  "A server SHOULD hold 200 clients at once; the report says how far it got.",
		Rationale: "Connections are kept open by pools, phones and browsers long before they are busy.",
		Citation:  "contract section 4, CONC-3",
		Causes:    []string{"a pool of threads or processes that is smaller, one connection each", "the limit of open files", "select with descriptors above 1023"},
	},
}}
