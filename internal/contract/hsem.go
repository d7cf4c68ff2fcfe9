package contract

import "github.com/streamspec/streamspec/suite/report"

// hsem is the family HSEM. It is looked at in every answer that is seen.
var hsem = Family{ID: "HSEM", Name: "the answers", Summary: "answers are as well formed as requests have to be, and end where they say", Requirements: []Requirement{
	{
		ID: "HSEM-1", Level: report.Must, Title: "GET and HEAD",
		Sentence:  "A server MUST support the methods GET and HEAD.",
		Rationale: "Monitors, caches and checkers of links ask by HEAD whether a page is there. To them a server that answers 501 or 405 is down, or has lost the page. It is a MUST because these two methods are what a client may use without knowing anything of the server.",
		Citation:  "RFC 9110, section 9.1 (all general-purpose servers support GET and HEAD); HTTP contract, HSEM-1",
		Causes: []string{
			"a route is registered for GET, and HEAD is forgotten",
			"the parser has a list of methods, and HEAD is not in it",
		},
	},
	{
		ID: "HSEM-2", Level: report.Must, Title: "the status line",
		Sentence:  "A server MUST send a status line of its own version, HTTP/1.1 or 1.0, with three digits and both spaces, even without a reason.",
		Rationale: "Clients split this line at its spaces, and strict ones refuse it where the second is missing. A server that repeats the version of the request says 'HTTP/3.1 200 OK', which promises what it cannot do, and one that repeats its bytes lets the client write into the answer. It is a MUST because the line is read before anything else is known, so nothing can correct it.",
		Citation:  "RFC 9112, section 4 (the space is sent without a reason-phrase); RFC 9110, section 6.2; HTTP contract, HSEM-2",
		Causes: []string{
			"the version of the request is copied into the answer",
			"status and reason are joined by a space, and without a reason there is none",
		},
	},
	{
		ID: "HSEM-3", Level: report.Must, Title: "answers end where they say",
		Sentence:  "A server MUST frame its answers by one true length, by well-formed chunks, or by the close, and never by both of the first two.",
		Rationale: "On a connection that is kept the next answer is read where this one ends. A length that counts characters is too small as soon as one of them takes two bytes, and the end of the page is then read as the next status line. It is a MUST because the client cannot notice: it shows one user what was meant for another.",
		Citation:  "RFC 9112, section 6.2 (no Content-Length beside Transfer-Encoding), sections 6.3 and 7.1; HTTP contract, HSEM-3 and decision 10",
		Causes: []string{
			"the length is that of the text, and not of its encoded bytes",
			"the application sets Content-Length, and the server chunks the content or compresses it",
			"the length is set in two places, and sent twice",
			"an error in the middle of an answer writes a second page behind the first",
		},
	},
	{
		ID: "HSEM-4", Level: report.Must, Title: "no Transfer-Encoding to HTTP/1.0",
		Sentence:  "A server MUST NOT send Transfer-Encoding in an answer to an HTTP/1.0 request.",
		Rationale: "A client of HTTP/1.0 shows the sizes of the chunks in the middle of the page, and saves them with a file that it loads. It is a MUST because such a client does not know the field, so it cannot even refuse the answer.",
		Citation:  "RFC 9112, section 6.1 (only to requests of HTTP/1.1 or later); HTTP contract, HSEM-4",
		Causes: []string{
			"an answer of unknown length is chunked, whatever the version of the request",
			"the version decides whether the connection is kept, and not how the answer is framed",
		},
	},
	{
		ID: "HSEM-5", Level: report.Must, Title: "1xx, 204 and 304 end with their head",
		Sentence:  "A server MUST NOT send a length or a coding in a 1xx or 204 answer, nor content behind a 1xx, 204 or 304.",
		Rationale: "These answers end at their empty line, whatever their fields say. Content behind it is read as the next answer; a length in them has some clients wait for bytes that never come. It is a MUST because the status alone frames them, and a client that keeps to that is out of step with one byte too many.",
		Citation:  "RFC 9112, section 6.1 (1xx and 204) and section 6.3; RFC 9110, section 8.6; HTTP contract, HSEM-5 and decision 10",
		Causes: []string{
			"a 304 is made of the 200 by another status, and the content is sent with it",
			"Content-Length: 0 is added to every answer that has no content",
			"a 204 is chunked, and its last chunk is sent",
		},
	},
	{
		ID: "HSEM-6", Level: report.Must, Title: "Allow with 405",
		Sentence:  "A server MUST send an Allow field in a 405 answer.",
		Rationale: "A 405 says that this method will not do here, and Allow says which one will. Without it a client, and the person who writes it, can only try them all. RFC 9110 makes it a MUST because it is the half of the answer that one can act upon; no message is framed by it, so that a missing Allow is reported as a warning.",
		Citation:  "RFC 9110, section 15.5.6 (405 Method Not Allowed); HTTP contract, HSEM-6",
		Causes: []string{
			"405 comes from a general page for errors, which knows nothing of the resource",
			"the methods of a route are known to the router, and not to what writes the answer",
		},
	},
	{
		ID: "HSEM-7", Level: report.Must, Title: "Date",
		Sentence:  "A server that has a clock MUST send Date in its 2xx, 3xx and 4xx answers.",
		Rationale: "Caches reckon the age of an answer from its Date. Without one they reckon from when they got it, and a page that was old when it came is kept for its whole life once more. It is a MUST because a cache cannot ask for the server's time afterwards; a clock cannot be seen from outside, so that a missing Date is reported as a warning.",
		Citation:  "RFC 9110, section 6.6.1 (Date); HTTP contract, HSEM-7",
		Causes: []string{
			"an answer has the fields that the application sets, and no others",
			"refusals are written by the parser, which adds none of the usual fields",
		},
	},
	{
		ID: "HSEM-8", Level: report.Must, Title: "well-formed fields, and only its own",
		Sentence:  "A server MUST NOT send folds, a lone CR or LF, NUL or malformed names in its fields, nor lines that a request put there.",
		Rationale: "A field that two readers read differently does in an answer what it does in a request. Where a client's text comes into a field with its CR LF, the client writes further fields, or a whole answer that a cache keeps for everybody. It is a MUST because no reader can tell the server's lines from those that were slipped in.",
		Citation:  "RFC 9112, section 5.1, section 5.2 and section 2.2; RFC 9110, section 5.5; HTTP contract, HSEM-8 and decision 10",
		Causes: []string{
			"text of the request (a target in Location, a name in Set-Cookie) goes into a field, and nobody looks for CR and LF in it",
			"a value is checked while it is still percent-encoded, and decoded after that",
			"a long value is folded by a library that was made for mail",
		},
	},
	{
		ID: "HSEM-9", Level: report.Must, Title: "the length in an answer to HEAD",
		Sentence:  "A server MUST NOT send a Content-Length to HEAD that GET would not have, and SHOULD send GET's other fields too.",
		Rationale: "By HEAD one asks how large a file is before one loads it. Content-Length: 0 says that it is empty, and a cache that believes it throws away what it has. It is a MUST because a wrong length is worse than none: the field may be left out.",
		Citation:  "RFC 9110, section 8.6 (Content-Length in an answer to HEAD) and section 9.3.2; HTTP contract, HSEM-9",
		Causes: []string{
			"the length is that of the content that is sent, and to HEAD none is sent",
			"HEAD has a handler of its own that sets its fields by hand",
		},
	},
	{
		ID: "HSEM-10", Level: report.Should, Title: "no secrets in TRACE",
		Sentence:  "A server SHOULD leave the fields with secrets, as Authorization and Cookie, out of its answer to TRACE.",
		Rationale: "TRACE sends a request back as it came. A script that may not see a cookie reads it there, together with what proxies have added on the way. A server that refuses TRACE has nothing to leave out, and passes.",
		Citation:  "RFC 9110, section 9.3.8 (TRACE); HTTP contract, HSEM-10",
		Causes: []string{
			"TRACE is on unless somebody turns it off, and repeats the whole head",
			"a handler for all methods echoes the request",
		},
	},
}}
