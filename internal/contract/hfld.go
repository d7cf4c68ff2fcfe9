package contract

import "github.com/streamspec/streamspec/suite/report"

// hfld is the family HFLD.
var hfld = Family{ID: "HFLD", Name: "the fields", Summary: "which lines of a head are fields, what their names and values are, and which host is meant", Requirements: []Requirement{
	{
		ID: "HFLD-1", Level: report.Must, Title: "HTTP/1.1 without Host",
		Sentence:  "A server MUST answer 400 to an HTTP/1.1 request that has no Host field.",
		Rationale: "Host says which site is meant. A server that falls back to its first site gives that one's pages to whoever named none, and a cache in front keeps them under another name. It is a MUST, with the status named, because a client that forgets Host learns of it only where no server guesses.",
		Citation:  "RFC 9112, section 3.2 (400 where Host is missing); HTTP contract, HFLD-1",
		Causes: []string{
			"Host is asked for when a site is looked up, and a default is at hand where there is none",
			"the rule is left to the application, which cannot tell HTTP/1.0 from 1.1",
		},
	},
	{
		ID: "HFLD-2", Level: report.Must, Title: "two Host lines",
		Sentence:  "A server MUST answer 400 to a request that has two Host lines, be they equal or not.",
		Rationale: "One of the two wins, and which one differs from program to program. The front end checks and routes by the first, the server answers for the second, and a rule that protects a site is passed. It is a MUST, for equal lines too, because then no reader has anything to choose.",
		Citation:  "RFC 9112, section 3.2 (more than one Host line); HTTP contract, HFLD-2",
		Causes: []string{
			"fields are kept in a map, where the last line replaces the one before",
			"the first line of the name is taken, and no second one is looked for",
			"lines of the same name are joined by a comma, as those of a list are",
		},
	},
	{
		ID: "HFLD-3", Level: report.Must, Title: "an invalid Host",
		Sentence:  "A server MUST answer 400 to a Host field that is not one host with, at most, a port.",
		Rationale: "The value goes into links, redirects, mails that set a password and the keys of caches. 'a, b' is two hosts to one reader and one to the next, and a slash or an @ in it makes a link that leads elsewhere. It is a MUST because everything behind the parser trusts the value for a name; a value that is badly formed and names no second host is reported as a warning, since no message is framed by it.",
		Citation:  "RFC 9112, section 3.2 (an invalid field value); RFC 9110, section 7.2; HTTP contract, HFLD-3",
		Causes: []string{
			"whatever stands in the field is the host",
			"the host ends at the first character that does not fit, and what follows is dropped",
			"the value is pasted into a URL, and the host is what a parser of URLs finds there",
		},
	},
	{
		ID: "HFLD-4", Level: report.May, Title: "an empty Host, and HTTP/1.0 without one",
		Sentence:  "A server MAY take an empty Host field, and an HTTP/1.0 request without one, or answer 400.",
		Rationale: "A target without an authority has an empty Host, and HTTP/1.0 has none at all. A server of one site knows what is meant, and one of many may ask for a name: the report says which was seen.",
		Citation:  "RFC 9112, section 3.2 (an empty Host) and section 3.3 (a default authority); HTTP contract, HFLD-4",
		Causes: []string{
			"an empty value and a field that is missing are not told apart",
			"the rule of HTTP/1.1 is applied before the version is looked at",
		},
	},
	{
		ID: "HFLD-5", Level: report.Must, Title: "white space before the colon",
		Sentence:  "A server MUST answer 400 to a field line that has white space between its name and the colon.",
		Rationale: "The line 'Transfer-Encoding : chunked' is chunked to a reader that trims names, and a field without meaning to one that does not: the body has two ends. Netty before 4.1.42 was such a reader (CVE-2019-16869). It is a MUST because each reading alone does no harm, and nobody sees at one end which reading the other end has.",
		Citation:  "RFC 9112, section 5.1 (400 for whitespace between name and colon); HTTP contract, HFLD-5",
		Causes: []string{
			"the line is split at the colon, and then both parts are trimmed",
			"the parser skips white space behind the name, as it does behind the colon",
			"the name with its white space is kept as the name of an unknown field",
		},
	},
	{
		ID: "HFLD-6", Level: report.Must, Title: "white space before the first field",
		Sentence:  "A server MUST refuse a request with white space before its first field line, or skip each line that begins so.",
		Rationale: "There is no field yet that such a line could continue. A reader that trims it finds a Host or a Content-Length, one that skips it does not, and the two disagree about the site or about the end of the body. It is a MUST because both ways that are left keep the line from every reader further on.",
		Citation:  "RFC 9112, section 2.2 (whitespace between start-line and first field); HTTP contract, HFLD-6",
		Causes: []string{
			"every line is trimmed at both ends before it is split at its colon",
			"the line is handled as the continuation of a field, and there is none: it becomes a field itself",
		},
	},
	{
		ID: "HFLD-7", Level: report.Must, Title: "folded lines",
		Sentence:  "A server MUST answer 400 to a field that is folded over two lines, or read the fold as a space.",
		Rationale: "A fold is a line end and white space, once the way to write a long value. Where one reader joins the lines and another takes the second for a field, or drops it, a Content-Length or a coding appears or is lost. It is a MUST because an error and a space are the two readings after which every reader has the same fields.",
		Citation:  "RFC 9112, section 5.2 (obs-fold); HTTP contract, HFLD-7",
		Causes: []string{
			"every line is a field: the second one is trimmed and split at its colon",
			"the second line is skipped for want of a colon, and a length or a coding that stands in it is lost",
			"the two lines are joined with nothing between them, so that two words become one",
		},
	},
	{
		ID: "HFLD-8", Level: report.Must, Title: "a lone CR in a value",
		Sentence:  "A server MUST refuse a field value with a CR that no LF follows, or read that CR as a space.",
		Rationale: "A value 'a', CR, 'Content-Length: 10' is one field or two. Where the server finds two and the proxy before it found one, the client has written a field past all of the proxy's rules. It is a MUST because a CR that is kept in a value starts a line at some reader further on.",
		Citation:  "RFC 9112, section 2.2 (bare CR); RFC 9110, section 5.5 (CR is invalid and dangerous); HTTP contract, HFLD-8",
		Causes: []string{
			"CR ends a field line, with or without an LF behind it",
			"the end of a line is looked for as either of the two characters (strcspn, [\\r\\n])",
			"every byte up to the CR LF is taken into the value as it is",
		},
	},
	{
		ID: "HFLD-9", Level: report.Must, Title: "NUL in a value",
		Sentence:  "A server MUST refuse a field value that has a NUL in it, or read the NUL as a space.",
		Rationale: "A string of C ends at NUL: the check has seen the whole value, and what acts on it sees the beginning. In Content-Length and Transfer-Encoding that is another end of the body, so there too the request is refused, or framed as if a space stood there. It is a MUST because whoever hands a NUL on does not know what the next reader is written in.",
		Citation:  "RFC 9110, section 5.5 (NUL is invalid and dangerous); HTTP contract, HFLD-9 and decision 4",
		Causes: []string{
			"the value is handled as a string that ends at NUL",
			"any byte that is neither CR nor LF may stand in a value",
		},
	},
	{
		ID: "HFLD-10", Level: report.May, Title: "other control bytes in a value",
		Sentence:  "A server MAY keep the control bytes in a field value that are neither CR, LF nor NUL, or refuse them.",
		Rationale: "They frame nothing, and a few old clients send them. The report says what becomes of them, because the application, the log and the terminal that shows the log get them too.",
		Citation:  "RFC 9110, section 5.5 (other CTL characters); HTTP contract, HFLD-10",
		Causes: []string{
			"a check against all control characters refuses HTAB as well, which values may have",
			"the value is looked at for CR, LF and NUL alone",
		},
	},
	{
		ID: "HFLD-11", Level: report.Should, Title: "bytes over 7F in a value",
		Sentence:  "A server SHOULD take the bytes over 7F in a field value as they are.",
		Rationale: "Names of files, cookies and the titles of pages come in UTF-8, in Latin-1 and in both. A server that decodes them answers 400 or 500 where the application would have known what they are; one that replaces them hands on a value that nobody sent.",
		Citation:  "RFC 9110, section 5.5 (obs-text is opaque data); HTTP contract, HFLD-11",
		Causes: []string{
			"the head is decoded as ASCII or as strict UTF-8, and what does not decode is an error",
			"the head is decoded with replacement, or by one encoding, and encoded by another",
			"a byte over 7F is negative in a signed char, and fails the check against control characters",
		},
	},
	{
		ID: "HFLD-12", Level: report.Should, Title: "a line that is no field",
		Sentence:  "A server SHOULD refuse a field line that is not a token, a colon and a value.",
		Rationale: "A line that one reader skips and the next one takes is a field that only one of them sees. Names with odd bytes become keys of a map, variables of CGI or lines of a request that is sent on, and on the way the odd byte may go and leave the name of another field.",
		Citation:  "RFC 9112, section 5 (field-line) and section 2.2; RFC 9110, sections 5.1 and 5.6.2 (tokens); HTTP contract, HFLD-12",
		Causes: []string{
			"the line is split at its first colon, and the name before it is not looked at",
			"a line without a colon is skipped, or is a name with an empty value",
			"an empty name is a name as any other",
		},
	},
	{
		ID: "HFLD-13", Level: report.Must, Title: "names without regard to case",
		Sentence:  "A server MUST compare the names of fields without regard to case.",
		Rationale: "Some clients write names in small letters, some with capitals, and proxies change them. A server that knows one spelling of Content-Length sees no body under the others, and takes the body for the next request. RFC 9112 defines this without a keyword; what is defined counts as a MUST, because framing hangs on it.",
		Citation:  "RFC 9112, section 5 (case-insensitive field name); RFC 9110, section 5.1; HTTP contract, HFLD-13",
		Causes: []string{
			"names are compared, or kept in a map, as they came",
			"one or two spellings are listed ('Content-Length', 'content-length') instead of all",
			"names are folded for the application, and the framing looks at them before that",
		},
	},
	{
		ID: "HFLD-14", Level: report.Must, Title: "the white space around a value",
		Sentence:  "A server MUST leave out the spaces and tabs before and behind a value, be there none, one or several.",
		Rationale: "Clients write 'Name:value', 'Name: value' and 'Name:  value '. With a space left over '5 ' is no number and 'close ' is no option: a right request is refused, or its connection is not closed. It is a MUST because every field's own grammar begins only behind that white space.",
		Citation:  "RFC 9112, section 5.1 (optional whitespace is excluded); RFC 9110, section 5.5; HTTP contract, HFLD-14",
		Causes: []string{
			"two characters, the colon and a space, are cut off without a look at the second",
			"only the front of a value is trimmed",
			"a tab is not taken for white space",
		},
	},
	{
		ID: "HFLD-15", Level: report.Must, Title: "an empty value",
		Sentence:  "A server MUST take a field whose value is empty.",
		Rationale: "Programs send a field with nothing in it when they have nothing to say in it. A server that refuses it turns right clients away, and one that looks further for a value takes the next line for it. RFC 9110 lets a value have no characters without a keyword; what is defined counts as a MUST, because clients rely on it.",
		Citation:  "RFC 9110, section 5.5 (field-value may be empty); HTTP contract, HFLD-15",
		Causes: []string{
			"the expression for a value asks for one character at least (+ where * belongs)",
			"white space behind the colon is skipped over the line's end, and the next line is the value",
		},
	},
	{
		ID: "HFLD-16", Level: report.Must, Title: "more fields than it takes",
		Sentence:  "A server MUST answer a 4xx to fields that are longer or more than it takes, and not leave any of them out.",
		Rationale: "The field that is left out may be the one that mattered: a length, a signature, who the user is. Without a limit a client fills the server's memory; with a limit and no answer, people look for the fault in the network. It is a MUST because a head that two readers cut at different places is a head with which requests are smuggled.",
		Citation:  "RFC 9110, section 5.4 (4xx for fields larger than wanted); HTTP contract, HFLD-16 and decision 4",
		Causes: []string{
			"an array has room for a fixed number of fields, and those behind it are dropped",
			"a long line is cut at the end of its buffer, and its rest is dropped or taken for the next line",
			"the connection is closed or reset at the limit, and nobody is told",
			"a line without an end is collected for ever, and looked through from its beginning after each read",
		},
	},
	{
		ID: "HFLD-17", Level: report.Should, Title: "fields that it does not know",
		Sentence:  "A server SHOULD ignore fields that it does not know, be they 50, and one of them 3 KiB long.",
		Rationale: "Browsers, proxies and tracing add fields every year, and a cookie of some KiB is nothing special. A server that refuses what it does not know stops working for a client on the day of the client's update.",
		Citation:  "RFC 9110, section 5.1 (unrecognized fields are ignored); HTTP contract, HFLD-17",
		Causes: []string{
			"the number of fields is limited to 16 or 32",
			"a field line has to fit into a buffer of 1 or 2 KiB",
			"the known fields are an enumeration, and a name that is not in it is an error",
		},
	},
}}
