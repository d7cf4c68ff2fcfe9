package contract

import "github.com/streamspec/streamspec/suite/report"

// smug is the family SMUG. Each of its requests hides another one where one reading ends the message before it and another
// reading does not.
var smug = Family{ID: "SMUG", Name: "request smuggling", Summary: "no request comes out of the middle of another, however its end is disguised", Requirements: []Requirement{
	{
		ID: "SMUG-1", Level: report.Must, Title: "hidden by a length beside chunks",
		Sentence:  "A server MUST refuse a request with Content-Length and chunked, or read it by its chunks and close, whichever of the two hides another.",
		Rationale: "A front end that counts bytes before a server that reads chunks, or the reverse, sends on as content what the server carries out as a request. The next user's request is glued to it, with that user's cookies, or gets the answer that was meant for the attacker. It is a MUST because RFC 9112 asks for the close for this very attack.",
		Citation:  "RFC 9112, section 6.1 (both fields in a request) and section 6.3; HTTP contract, SMUG-1",
		Causes: []string{
			"the body is framed by the length, and chunks are decoded from what the length leaves",
			"the body is framed by its chunks, and what comes behind the last one is still answered",
		},
	},
	{
		ID: "SMUG-2", Level: report.Must, Title: "hidden by a disguised Transfer-Encoding",
		Sentence:  "A server MUST read a disguised Transfer-Encoding beside a length as RFC 9112 reads that line, or refuse the request.",
		Rationale: "With a space before the colon, a VT before the value, a name like 'Transfer_Encoding' or a value like 'xchunked' the line says chunked to some readers only. The one that does not see it counts the length, the other reads chunks, and the hidden request is carried out. The RFC has a MUST for most of the disguises and a MAY for an LF alone; the strictest counts for all, because a third reading helps only the attacker.",
		Citation:  "RFC 9112, section 5.1 (before the colon), sections 2.2, 5.2 and 6.3; HTTP contract, SMUG-2 and decision 5",
		Causes: []string{
			"names and values are trimmed of whatever the language calls white space",
			"a dash and an underscore in a name become the same, as in the variables of CGI",
			"what looks roughly like chunked is taken for chunked, for the sake of odd clients",
		},
	},
	{
		ID: "SMUG-3", Level: report.Must, Title: "hidden by a disguised Content-Length",
		Sentence:  "A server MUST read a disguised Content-Length as RFC 9112 reads that line, or refuse the request.",
		Rationale: "A plus sign, a fold, 'n, 0' or an underscore in the name make the length n to one reader and 0 to the next. A body that one end has and the other does not is a request to the latter, without any chunk. The RFC has a MUST for an invalid length and a MAY for an LF alone; the strictest counts for all, because the harm is the same.",
		Citation:  "RFC 9112, section 6.3 (invalid Content-Length), sections 5.1 and 2.2; HTTP contract, SMUG-3",
		Causes: []string{
			"the conversion forgives what stands around the digits (+, 0x, .0, VT)",
			"a length that is not understood is passed over, and the request goes on without a body",
			"Content_Length is taken for Content-Length when the fields become variables",
		},
	},
	{
		ID: "SMUG-4", Level: report.Should, Title: "hidden by malformed chunks",
		Sentence:  "A server SHOULD refuse a chunked body whose sizes or line ends are malformed, above all where a request hides in it.",
		Rationale: "Here both readers agree that the body is chunked, and disagree about one chunk: where its size ends, where its line ends, whether trailers need an empty line. That is enough to put a request between the two ends, and proxies that hand chunks on as they came let it pass. The RFC asks for the refusal by its general SHOULD for what does not match the grammar.",
		Citation:  "RFC 9112, section 7.1 (the grammar of chunks) and section 2.2; HTTP contract, SMUG-4",
		Causes: []string{
			"the chunk parser forgives more than the one for the head, since bodies are thought harmless",
			"an extension may hold any byte, CR and LF too",
			"the body ends at the zero chunk's own line, with or without an empty line behind the trailers",
		},
	},
	{
		ID: "SMUG-5", Level: report.Must, Title: "hidden in a body that nobody expects",
		Sentence:  "A server MUST NOT answer a request that is hidden in the body of a method, or of a target, that it expects none for.",
		Rationale: "The front end has counted the body, and the server passes over the length because this is a GET, a redirect or a file. The body is then carried out as a request, and a plain browser can be made to send it: no odd byte is needed. It is a MUST because the length is valid, so that whoever passes over it is alone at fault.",
		Citation:  "RFC 9112, section 6 (framing is independent of the method) and section 9.3; HTTP contract, SMUG-5",
		Causes: []string{
			"Content-Length is looked at only for methods that usually have a body",
			"files, redirects and errors are answered by a handler that never touches the input",
		},
	},
	{
		ID: "SMUG-6", Level: report.Must, Title: "hidden behind Expect",
		Sentence:  "A server MUST send one final answer to a request with a disguised or repeated Expect, and MUST NOT answer what its body hides.",
		Rationale: "Expect moves the moment at which a body is sent, and a front end that does not know its spelling waits where the server goes on. Then the body is read as a request, or a 100 is taken for the answer and everything after it is out of step. It is a MUST because an expectation never changes the end of a message, in whatever spelling.",
		Citation:  "RFC 9110, section 10.1.1 (Expect); RFC 9112, section 9.3; HTTP contract, SMUG-6 and decision 8",
		Causes: []string{
			"a request with an expectation leaves the usual way of reading its body, and does not come back to it",
			"an Expect that is not known is refused with 417, and the body stays in the connection",
			"two Expect lines are obeyed one by one",
		},
	},
	{
		ID: "SMUG-7", Level: report.Must, Title: "hidden behind a refused message",
		Sentence:  "A server MUST NOT answer a request that is hidden behind a message that it refused for its framing.",
		Rationale: "The refusal shows that the server does not know where the message ends, and what it answers next it has only guessed to be a request. For the front end that request is content, and its answer goes to the next user. It is a MUST because a 400 that leaves the connection open is all that an attacker needs: the close is what makes the refusal one.",
		Citation:  "RFC 9112, section 6.3 (400, then close) and section 6.1; HTTP contract, SMUG-7",
		Causes: []string{
			"the handler of errors answers, and returns to the loop that reads requests",
			"the connection is marked to be closed, and what is already in the buffer is handled before that",
		},
	},
	{
		ID: "SMUG-8", Level: report.Must, Pair: true, Title: "a front end and the server behind it agree",
		Sentence:  "A front end MUST send on what the server behind it reads as the very requests that the front end meant.",
		Rationale: "Each of two servers may be right by itself, and the pair is open: one hands on a length beside chunks, the other believes it. Nobody sees that in either of them, only in what passes between the two. It is a MUST because a front end has to drop Content-Length beside Transfer-Encoding, and not to forward one that is no number, so that nobody behind it has a choice.",
		Citation:  "RFC 9112, section 6.3 (Content-Length is removed before forwarding); RFC 9110, section 8.6; HTTP contract, SMUG-8",
		Causes: []string{
			"the front end hands the fields on as they came, and frames the body by its own reading of them",
			"the front end repairs a line for itself, and sends the original on",
			"the server behind it trusts the front end, and checks less than one that faces clients",
		},
	},
}}
