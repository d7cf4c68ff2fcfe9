package contract

import "github.com/streamspec/streamspec/suite/report"

// line is the family LINE.
var line = Family{ID: "LINE", Name: "lines", Summary: "LF ends a line, ASCII white space around it is stripped, and nothing else is touched", Requirements: []Requirement{
	{
		ID: "LINE-1", Level: report.Must, Title: "LF ends a line and is not part of it",
		Sentence:  "A line MUST end at LF, which is not part of it.",
		Rationale: "Where a line ends is the whole framing of a line protocol.",
		Citation:  "contract section 1, readline",
		Causes:    []string{readIsMessage, "the LF is answered as part of the line"},
	},
	{
		ID: "LINE-2", Level: report.Must, Title: "ASCII white space is stripped at both ends",
		Sentence:  "Space, HT, LF, VT, FF and CR MUST be stripped at both ends of a line, and kept inside it.",
		Rationale: "Trailing white space is invisible: two ends that strip differently disagree about what was said.",
		Citation:  "contract section 1, readline",
		Causes:    []string{"only the line end is stripped, or only one side", "white space inside the line is folded"},
	},
	{
		ID: "LINE-3", Level: report.Must, Title: "CR LF and LF alike",
		Sentence:  "A line that ends in CR LF MUST be read as one that ends in LF.",
		Rationale: "Telnet, HTTP, SMTP and every person with netcat or Windows send one or the other.",
		Citation:  "contract section 1, readline; RFC 9112, section 2.2 (a recipient may recognise a single LF)",
		Causes:    []string{"the CR stays at the end of the line", "CR and LF are two line ends: an empty line appears between", "only CR LF is looked for"},
	},
	{
		ID: "LINE-4", Level: report.Must, Title: "a last line without LF counts",
		Sentence:  "What is left at the end of the stream without an LF MUST be read as a line.",
		Rationale: "printf 'x' | nc sends no LF, and neither do many programs at the end of their output.",
		Citation:  "contract section 1, readline: or what is left at end of stream",
		Causes:    []string{"the rest of the buffer is dropped at end of stream", "the end of the stream is handled before what came with it"},
	},
	{
		ID: "LINE-5", Level: report.Must, Title: "the limit of 65536 bytes, nothing lost",
		Sentence:  "readline MUST return at most 65536 bytes of a line, and leave what lies past them for the next call.",
		Rationale: "A limit bounds a client's hold on memory; bytes lost at it are requests changed in silence.",
		Citation:  "contract section 1, readline (limit = 65536)",
		Causes:    []string{"the limit counts the line without its LF, or one byte too few or many", "the rest of a long line is thrown away, or ends the connection", "there is no limit: the line is answered whole"},
	},
	{
		ID: "LINE-6", Level: report.Must, Title: "a limit given by the caller, 0 included",
		Sentence:  "readline(limit) MUST return at most limit bytes; with a limit of 0 it returns nothing, at once.",
		Rationale: "Protocols bound single fields; 0 must not turn into 'no limit'.",
		Citation:  "contract section 1, readline(limit)",
		Causes:    []string{"0 is taken for the default", "the limit counts characters", "the LF is not counted"},
	},
	{
		ID: "LINE-7", Level: report.Must, Title: "NUL and control bytes are kept",
		Sentence:  "NUL and the other control bytes that are no white space MUST be kept, at the ends of a line too.",
		Rationale: "C strings end at NUL and terminals act on control bytes; a stream does neither.",
		Citation:  "contract section 1, readline: ASCII white space is space, HT, LF, VT, FF and CR, and nothing else",
		Causes:    []string{"the line is handled as a C string", "the language's strip takes 0x1C to 0x1F for white space (Python's str.strip does, bytes.strip does not)"},
	},
	{
		ID: "LINE-8", Level: report.May, Title: "an empty line",
		Sentence:  "At an empty line a session MAY end, or go on.",
		Rationale: "An empty line cannot be told from the end of the stream by readline alone; the report says what the server does.",
		Citation:  "contract section 3, line and script; section 4, LINE-8",
	},
	{
		ID: "LINE-9", Level: report.Must, Title: "a lone CR does not end a line",
		Sentence:  "A CR that no LF follows MUST NOT end a line.",
		Rationale: "A reader with universal line ends sees two requests where one was sent.",
		Citation:  "contract section 1, readline: only LF ends a line",
		Causes:    []string{"universal newlines (Python's text mode, splitlines, Node's readline, Java's BufferedReader)", "CR is taken for a line end when it is the last byte of a read"},
	},
	{
		ID: "LINE-10", Level: report.Must, Title: "Unicode line ends and spaces neither end nor strip",
		Sentence:  "NEL, U+2028, U+2029, VT and FF MUST NOT end a line, and no white space beyond ASCII may be stripped.",
		Rationale: "Text libraries know many line ends; a protocol knows one. The difference splits requests that the other end sent as one.",
		Citation:  "contract section 1, readline; Unicode Standard Annex 14 (what is not meant here)",
		Causes:    []string{"splitlines, or a strip that knows Unicode, is called on the decoded text: strip the bytes, then decode", "a regular expression's \\s or $"},
	},
}}
