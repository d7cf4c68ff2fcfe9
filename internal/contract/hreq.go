package contract

import "github.com/streamspec/streamspec/suite/report"

// hreq is the family HREQ.
var hreq = Family{ID: "HREQ", Name: "the request line", Summary: "which request lines are taken, which are refused, and that none of them moves the end of the message", Requirements: []Requirement{
	{
		ID: "HREQ-1", Level: report.Should, Title: "an empty line before the request line",
		Sentence:  "A server SHOULD ignore an empty line (CR LF) before a request line.",
		Rationale: "Some clients send a CR LF behind the body of a POST, and count it in no length. On a kept connection it comes before the next request, and a server that takes it for a request line refuses a request that is right.",
		Citation:  "RFC 9112, section 2.2 (at least one empty line is ignored); HTTP contract, HREQ-1",
		Causes: []string{
			"the empty line is taken for a request line, which then has no method",
			"the empty line is taken for the end of a head, and the head before it has nothing in it",
		},
	},
	{
		ID: "HREQ-2", Level: report.Must, Title: "the absolute form of the target",
		Sentence:  "A server MUST accept a target in absolute form (GET http://host/path) as it accepts the path alone.",
		Rationale: "Clients send this form to proxies, so every server behind a proxy that hands it on gets it too. A server that looks 'http://host/path' up as a path finds nothing, and answers an error to a request that is right. It is a MUST because clients can only ever use the form everywhere if every server has understood it first.",
		Citation:  "RFC 9112, section 3.2.2 (absolute-form); HTTP contract, HREQ-2",
		Causes: []string{
			"the whole target is taken for a path, and looked up as a file or a route",
			"a target that does not begin with / is refused before its form is looked at",
		},
	},
	{
		ID: "HREQ-3", Level: report.Must, Title: "the target's host, not the Host field's",
		Sentence:  "When the target is in absolute form, a server MUST take the host from it, and ignore the Host field.",
		Rationale: "Two hosts in one request are two answers to the question whose site is meant. A filter or a cache that goes by one of them, before a server that goes by the other, opens a site that was closed, or keeps one site's page under another's name. It is a MUST because each choice is harmless alone, and only the same choice everywhere is harmless together.",
		Citation:  "RFC 9112, section 3.2.2 (an origin server ignores the received Host); HTTP contract, HREQ-3 and decision 3",
		Causes: []string{
			"the host is read from the Host field, whatever the form of the target",
			"scheme and authority are cut off the target before anybody looks at them",
			"the application is given the Host field for the host, and the server's own choice is lost on the way",
		},
	},
	{
		ID: "HREQ-4", Level: report.Must, Title: "methods by case, and to the end",
		Sentence:  "A server MUST compare a method by case and to its last character: get and GETX are not GET.",
		Rationale: "Rules of access name methods. A filter that forbids DELETE lets 'delete' pass, and a server that folds case behind it deletes. RFC 9110 defines that methods are case-sensitive without a keyword; what is defined counts as a MUST, because both ends have to see the same method.",
		Citation:  "RFC 9110, section 9.1 (the method is case-sensitive); RFC 9112, section 3.1; HTTP contract, HREQ-4",
		Causes: []string{
			"the method is put into upper case before it is compared",
			"only as many characters are compared as the known method has (strncmp, startsWith)",
			"the method is told from its first letters, as G for GET",
		},
	},
	{
		ID: "HREQ-5", Level: report.Should, Title: "methods that it does not know",
		Sentence:  "A server SHOULD answer 501 to a method that it does not know, and to one that is longer than any that it knows.",
		Rationale: "A 501 tells the client that the method will do nowhere on this server, and it stops trying. A server that answers an unknown method as it answers GET says 'done' of something that it has not done. One that sets no limit collects the method for as long as a client sends it.",
		Citation:  "RFC 9110, section 9.1 (unrecognized methods); RFC 9112, section 3 (long methods); HTTP contract, HREQ-5",
		Causes: []string{
			"what is neither HEAD nor POST falls through to what GET does",
			"every method is handed to the application, which answers 404 or 405",
			"the method is read up to the first space, however far away that is",
		},
	},
	{
		ID: "HREQ-6", Level: report.Should, Title: "request lines of 8,000 bytes",
		Sentence:  "A server SHOULD take a request line of 8,000 bytes, its CR LF not counted.",
		Rationale: "Search forms, signed links and tokens in a query make lines of some thousand bytes. Where one server on the way takes less than the others, everything works in the tests, and fails for the user with the longest query.",
		Citation:  "RFC 9112, section 3 (8000 octets are RECOMMENDED); HTTP contract, HREQ-6 and decision 3",
		Causes: []string{
			"the request line is read into a buffer of 1, 2 or 4 KiB, and refused when it does not fit",
			"one limit holds for the whole head, and a long request line leaves too little for the fields",
		},
	},
	{
		ID: "HREQ-7", Level: report.Must, Title: "a target that is too long",
		Sentence:  "A server MUST answer 414 to a target that is longer than it wants to take, and not answer for a shorter one.",
		Rationale: "A target that was cut off names something else, and the client gets another page, or has something done with half of its arguments. Without a limit a client fills the server's memory; with a limit but no answer, people look for the fault in the network. It is a MUST because the limit is the server's own choice, and nobody else can tell the client of it.",
		Citation:  "RFC 9112, section 3 (414 for a longer request-target than wanted); RFC 9110, section 15.5.15; HTTP contract, HREQ-7",
		Causes: []string{
			"the target is copied into an array of fixed size, and what does not fit is dropped",
			"the connection is closed or reset when the buffer is full, and nothing is answered",
			"there is no limit, and the end of the line is looked for from its beginning after each read",
		},
	},
	{
		ID: "HREQ-8", Level: report.May, Title: "other white space in the request line",
		Sentence:  "A server MAY split the request line at any white space, or refuse it where it is not split by single spaces.",
		Rationale: "Both are right, and the report says which was seen, because a filter before the server may do the other. What must not come of it is another end of the message: a CR in the middle may count as white space, the CR LF at the end of the line may not.",
		Citation:  "RFC 9112, section 3 (parsing on whitespace-delimited word boundaries); HTTP contract, HREQ-8",
		Causes: []string{
			"white space is skipped across the end of the line, and the CR LF or the next line is eaten",
			"the head is split by a function that knows more white space than the rest of the parser (split() without an argument, \\s+)",
		},
	},
	{
		ID: "HREQ-9", Level: report.Should, Title: "white space inside the target",
		Sentence:  "A server SHOULD answer a target that has white space in it with 400, or with 301 to the target as it is rightly encoded.",
		Rationale: "The line 'GET /a b HTTP/1.1' asks for '/a', for '/a b' or by HTTP/0.9, as one splits it. A rule that a filter has for one of them does not hold for a server that repairs the line into another.",
		Citation:  "RFC 9112, section 3.2 (an invalid request-line is not autocorrected); HTTP contract, HREQ-9",
		Causes: []string{
			"the target is what stands between the first and the last space of the line",
			"the target ends at the first space, and the rest of the line up to the version is not looked at",
		},
	},
	{
		ID: "HREQ-10", Level: report.Should, Title: "a request line without a version",
		Sentence:  "A server SHOULD refuse a request line that has no version.",
		Rationale: "Today such a line is the front half of a broken request: something in its target was not encoded and has cut it off. A server that answers it as HTTP/1.1 takes half a target for a whole one, and one that answers it by HTTP/0.9 sends bytes without a head to whoever stands between.",
		Citation:  "RFC 9112, section 2.2 (what does not match the grammar) and section 3; HTTP contract, HREQ-10",
		Causes: []string{
			"the line is split into words, and two of them are enough",
			"a version that is missing is replaced by a default",
		},
	},
	{
		ID: "HREQ-11", Level: report.Should, Title: "a version that is none",
		Sentence:  "A server SHOULD refuse a version that is not 'HTTP/', a digit, a point and a digit.",
		Rationale: "The version decides whether chunks, Host and kept connections hold for a message. Where one reader takes 'HTTP/1.10' for 1.1 and the next takes it for 1.0, they disagree about where its body ends.",
		Citation:  "RFC 9112, section 2.3 (HTTP-version) and section 2.2; HTTP contract, HREQ-11",
		Causes: []string{
			"only the beginning of the version is compared (starts with 'HTTP/1.')",
			"the numbers are read by a function that takes any number of digits and leaves the rest (sscanf, strtol, parseFloat)",
			"the version is compared without regard to case",
		},
	},
	{
		ID: "HREQ-12", Level: report.Should, Title: "a higher minor version",
		Sentence:  "A server SHOULD treat a request of a higher minor version (HTTP/1.2) as one of HTTP/1.1.",
		Rationale: "A minor version is one that older readers may read as their own; that is what it is for. A server that knows two versions by name turns away the clients of a third that it could serve.",
		Citation:  "RFC 9110, section 6.2 (control data) and section 2.5; HTTP contract, HREQ-12",
		Causes: []string{
			"the version is compared with 'HTTP/1.0' and 'HTTP/1.1', and everything else is refused",
			"whatever is higher than 1.1 is answered with 505, without a look at the major number",
		},
	},
	{
		ID: "HREQ-13", Level: report.Should, Title: "a target that is none",
		Sentence:  "A server SHOULD refuse a target that has none of the forms of a target for its method, or holds a control character.",
		Rationale: "A NUL ends a name for the file system, and not for the rule that was asked about the name. Control characters reach logs, links and redirects as they came. Where a fast path checks less than the slow one, the same target is taken in one segment and refused in two.",
		Citation:  "RFC 9112, section 3.2 (the four forms of request-target); HTTP contract, HREQ-13",
		Causes: []string{
			"whatever stands between the two spaces is the target",
			"a target that came in one read is checked by a fast loop over many bytes at once, which lets DEL or others pass",
			"'*' and 'host:port' are taken for every method, although only OPTIONS and CONNECT have them",
		},
	},
	{
		ID: "HREQ-14", Level: report.Must, Title: "CONNECT without a valid port",
		Sentence:  "A server MUST refuse CONNECT to a target whose port is empty or invalid.",
		Rationale: "A 2xx to CONNECT makes the connection a tunnel, and everything behind it is handed on unread. A server that says 2xx to any target promises a tunnel to nowhere, and whatever stands before it no longer looks at what the client sends. It is a MUST because nothing in HTTP ends a tunnel that was opened by mistake.",
		Citation:  "RFC 9110, section 9.3.6 (CONNECT); HTTP contract, HREQ-14",
		Causes: []string{
			"CONNECT is routed as every other method is, and gets the page",
			"the port is read by a function that makes 0, or a default port, of what is no number",
		},
	},
	{
		ID: "HREQ-15", Level: report.Should, Title: "a method that is no token",
		Sentence:  "A server SHOULD refuse a request line whose method is missing or no token.",
		Rationale: "What stands there instead of a method is often the rest of an earlier body, whose end was read wrongly. A server that answers it makes a request of an error in framing, and so hides the error and does what the bytes say.",
		Citation:  "RFC 9112, section 3.1 (method is a token) and section 2.2; HTTP contract, HREQ-15",
		Causes: []string{
			"whatever stands before the first space is the method",
			"a space at the beginning of the line is trimmed, and the target moves to the place of the method",
			"letters are told by the rules of a locale or of Unicode, and bytes over 7F are among them",
		},
	},
	{
		ID: "HREQ-16", Level: report.May, Title: "a lone LF as the end of a line",
		Sentence:  "A server MAY take a lone LF as the end of the request line and of a field line, and does so, or does not, under every cut alike.",
		Rationale: "Both are right, and the report says which was seen, because the reader before the server may do the other. One server that differs from itself is another matter: where a head ends at LF LF in one segment and not in two, whoever cuts the bytes chooses the message.",
		Citation:  "RFC 9112, section 2.2 (a single LF as a line terminator); HTTP contract, HREQ-16",
		Causes: []string{
			"a head that came in one read is parsed by other code than one that came in several",
			"the end of the head is looked for as LF LF, and the end of a line as CR LF, or the other way round",
		},
	},
	{
		ID: "HREQ-17", Level: report.Must, Title: "a lone CR is no end of a line",
		Sentence:  "A server MUST NOT take a CR without LF as the end of a line in the head.",
		Rationale: "A reader for which CR ends a line sees lines that no other reader sees: one of them is enough to bring a Host or a length past whoever stands before it. It is a MUST because RFC 9112 leaves two readings of a lone CR, an error or a space, and with either of them nobody finds a line that others do not.",
		Citation:  "RFC 9112, section 2.2 (a bare CR is invalid, or replaced by SP); HTTP contract, HREQ-17 and decision 3",
		Causes: []string{
			"lines are read by something that knows many line ends (splitlines, BufferedReader, a text mode)",
			"a CR that is the last byte of a read is taken for a whole CR LF",
			"the byte behind a CR is skipped without a look whether it is LF",
		},
	},
}}
