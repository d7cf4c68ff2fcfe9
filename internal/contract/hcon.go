package contract

import "github.com/streamspec/streamspec/suite/report"

// hcon is the family HCON.
var hcon = Family{ID: "HCON", Name: "the connection", Summary: "one answer to each request, in order, and a connection that both ends know to be open or closed", Requirements: []Requirement{
	{
		ID: "HCON-1", Level: report.Should, Title: "keeps the connection",
		Sentence:  "A server SHOULD keep an HTTP/1.1 connection open for the next request.",
		Rationale: "A new connection costs a round trip before each request, with TLS two or three, and leaves a port unusable for a while. Under load a server that closes after each answer runs out of ports and descriptors long before it runs out of CPU.",
		Citation:  "RFC 9112, section 9.3 (persistent connections); HTTP contract, HCON-1",
		Causes: []string{
			"the handler serves one request and returns",
			"the connection is kept only where the client says keep-alive, which HTTP/1.1 leaves out",
		},
	},
	{
		ID: "HCON-2", Level: report.Must, Title: "says close when it closes",
		Sentence:  "A server that does not keep its connections MUST say close in every final answer.",
		Rationale: "A client that is not told sends its next request into a connection that is about to end. It cannot know whether that request was carried out: a POST is lost, or is sent again and done twice. It is a MUST because only the server knows before the close that it will come.",
		Citation:  "RFC 9112, section 9.3 (a server without persistent connections) and section 9.6; HTTP contract, HCON-2 and decision 6",
		Causes: []string{
			"the socket is closed after the answer, and no Connection field is in it",
			"close is said in refusals, and not in the answers of the application",
		},
	},
	{
		ID: "HCON-3", Level: report.Must, Title: "closes when the client says close",
		Sentence:  "A server MUST close the connection after its answer to a request that says close, in capitals or not, and anywhere in the list.",
		Rationale: "Many clients that say close read to the end of the stream. Where it does not come they hang until somebody's time is up, and the connection costs a descriptor as long. It is a MUST because the client has bound itself to send nothing more, and waits for the server to end what is of no use any more.",
		Citation:  "RFC 9112, section 9.6 (a received close); RFC 9110, section 7.6.1 (case-insensitive options); HTTP contract, HCON-3",
		Causes: []string{
			"the whole value is compared with 'close', and 'Close' or 'x, close' is something else",
			"one Connection line is looked at, and close stands in another",
		},
	},
	{
		ID: "HCON-4", Level: report.Must, Title: "nothing behind close",
		Sentence:  "A server MUST NOT process what follows a request that says close.",
		Rationale: "The client has said that there is no further request, so what comes is a mistake, or was put there by somebody else. A server that carries it out does what nobody has asked for, and sends an answer that nobody reads. It is a MUST because close is how a front end cuts off what may be hidden behind a message, and has to hold for that.",
		Citation:  "RFC 9112, section 9.6 (no further requests are processed); HTTP contract, HCON-4",
		Causes: []string{
			"all requests in the buffer are handled, and close is obeyed when it is empty",
			"the connection is closed when it falls idle, and as long as more comes it does not",
		},
	},
	{
		ID: "HCON-5", Level: report.Should, Title: "answers close with close",
		Sentence:  "A server SHOULD say close in its answer to a request that says close.",
		Rationale: "Proxies and pools go by the answer when they decide whether a connection can be used again. Without close in it the connection goes back into the pool, and the next request meets its end.",
		Citation:  "RFC 9112, section 9.6 (close in the final response); HTTP contract, HCON-5",
		Causes: []string{
			"the head of the answer is written before anybody has looked whether the connection stays",
			"the parser knows of close, and the writer of answers does not ask it",
		},
	},
	{
		ID: "HCON-6", Level: report.Must, Title: "closes after an answer to HTTP/1.0",
		Sentence:  "A server MUST close the connection after its answer to an HTTP/1.0 request without keep-alive.",
		Rationale: "Clients of HTTP/1.0 read an answer to the end of the stream. Where that does not come they show a page that is complete only when a timeout has passed. RFC 9112 defines without a keyword when a connection persists; what is defined counts as a MUST, because such a client has no other end of the answer to go by.",
		Citation:  "RFC 9112, section 9.3 (when a connection persists); HTTP contract, HCON-6",
		Causes: []string{
			"connections are kept by default, and the version is not asked",
			"the version is taken from the answer, which says HTTP/1.1, and not from the request",
		},
	},
	{
		ID: "HCON-7", Level: report.Must, Title: "pipelined requests, all and in order",
		Sentence:  "A server MUST answer all requests of a pipeline in their order, and each complete request without further bytes.",
		Rationale: "Answers have no number: the first belongs to the first request, the second to the second. One that is lost or overtaken gives everybody behind it another's answer; one that waits until more bytes come hangs, since the client waits as well. It is a MUST because the order is all by which a client tells answers apart.",
		Citation:  "RFC 9112, section 9.3.2 (pipelining); HTTP contract, HCON-7 and decision 1",
		Causes: []string{
			"what lies in the buffer behind the first request is thrown away, or looked at only after another read",
			"an error in a later request ends the connection before the answers to the earlier ones are written",
			"requests are handled beside one another, and whichever is done first is answered first",
			"two requests that come in one segment are read as one",
		},
	},
	{
		ID: "HCON-8", Level: report.Must, Title: "no content in the answer to HEAD",
		Sentence:  "A server MUST NOT send content in its answer to HEAD.",
		Rationale: "The client looks for the next answer right behind the head. Content that stands there is read as a status line, and from then on every answer is out of step, or is what a stranger wrote into the page. It is a MUST because no field could tell a client that after HEAD content follows all the same.",
		Citation:  "RFC 9110, section 9.3.2 (HEAD); RFC 9112, section 6.3; HTTP contract, HCON-8",
		Causes: []string{
			"HEAD is handled as GET, and nobody leaves the content out",
			"pages are sent without content, and the answers to errors are sent with it",
			"the content is left out, and the zero chunk that ends it is sent",
		},
	},
	{
		ID: "HCON-9", Level: report.Must, Title: "each request by itself",
		Sentence:  "A server MUST read each request by itself, whatever came before it on the connection.",
		Rationale: "A length that is left over has the server wait for a body that does not exist, and a HEAD that is left over takes the content from the next answer. Behind a proxy the two requests belong to two users. It is a MUST because HTTP has no state: a request means the same wherever it stands, and proxies put requests of many clients on one connection.",
		Citation:  "RFC 9110, section 3.3 (each request in isolation); HTTP contract, HCON-9 and decision 8",
		Causes: []string{
			"the object of a request is used again, and one of its members is not set back",
			"chunked, close, HEAD or Expect is noted for the connection instead of the request",
		},
	},
	{
		ID: "HCON-10", Level: report.Must, Title: "Expect: 100-continue is answered at once",
		Sentence:  "A server MUST answer a request that expects 100-continue at once, by 100 or by its final answer, and not wait for the body.",
		Rationale: "The client has sent the head and keeps the body until it is asked for. A server that waits for the body too costs each upload a second with curl, and hangs for ever with a client that sets no such limit. It is a MUST because both ends wait, and only the server can end that.",
		Citation:  "RFC 9110, section 10.1.1 (Expect); HTTP contract, HCON-10",
		Causes: []string{
			"Expect is not looked at, and the body is waited for",
			"the value is compared by case, and '100-Continue' is another one",
			"100 is sent when the application first reads the body, and it does not read before it has all of it",
		},
	},
	{
		ID: "HCON-11", Level: report.Must, Title: "one final answer beside 100",
		Sentence:  "A server MUST send one final answer to a request that expects 100-continue, with the 100 or without.",
		Rationale: "100 is no answer: a client that gets nothing else waits on, as behind waitress 2.1, which says 100 to a GET and no more. Two final answers are as bad, since the second is taken for that of the next request. It is a MUST because a client cannot tell an answer that never comes from one that takes long.",
		Citation:  "RFC 9110, section 10.1.1 (a final status code is ultimately sent); HTTP contract, HCON-11",
		Causes: []string{
			"the request counts as answered when 100 has been sent",
			"100 is sent although no body is announced, and then the body is waited for",
			"a final answer is written where the expectation is handled, and another one by the handler",
		},
	},
	{
		ID: "HCON-12", Level: report.Must, Title: "the body behind an early answer",
		Sentence:  "A server that has answered before the body came MUST read that body, or close the connection.",
		Rationale: "A 401 or a 404 is often sent when only the head is there, and the client sends the body nevertheless. Where the server goes on behind the head, the body is its next request, and to smuggle one takes no second reader at all. It is a MUST because to read and to close are the only ways by which the next request begins where the client means it to.",
		Citation:  "RFC 9112, section 9.3 (the entire body is read, or the connection closed); HTTP contract, HCON-12",
		Causes: []string{
			"after a final answer to Expect the body is taken not to come, and what comes is taken for a request",
			"the parser is set back to a request line when the answer is sent",
			"as much of the body as has come is thrown away, and the rest is read as a request",
		},
	},
	{
		ID: "HCON-13", Level: report.Must, Title: "no 1xx to HTTP/1.0",
		Sentence:  "A server MUST NOT send a 1xx answer to an HTTP/1.0 request, whatever that expects.",
		Rationale: "HTTP/1.0 knows no answer before the answer: a client of that version takes '100 Continue' for the page, with the real answer as its text. A proxy of that version does so for all of its users. It is a MUST because the version in the request is all that the server learns of what its client can read.",
		Citation:  "RFC 9110, section 15.2 (1xx and HTTP/1.0) and section 10.1.1; HTTP contract, HCON-13",
		Causes: []string{
			"Expect is obeyed without a look at the version",
			"100 is sent before each body that is read, to whomever sends it",
		},
	},
	{
		ID: "HCON-14", Level: report.Must, Title: "Upgrade",
		Sentence:  "A server MUST ignore Upgrade in an HTTP/1.0 request, and MUST NOT switch to a protocol that was not asked for.",
		Rationale: "Behind a 101 both ends speak another protocol. A client that has not asked for that one, or a proxy that does not know of it, reads the bytes as HTTP, and everything after them is lost or misread. It is a MUST because a switch that only one end has made cannot be taken back.",
		Citation:  "RFC 9110, section 7.8 (Upgrade); HTTP contract, HCON-14",
		Causes: []string{
			"101 is answered to every Upgrade field, whatever protocol it names",
			"the version of the request is not asked before the switch",
		},
	},
	{
		ID: "HCON-15", Level: report.Must, Title: "a client that half-closes",
		Sentence:  "A server MUST answer a complete request whose client has closed its own side.",
		Rationale: "Pipes into netcat and many small programs send a request, close their side and read. A server that takes the end of the stream for a client that has left drops the answer, or drops it only when FIN comes with the request: then it is the network that decides. RFC 9112 describes the half-close without a keyword; what is defined counts as a MUST, because the request was complete and the way back is open.",
		Citation:  "RFC 9112, section 9.6 (half-close); HTTP contract, HCON-15",
		Causes: []string{
			"the end of the stream cancels the request that is being handled",
			"a hang-up that comes with the last bytes is handled before these",
			"the handler is told that the client has left, and gives up",
		},
	},
	{
		ID: "HCON-16", Level: report.Should, Title: "closes so that a refusal can be read",
		Sentence:  "A server that refuses a request before all of it came SHOULD close so that the whole answer arrives.",
		Rationale: "A socket that is closed with input unread sends a reset, and the reset destroys what the client has not read yet. The user sees 'connection reset' where a 413 says what to do, and the program tries the same upload again.",
		Citation:  "RFC 9112, section 9.6 (closing in stages); HTTP contract, HCON-16 and decision 8",
		Causes: []string{
			"close is called while the body is still coming: end the sending side first, read on for a bounded time, then close",
			"a connection with a bad request is destroyed instead of closed (destroy, abort, SO_LINGER with a time of 0)",
		},
	},
	{
		ID: "HCON-17", Level: report.Should, Title: "closes after a malformed message",
		Sentence:  "A server SHOULD close the connection after it has refused a malformed message, and MUST where the length or the coding is what is wrong.",
		Rationale: "Behind a message that it cannot read a server does not know where the next one begins. One that goes on at the next empty line, or at the next segment, finds there what the client has written for it. The RFC asks for the close with SHOULD in general, and with MUST where the framing itself is at fault.",
		Citation:  "RFC 9112, section 2.2 (400, then close), sections 6.1 and 6.3; HTTP contract, HCON-17",
		Causes: []string{
			"after an error the parser looks for the next line that looks like a request, or for the next empty line",
			"400 is an answer as any other, and the connection is kept by the usual rule",
			"the rest of the segment is thrown away, and the next segment is read as a request",
		},
	},
}}
