package contract

import "github.com/streamspec/streamspec/suite/report"

// hchk is the family HCHK.
var hchk = Family{ID: "HCHK", Name: "chunked bodies", Summary: "chunks are joined to one body that ends where its last chunk says, and trailers are no fields", Requirements: []Requirement{
	{
		ID: "HCHK-1", Level: report.Must, Title: "one chunk, several, tiny ones and none",
		Sentence:  "A server MUST decode a chunked body, be it one chunk, several, chunks of one byte or none.",
		Rationale: "Uploads and streams come in chunks whose borders mean nothing, and proxies cut them anew. A server that takes what one read brings for a chunk works in the tests, where all comes in one segment, and loses bytes in the field. It is a MUST because chunked is the one coding that every reader of HTTP/1.1 has to know, and senders choose it unasked.",
		Citation:  "RFC 9112, section 7.1 (a recipient parses and decodes chunked); HTTP contract, HCHK-1",
		Causes: []string{
			"a chunk is taken for whatever one read brings, and its size is not counted",
			"the body ends behind the first chunk",
			"where the decoder is (in a size, in data, in a line end) is forgotten between two reads",
		},
	},
	{
		ID: "HCHK-2", Level: report.Must, Title: "sizes in hexadecimal",
		Sentence:  "A server MUST read a chunk's size as a hexadecimal number, with letters of either case and with leading zeros or without, in the last chunk too.",
		Rationale: "Senders write 'a', 'A', '000A' and end with '0' or '000'. A server that knows one spelling refuses right bodies, or waits for a last chunk that has come long ago. The grammar says so without a keyword; what is defined counts as a MUST, because the size alone says where the data of a chunk ends.",
		Citation:  "RFC 9112, section 7.1 (chunk-size and last-chunk); HTTP contract, HCHK-2",
		Causes: []string{
			"the table of digits has a to f, or A to F, and not both",
			"the last chunk is recognised by the bytes '0' CR LF",
			"a size may have a few digits only, and zeros in front count",
		},
	},
	{
		ID: "HCHK-3", Level: report.Must, Title: "chunk extensions",
		Sentence:  "A server MUST ignore chunk extensions that it does not know, those with quoted values too.",
		Rationale: "Gateways sign chunks or pad them by extensions. A server that refuses them refuses right bodies, and one that reads their letters into the size ends the chunk elsewhere. It is a MUST because a sender cannot know which extensions a reader knows, so what is unknown has to be without effect.",
		Citation:  "RFC 9112, section 7.1.1 (unrecognized chunk extensions are ignored); HTTP contract, HCHK-3",
		Causes: []string{
			"anything but CR LF behind the size is an error",
			"the digits of the size go on in the extension, where a to f are letters",
			"a semicolon or an escaped quote inside a quoted value ends the extension",
		},
	},
	{
		ID: "HCHK-4", Level: report.Must, Title: "white space in chunk extensions",
		Sentence:  "A server MUST allow white space around the semicolon and the equals sign of a chunk extension.",
		Rationale: "Old senders write 'size ; name = value', and the grammar still has it for their sake. A server that refuses it cuts those clients off, which the report only notes; one that counts the space to the size or to the name reads another chunk than its neighbour. It is a MUST because white space that the grammar calls bad has to be read and removed by all, or it parts readers.",
		Citation:  "RFC 9112, section 7.1.1 (BWS in chunk-ext); RFC 9110, section 5.6.3 (bad whitespace is removed); HTTP contract, HCHK-4",
		Causes: []string{
			"what stands before the semicolon is taken for the size, with the space in it",
			"a space behind the size is an error, whatever follows it",
			"the name or the value of an extension is checked as a token, with its white space",
		},
	},
	{
		ID: "HCHK-5", Level: report.Should, Title: "sizes that are no number",
		Sentence:  "A server SHOULD answer 400 to a chunk size that is not made of hexadecimal digits alone, and close the connection.",
		Rationale: "To some functions '0x5' is 5 and to others it is 0 and the end of the body; '5_' and '+5' are numbers in some languages only. Where the digits before the odd byte give another size, two readers have two bodies, and the rest of one of them is a request. At a size of '-5' tornado 6.2 spins and serves nobody any more.",
		Citation:  "RFC 9112, section 7.1 (chunk-size is 1*HEXDIG) and section 2.2; HTTP contract, HCHK-5",
		Causes: []string{
			"the size is read by a function that takes signs, 0x, underscores and white space (int(s, 16), Number())",
			"the size is read by a function that stops at what is no digit, and nobody asks where it stopped (strtol, %x)",
			"a size without any digit counts as 0, and is the last chunk",
		},
	},
	{
		ID: "HCHK-6", Level: report.Must, Title: "sizes that overflow",
		Sentence:  "A server MUST NOT read a large chunk size as a smaller or a negative one: it refuses the body, or waits for the bytes.",
		Rationale: "In 64 bits the size 10000000000000005 is 5: the server takes five bytes for the chunk, and the rest for chunks or requests. Sizes that became negative let strangers run code in nginx 1.4.0 (CVE-2013-2028), and one of them ends php -S 8.2. It is a MUST because a client chooses the number, and one of sixteen digits costs it nothing.",
		Citation:  "RFC 9112, section 7.1 (integer conversion overflows); HTTP contract, HCHK-6",
		Causes: []string{
			"the size is kept in 32 bits, or its upper digits are shifted out",
			"the size is kept in a signed number, and its top bit makes it negative",
			"memory for the whole chunk is taken when its size has been read",
		},
	},
	{
		ID: "HCHK-7", Level: report.Should, Title: "data without CR LF behind it",
		Sentence:  "A server SHOULD refuse a chunk whose data CR LF does not follow.",
		Rationale: "A reader that skips two bytes there and one that looks for the line end go on at different bytes, and what one takes for data the other takes for a chunk. The library h11 skipped any two bytes before version 0.16 (CVE-2025-43859). Where the check fails under some cuts only, the attacker chooses the cut.",
		Citation:  "RFC 9112, section 7.1 (chunk-data CRLF) and section 2.2; HTTP contract, HCHK-7",
		Causes: []string{
			"two bytes behind the data are skipped without a look at them",
			"CR LF is checked when it came in the same read as the data, and skipped otherwise",
			"everything up to the next LF is skipped",
		},
	},
	{
		ID: "HCHK-8", Level: report.Should, Title: "a lone LF in a chunked body",
		Sentence:  "A server SHOULD refuse a lone LF that stands for CR LF behind a chunk's size, its extension or its data.",
		Rationale: "The RFC lets LF alone end a request line and a field, and nothing else. Where one reader ends an extension at LF and the other reads on to CR LF, a chunk hides in the extension, and a request in the chunk. Go refuses it since 1.24.2 for that reason (CVE-2025-22871).",
		Citation:  "RFC 9112, section 7.1 (CRLF) and section 2.2 (LF in start-line and fields alone; erratum 7633); HTTP contract, HCHK-8",
		Causes: []string{
			"the function that reads the lines of the head reads those of the chunks, and takes LF there as well",
			"an extension is skipped up to the first LF, whatever stands before it",
		},
	},
	{
		ID: "HCHK-9", Level: report.Must, Title: "a lone CR in a chunked body",
		Sentence:  "A server MUST NOT take a lone CR for the end of a line in a chunked body.",
		Rationale: "A size or an extension that ends at a CR ends where no other reader sees an end, and what follows is a chunk to one and nothing to the other. It is a MUST because outside the content a CR without LF is an error or a space to all readers; one that waits for the LF is right as well.",
		Citation:  "RFC 9112, section 2.2 (bare CR outside the content); HTTP contract, HCHK-9 and decision 5",
		Causes: []string{
			"CR ends the line, and the byte behind it is passed over",
			"CR at the end of a read counts as a line end, because LF is expected to come",
		},
	},
	{
		ID: "HCHK-10", Level: report.Must, Title: "trailers",
		Sentence:  "A server MUST read the trailer section to its end, and keep its fields apart from those of the head.",
		Rationale: "A trailer that stays in the connection is the beginning of the next request. One that is put among the fields adds a Host, a length or a user to a request whose checks are long done. It is a MUST because trailers come behind the content, when route, rights and framing have been decided.",
		Citation:  "RFC 9112, section 7.1.2 (trailers are not merged); RFC 9110, section 6.5.1; HTTP contract, HCHK-10",
		Causes: []string{
			"the body ends at the zero chunk, and what follows is left for the next request",
			"just CR LF is expected behind the zero chunk",
			"trailers go into the same map as the fields of the head",
		},
	},
	{
		ID: "HCHK-11", Level: report.Should, Title: "malformed trailers",
		Sentence:  "A server SHOULD refuse a malformed line in the trailer section.",
		Rationale: "A line without a colon behind the last chunk is often a request line: the empty line between the two was lost. Whether that request is skipped, merged or answered differs from reader to reader, and a line of that kind is sent to pass the strict reader and be obeyed by the lenient one.",
		Citation:  "RFC 9112, section 5.1 (whitespace before the colon) and section 2.2; HTTP contract, HCHK-11",
		Causes: []string{
			"lines are skipped up to the empty one without a look at them",
			"trailers have a parser of their own, which checks less than that of the head",
		},
	},
	{
		ID: "HCHK-12", Level: report.Must, Title: "a chunked body without its end",
		Sentence:  "A server MUST NOT take a chunked body for complete before its last chunk, and closes when the stream ends before that.",
		Rationale: "An upload that broke off between two chunks looks like a shorter one. A server that takes it stores half a file and says that all is well; gunicorn 20.1 spins when the stream ends between a chunk and its CR LF. It is a MUST because the last chunk is the only sign of a complete body that the coding has.",
		Citation:  "RFC 9112, section 8 (incomplete without the zero-sized chunk); HTTP contract, HCHK-12",
		Causes: []string{
			"the end of the stream ends the body as the last chunk does",
			"a read of 0 bytes inside a chunk is tried again at once, for ever",
			"an error in the body ends the application's input, which is what its end looks like",
		},
	},
	{
		ID: "HCHK-13", Level: report.Must, Title: "a chunk of 1 MiB, and 5,000 of one byte",
		Sentence:  "A server MUST take a chunk of 1 MiB, and 5,000 chunks of one byte, as far as it takes bodies of that size.",
		Rationale: "The sender cuts as it likes: one sends a file in a single chunk, another every key that is pressed. A server with a limit for chunks refuses the one, and one whose work for a chunk grows with the number before it stalls at the other. It is a MUST because the coding knows no limit of its own, and a client cannot ask for the server's.",
		Citation:  "RFC 9112, section 7.1 (chunk-size is any number of digits); HTTP contract, HCHK-13 and decision 9",
		Causes: []string{
			"a chunk has to fit into a buffer of fixed size",
			"each chunk copies the body that came before it, or is a further level of recursion",
			"the number of chunks is limited, or that of the lines between them",
		},
	},
	{
		ID: "HCHK-14", Level: report.Should, Title: "limits for extensions and trailers",
		Sentence:  "A server SHOULD limit chunk extensions and trailers as it limits fields, and answer a 4xx beyond that.",
		Rationale: "Extensions and trailers are bytes that no limit on bodies sees: a content of one byte may bring 64 KiB of extension with it, and trailers may go on for ever. The RFC says that a server ought to limit them, which counts as a SHOULD; what harms is a server that finds no end.",
		Citation:  "RFC 9112, section 7.1.1 (limiting chunk extensions); RFC 9110, section 5.4; HTTP contract, HCHK-14",
		Causes: []string{
			"an extension is skipped up to the end of its line, however far away that is",
			"trailers are collected after the limit on the head has been checked",
		},
	},
}}
