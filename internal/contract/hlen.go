package contract

import "github.com/streamspec/streamspec/suite/report"

// hlen is the family HLEN.
var hlen = Family{ID: "HLEN", Name: "the length of a body", Summary: "where a body ends: one length, one coding, or none, and an error where that cannot be told", Requirements: []Requirement{
	{
		ID: "HLEN-1", Level: report.Must, Title: "exactly Content-Length bytes",
		Sentence:  "A server MUST read as many bytes of a body as Content-Length says, no fewer and no more, however they come.",
		Rationale: "What lies behind the body is the next request. A byte that was not read becomes its first one, and a byte too many is taken from it: behind a proxy that is another user's request, stored with its cookies as this one's content. It is a MUST because this number is all that parts two messages.",
		Citation:  "RFC 9112, section 6.2 (Content-Length) and section 6.3; HTTP contract, HLEN-1",
		Causes: []string{
			"whatever the read that ended the head brought with it is taken for the body, be it less than its length or more",
			"the count begins one byte too early or too late, at the end of the head or of a buffer",
			"the body is read to the end of the stream, and its length is not looked at",
			"characters are counted instead of bytes",
		},
	},
	{
		ID: "HLEN-2", Level: report.Must, Title: "the length is a decimal number",
		Sentence:  "A server MUST read Content-Length as a decimal number, with leading zeros or without.",
		Rationale: "Content-Length 010 is ten bytes. A reader for which a leading zero means octal takes eight, and the last two begin the next request: with more digits there is room for a whole request of the client's choice. It is a MUST because two bases give one message two ends.",
		Citation:  "RFC 9110, section 8.6 (a decimal number of octets); HTTP contract, HLEN-2",
		Causes: []string{
			"the number is read by a function that guesses the base (strtol with base 0, %i, int(s, 0))",
			"the number of digits is limited, and zeros in front count",
		},
	},
	{
		ID: "HLEN-3", Level: report.Must, Title: "a length that is invalid",
		Sentence:  "A server MUST answer 400 to a Content-Length that is invalid, and close the connection.",
		Rationale: "To some functions '+5', '5x' and '1_0' are numbers, and to others they are not. Where the front end sees five bytes and the server none, or the other way round, the bytes between are a request that one of them never saw. It is a MUST, and so is the close, because nobody can say where such a message ends and the next one begins.",
		Citation:  "RFC 9112, section 6.3 (invalid Content-Length: 400, then close); HTTP contract, HLEN-3",
		Causes: []string{
			"the length is read by a function that stops at the first byte that is no digit (atoi, strtol, parseInt)",
			"the length is read by a function that also takes signs, underscores or white space (int(), Number(), strtoul)",
			"a value that is no number counts as 0, or as no length at all",
			"400 is answered, and the connection goes on behind the head",
		},
	},
	{
		ID: "HLEN-4", Level: report.Must, Title: "two lengths that differ",
		Sentence:  "A server MUST answer 400 to two lengths that differ, in two lines or in one, and close the connection.",
		Rationale: "The front end goes by the first and the server by the last, and what lies between the two ends is a request that the attacker wrote and the next user's connection carries out. It is a MUST because whichever length is taken, some other reader has taken the other, and neither can see it.",
		Citation:  "RFC 9112, section 6.3 (values of a list that are not all the same); HTTP contract, HLEN-4",
		Causes: []string{
			"a later Content-Length replaces the earlier one where the fields are stored",
			"the search for the field ends at the first Content-Length",
			"the value is read up to its comma, and what follows is not looked at",
		},
	},
	{
		ID: "HLEN-5", Level: report.May, Title: "two lengths that are equal",
		Sentence:  "A server MAY take several equal lengths as one, or answer 400 and close.",
		Rationale: "Programs that copy fields make them, and the number is the same for every reader, so both ways are safe. The report says which was seen; a length that is neither of the two that were sent is an error in framing.",
		Citation:  "RFC 9112, section 6.3 (all values in the list are the same); RFC 9110, section 8.6; HTTP contract, HLEN-5",
		Causes: []string{
			"the lengths of the lines are added",
			"the digits on both sides of the comma are read as one number",
		},
	},
	{
		ID: "HLEN-6", Level: report.Must, Title: "lengths that overflow",
		Sentence:  "A server MUST NOT read a large Content-Length as a smaller one: it refuses the request, or waits for the bytes.",
		Rationale: "In 32 bits 4294967301 is 5, and with a sign it may be less than nothing. The server answers after five bytes and takes the rest of the body for requests, or works with a negative size. It is a MUST because the number is the client's choice, and there is no largest one.",
		Citation:  "RFC 9110, section 8.6 (integer conversion overflows); HTTP contract, HLEN-6",
		Causes: []string{
			"the length is kept in 32 bits",
			"digits are added to 64 bits, and no step asks whether the next one still fits",
			"the length is read as a floating-point number, which is not exact above 2^53",
		},
	},
	{
		ID: "HLEN-7", Level: report.Must, Title: "neither length nor coding: no body",
		Sentence:  "A server MUST take a request with neither Content-Length nor Transfer-Encoding as one without a body.",
		Rationale: "Clients send a POST that has no content, and no length either. A server that reads on until the stream ends takes the next request for the body, and a client that waits for its answer waits for ever. It is a MUST because a request never ends by a close, so no other reading gives it an end.",
		Citation:  "RFC 9112, section 6.3 (otherwise the length is zero); HTTP contract, HLEN-7",
		Causes: []string{
			"a POST or a PUT without a length is read until the client closes, as an answer would be",
			"whether a body comes is told from the method, and not from the fields",
		},
	},
	{
		ID: "HLEN-8", Level: report.Must, Title: "a body that is cut short",
		Sentence:  "When the stream ends inside a body, a server MUST close the connection, and not take the part for the whole.",
		Rationale: "Half of an upload that was answered with 2xx is a broken file that everybody takes for a whole one. A server that does not see the end of the stream at all keeps the connection, and in time has no descriptors left. It is a MUST because nobody but the server can know that something is missing.",
		Citation:  "RFC 9112, section 6.3 (fewer octets than indicated) and section 8; HTTP contract, HLEN-8",
		Causes: []string{
			"the end of the stream ends the body, and what came is given to the application",
			"a read of 0 bytes is taken for 'nothing yet', and the connection stays open",
			"the application reads to the end of its input, and does not compare what it got with the length",
		},
	},
	{
		ID: "HLEN-9", Level: report.Should, Title: "a transfer coding that it does not know",
		Sentence:  "A server SHOULD answer 501 to a transfer coding that it does not know.",
		Rationale: "Under 'gzip, chunked' the chunks hold compressed bytes. A server that passes over the first coding stores those as the content; one that passes over the whole field sees no body, and answers the chunks as if they were requests.",
		Citation:  "RFC 9112, section 6.1 (a transfer coding that is not understood); HTTP contract, HLEN-9",
		Causes: []string{
			"chunked is the only coding that is looked for, and the others in the list are passed over",
			"a coding that is not known counts as none, and nothing frames the body",
		},
	},
	{
		ID: "HLEN-10", Level: report.Must, Title: "chunked that is not the last coding",
		Sentence:  "A server MUST answer 400 to a request whose last transfer coding is not chunked, and close the connection.",
		Rationale: "To a reader that searches for the word 'xchunked' and 'chunked, identity' are chunked, to one that compares they are nothing. Between a front end and a server that read it differently whole requests are hidden. It is a MUST because a request of that kind has no end that could be told, and, unlike an answer, does not end with the connection.",
		Citation:  "RFC 9112, section 6.3 (chunked is not the final encoding); HTTP contract, HLEN-10",
		Causes: []string{
			"the value is searched for the word chunked (contains, strstr, an expression without ends)",
			"whatever is not just 'chunked' counts as no coding, and Content-Length or nothing frames the body",
			"identity is taken, as RFC 2616 still had it",
			"the value is trimmed of more than spaces and tabs (VT, FF, NUL)",
		},
	},
	{
		ID: "HLEN-11", Level: report.Must, Title: "chunked goes before Content-Length",
		Sentence:  "A server MUST NOT let Content-Length frame a request that has a Transfer-Encoding.",
		Rationale: "It is the first of all ways to smuggle: the front end reads chunks and the server counts bytes, and what the one takes for the end of a body is the beginning of a request to the other. It is a MUST because the RFC has fixed which of the two goes before the other, and only a reader that keeps to it agrees with those that do.",
		Citation:  "RFC 9112, section 6.3 (Transfer-Encoding overrides Content-Length) and section 6.1; HTTP contract, HLEN-11",
		Causes: []string{
			"Content-Length is looked for first, and Transfer-Encoding only where there is none",
			"both lines set the same variable, and the later one wins",
		},
	},
	{
		ID: "HLEN-12", Level: report.Must, Title: "closes after a length and a coding",
		Sentence:  "A server MUST close the connection after its answer to a request that has Content-Length and Transfer-Encoding.",
		Rationale: "A server that reads such a request rightly still does not know how whoever stands before it has read it. If the connection goes on, the bytes behind the last chunk are answered as a request, although they may be what another reader took for content. It is a MUST because after a close the two readings cannot differ any more: nothing of what was hidden is ever read.",
		Citation:  "RFC 9112, section 6.1 (regardless, the server closes); HTTP contract, HLEN-12",
		Causes: []string{
			"the length is thrown away when chunked is seen, and nobody remembers that there was one",
			"whether the connection is kept is decided by the version and by Connection alone",
		},
	},
	{
		ID: "HLEN-13", Level: report.Must, Title: "Transfer-Encoding in HTTP/1.0",
		Sentence:  "A server MUST treat an HTTP/1.0 request with Transfer-Encoding as faulty in its framing, and close the connection.",
		Rationale: "HTTP/1.0 has no chunks, and a proxy of that version goes by the length and hands the field on unread. A server that reads chunks there, or passes over the field, and then keeps the connection takes for a request what the proxy took for content. It is a MUST because the sender may still hold a part of the message, which would follow on the same connection.",
		Citation:  "RFC 9112, section 6.1 (Transfer-Encoding in an HTTP/1.0 message); HTTP contract, HLEN-13",
		Causes: []string{
			"the version is not looked at when the body is framed, and keep-alive keeps the connection",
			"the field is passed over in HTTP/1.0, and the chunks are read as the next request",
		},
	},
	{
		ID: "HLEN-14", Level: report.Must, Title: "names of codings without regard to case",
		Sentence:  "A server MUST compare the names of transfer codings without regard to case.",
		Rationale: "Some clients send 'Chunked'. A server that does not know it refuses a right request, or finds no body where the reader before it found chunks. RFC 9112 defines this without a keyword; what is defined counts as a MUST, because the end of the message hangs on the name.",
		Citation:  "RFC 9112, section 7 (transfer-coding names are case-insensitive); HTTP contract, HLEN-14",
		Causes: []string{
			"the value is compared with 'chunked' as it came",
			"the names of fields are folded, and their values are not",
		},
	},
	{
		ID: "HLEN-15", Level: report.Must, Title: "Transfer-Encoding is a list",
		Sentence:  "A server MUST read Transfer-Encoding as a list, over all of its lines, with white space and empty elements in it.",
		Rationale: "An empty line and one that says chunked are a list of one coding. A reader that looks at the first line alone finds none, frames no body and answers the chunks as requests; one that misses a second line takes 'chunked' and 'identity' for chunked. It is a MUST because proxies join and split lists on the way, and only the list as a whole stays the same.",
		Citation:  "RFC 9110, section 5.6.1.2 (empty list elements); RFC 9112, section 6.1; HTTP contract, HLEN-15 and decision 5",
		Causes: []string{
			"one line of the field is looked at, the first or the last",
			"the whole value is compared with 'chunked', and a comma or a tab makes it something else",
		},
	},
	{
		ID: "HLEN-16", Level: report.Should, Title: "a parameter on chunked",
		Sentence:  "A server SHOULD take a parameter on chunked (chunked;q=1) for an error.",
		Rationale: "The chunked coding has no parameters, so whatever stands there was put there by mistake or to be read in two ways. A reader that cuts at the semicolon finds chunks, and one that compares the whole finds a coding that it does not know.",
		Citation:  "RFC 9112, section 7.1 (parameters are an error); HTTP contract, HLEN-16",
		Causes: []string{
			"each element of the list is cut at its semicolon, as those of Accept and TE are",
			"the beginning of the element is compared, and not its end",
		},
	},
	{
		ID: "HLEN-17", Level: report.Must, Title: "a body, whatever the method and the answer",
		Sentence:  "A server MUST frame a body by its fields, whatever the method and whatever becomes of the request, or close.",
		Rationale: "A GET may have a body, and so has the POST that is answered 404 before anybody reads it. Where those bytes stay in the connection they are its next request, which the client wrote and the owner of the connection is charged with. It is a MUST because the end of a message does not depend on what a server thinks of it.",
		Citation:  "RFC 9112, section 6 (framing is independent of method semantics) and section 9.3; HTTP contract, HLEN-17",
		Causes: []string{
			"GET, HEAD, DELETE and OPTIONS are taken to have no body, and it is not read",
			"an answer that is made without the body (404, 401, 405, a redirect) leaves it in the connection",
			"what the application did not read of a body is read by nobody",
		},
	},
}}
