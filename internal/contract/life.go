package contract

import "github.com/streamspec/streamspec/suite/report"

// life is the family LIFE.
var life = Family{ID: "LIFE", Name: "the server's life", Summary: "a server accepts, serves, survives its clients and its handlers, and ends when it is asked to", Requirements: []Requirement{
	{
		ID: "LIFE-1", Level: report.Must, Title: "accepts on its address and serves",
		Sentence:  "A server MUST accept connections on its address and serve them.",
		Rationale: "Nothing else can be said of a server that is not there.",
		Citation:  "RFC 9293, section 3.9.1 (passive OPEN); contract section 2, serve_forever and get_request",
		Causes:    []string{"the server listens on another address or family (127.0.0.1 is not ::1)", "the accept loop is not reached, or ended after an error"},
	},
	{
		ID: "LIFE-2", Level: report.Must, Title: "serves the next connection after one has ended",
		Sentence:  "A server MUST serve the next connection after one has ended.",
		Rationale: "A server that serves once, or a counted number of times, stops working in the field without a word.",
		Citation:  "contract section 2, serve_forever",
		Causes:    []string{"accept is called once, outside the loop", "the loop ends with a connection's error", "what a connection took is not given back"},
	},
	{
		ID: "LIFE-3", Level: report.Must, Title: "closes the connection when the handler is done",
		Sentence:  "A server MUST close the connection when its handler is done with it.",
		Rationale: "A client that reads to the end of the stream waits for ever for a close that does not come.",
		Citation:  "RFC 9293, section 3.6 (closing a connection); contract section 2, close_request",
		Causes:    []string{"close_request is not called after the handler", "another reference to the socket (a duplicate, a child process, a file object) keeps it open"},
	},
	{
		ID: "LIFE-4", Level: report.Must, Title: "survives a failing handler",
		Sentence:  "When a handler fails, its connection MUST be closed, and the server MUST serve on.",
		Rationale: "One client's bad request must not take the service from all the others.",
		Citation:  "contract section 2: a handler that fails costs its own connection and nothing else",
		Causes:    []string{"an exception or panic of the handler leaves the accept loop or ends the process", "close_request is skipped when the handler fails: the connection stays open"},
	},
	{
		ID: "LIFE-5", Level: report.Must, Title: "survives clients that leave without a word",
		Sentence:  "A server MUST survive clients that leave at any moment, by FIN or by RST.",
		Rationale: "Clients crash, are killed, and change networks; each leaves a socket on which reads and writes fail.",
		Citation:  "RFC 9293, sections 3.5.3 (reset processing) and 3.6; contract section 4, LIFE-5",
		Causes:    []string{"an error of read or write (ECONNRESET, EPIPE) is not caught", "SIGPIPE is not ignored", "an 'error' event has no listener"},
	},
	{
		ID: "LIFE-6", Level: report.Must, Title: "stops on request",
		Sentence:  "On SIGTERM a server MUST exit in time, and accept nothing more.",
		Rationale: "A service manager kills what does not stop, and then nobody's answer is finished.",
		Citation:  "contract section 2, shut_down; POSIX.1-2017, SIGTERM",
		Causes:    []string{"SIGTERM is ignored or handled without ending the accept loop", "stopping waits for idle clients to leave", "a non-daemon thread keeps the process alive"},
	},
	{
		ID: "LIFE-7", Level: report.Should, Title: "finishes the answer in progress before it stops",
		Sentence:  "A server that is asked to stop SHOULD let the answer in progress finish first.",
		Rationale: "Every deployment stops servers; clients should not see it.",
		Citation:  "contract section 2, shut_down",
		Causes:    []string{"the process exits from the signal handler", "no signal handler: the default action ends the process in mid-answer"},
	},
	{
		ID: "LIFE-8", Level: report.Must, Title: "says so when its address is taken",
		Sentence:  "A server whose address is taken MUST fail with a clear error and a non-zero status.",
		Rationale: "A server that keeps quiet about a failed bind looks healthy to everything that started it.",
		Citation:  "contract section 2, serve_forever; POSIX.1-2017, bind (EADDRINUSE)",
		Causes:    []string{"the error of bind is not looked at", "a loop tries to bind for ever", "SO_REUSEPORT lets two servers share the address unnoticed"},
	},
	{
		ID: "LIFE-9", Level: report.Should, Title: "binds again at once after a stop",
		Sentence:  "A server SHOULD bind its address again at once after a stop that left connections in TIME-WAIT.",
		Rationale: "Without it every restart under load fails for a minute or more.",
		Citation:  "RFC 9293, section 3.6.1 (TIME-WAIT); POSIX.1-2017, SO_REUSEADDR",
		Causes:    []string{"SO_REUSEADDR is not set before bind"},
	},
	{
		ID: "LIFE-10", Level: report.Must, Title: "gives back its descriptors",
		Sentence:  "A server MUST give back every descriptor that a connection took.",
		Rationale: "A descriptor leaked for each connection ends the service after about a thousand of them.",
		Citation:  "contract section 2, close_request",
		Causes:    []string{"close is skipped on a path: an error, a client that left, a failing handler", "a duplicate of the socket (makefile, dup, a child) is not closed"},
	},
	{
		ID: "LIFE-11", Level: report.Must, Title: "does not burn CPU while nothing happens",
		Sentence:  "A server MUST NOT burn CPU while clients idle, or after one has half-closed.",
		Rationale: "A loop that spins on an idle or ended connection takes a core from everybody, and heats the world.",
		Citation:  "contract section 4, LIFE-11",
		Causes:    []string{"the end of the stream (a read of 0 bytes) is not recognised, and the loop reads again", "a non-blocking socket is polled without waiting", "a select or poll loop asks for writability all the time"},
	},
	{
		ID: "LIFE-12", Level: report.Should, Title: "queues at least 10 waiting connections",
		Sentence:  "A server SHOULD queue at least 10 connections that wait to be accepted.",
		Rationale: "A short queue drops connection requests in every burst; each dropped one waits a second for its second try.",
		Citation:  "POSIX.1-2017, listen (backlog); contract section 4, LIFE-12",
		Causes:    []string{"listen is called with a small backlog"},
	},
	{
		ID: "LIFE-13", Level: report.Must, Title: "serves again after its descriptors were used up",
		Sentence:  "When a server's descriptors were used up and its clients have left, it MUST serve a new client, and MUST NOT burn CPU.",
		Rationale: "A burst of clients uses up the descriptors of any server. One that then accepts nobody any more looks alive to its supervisor, and serves nobody until it is started again.",
		Citation:  "POSIX.1-2017, accept (EMFILE); contract section 4, LIFE-13",
		Causes: []string{
			"an error of accept (EMFILE, ENFILE) ends the accept loop, or the process: wait a little and go on",
			"accept fails again at once in a loop, or by an event that stays ready: take the listener out of the poll set for a while",
		},
	},
}}
