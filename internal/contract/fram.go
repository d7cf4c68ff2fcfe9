package contract

import "github.com/streamspec/streamspec/suite/report"

const readIsMessage = "a read is taken for a message: what one call of read or recv returns is answered as if it were a whole request; read until the delimiter or the length, however many reads that takes"

// fram is the family FRAM.
var fram = Family{ID: "FRAM", Name: "framing", Summary: "the same answer under every delivery: TCP keeps the order of bytes, and no borders between them", Requirements: []Requirement{
	{
		ID: "FRAM-1", Level: report.Must, Title: "the whole request in one segment",
		Sentence:  "A request that comes whole, in one segment, MUST be answered rightly.",
		Rationale: "It is the control: what is wrong here is no matter of framing.",
		Citation:  "contract section 3 (the dialects' models) and section 4, FRAM-1",
		Causes:    []string{"the server speaks another dialect than the one it was judged by (see --dialect)", "the answer itself is wrong, however the request comes", "an answer waits in a buffer until more is read, or until the client has half-closed"},
	},
	{
		ID: "FRAM-2", Level: report.Must, ByCuts: true, Title: "cut in two at every byte",
		Sentence:  "A request that comes in two segments, cut at any byte, MUST get the answer of the whole one.",
		Rationale: "Networks cut where they like: at the size of a packet, at a retransmission, at the end of a sender's buffer.",
		Citation:  "RFC 9293, sections 2.2 and 3.7 (a stream of octets; segmentation is TCP's own affair)",
		Causes:    []string{readIsMessage, "bytes of an incomplete request are thrown away when more come"},
	},
	{
		ID: "FRAM-3", Level: report.Must, ByCuts: true, Title: "byte by byte",
		Sentence:  "A request that comes byte by byte MUST get the answer of the whole one.",
		Rationale: "A person who types, a slow link and a hostile client all look like this.",
		Citation:  "RFC 9293, sections 2.2 and 3.7",
		Causes:    []string{readIsMessage, "a count of reads, or of short reads, ends the session"},
	},
	{
		ID: "FRAM-4", Level: report.Must, Title: "several requests in one segment",
		Sentence:  "Several requests that come in one segment MUST each get their answer, in order.",
		Rationale: "Clients that do not wait for answers, and every proxy, send requests together.",
		Citation:  "RFC 9293, section 3.7; contract section 4, FRAM-4",
		Causes:    []string{readIsMessage, "what follows the first request in the buffer is thrown away, or waits for the next read"},
	},
	{
		ID: "FRAM-5", Level: report.Must, ByCuts: true, Title: "random cuts and coalescings",
		Sentence:  "Requests that are cut and joined at random MUST get the answers of the whole ones.",
		Rationale: "The cuts that nobody thought of.",
		Citation:  "RFC 9293, sections 2.2 and 3.7",
		Causes:    []string{readIsMessage, "a buffer's end is a special case that was forgotten"},
	},
	{
		ID: "FRAM-6", Level: report.Must, ByCuts: true, Title: "cuts inside CR LF and inside a character",
		Sentence:  "A cut between CR and LF, or inside a UTF-8 character, MUST NOT change the answer.",
		Rationale: "A reader that decodes or strips each read by itself breaks exactly here, and only here.",
		Citation:  "RFC 3629, section 3 (characters of several octets); RFC 9293, section 3.7",
		Causes:    []string{"each read is decoded by itself: decode whole lines, or use a decoder that keeps its state", "CR at the end of a read is taken for a line end of its own"},
	},
	{
		ID: "FRAM-7", Level: report.Must, ByCuts: true, Title: "pauses between segments",
		Sentence:  "Pauses between the segments of a request MUST NOT change the answer.",
		Rationale: "A lost segment pauses a stream for 200 ms to some seconds; that is no end of a request.",
		Citation:  "RFC 9293, section 3.8.1 (retransmission timeout); RFC 6298",
		Causes:    []string{"a short time limit on reads is taken for the end of a request or of the connection", "a message is whatever came within some time"},
	},
	{
		ID: "FRAM-8", Level: report.Must, Title: "every byte value, and requests larger than any buffer",
		Sentence:  "Requests with every byte value, and of 1 MiB and 16 MiB, MUST be answered rightly to the last byte.",
		Rationale: "Text modes, control characters and the borders of buffers change or lose single bytes.",
		Citation:  "RFC 9293, section 2.2 (any octets); contract section 4, FRAM-8",
		Causes:    []string{"a partial write (send returned less than it was given) is not continued", "the stream is read or written in text mode", "a byte at the border of a buffer is lost or doubled"},
	},
	{
		ID: "FRAM-9", Level: report.Must, Title: "what is due is answered before the rest comes",
		Sentence:  "When the input so far ends inside a message, everything that its whole messages are owed MUST have come before the rest is sent.",
		Rationale: "A client that has sent one request and the beginning of the next waits for the answer to the first: where the server waits too, both wait for ever.",
		Citation:  "RFC 9293, section 2.2 (a stream of octets); contract section 4, FRAM-9",
		Causes: []string{
			"what has come is taken only when all of it ends in a delimiter (data.endsWith(\"\\n\")): take each message as soon as it is whole, and keep the rest",
			"the answer stays in an output buffer until the next message is whole: flush before reading on",
		},
	},
	{
		ID: "FRAM-10", Level: report.Must, ByCuts: true, Title: "the messages behind a cut one",
		Sentence:  "Behind a message that was cut at any byte, or came byte by byte, the next messages on the same connection MUST be answered rightly.",
		Rationale: "A connection that is kept open carries thousands of messages. One that a network has cut must cost none of those behind it.",
		Citation:  "RFC 9293, section 2.2 (a stream of octets); contract section 4, FRAM-10",
		Causes: []string{
			"what was kept of an incomplete message is not thrown away once its rest has come: the next one is put behind it",
			"an index or a length of an incomplete message is not set back, and the next one is read from the wrong byte on",
		},
	},
	{
		ID: "FRAM-11", Level: report.Must, Title: "bursts as large as a buffer, and larger",
		Sentence:  "Whole messages that together fill a buffer of 512 bytes to 256 KiB, or have a byte more, and come as fast as the server takes them, MUST all be answered in order, and the connection MUST serve on.",
		Rationale: "A client that pipelines, and every proxy, sends what it has. What a server leaves in its socket, or at the end of its buffer, waits there for the client's next byte, and the client for its answer.",
		Citation:  "RFC 9293, section 3.9.1.3 (RECEIVE); contract section 4, FRAM-11",
		Causes: []string{
			"one read is made for each event, and what it leaves in the socket waits for the next event (EPOLLET, EV_CLEAR): read until it would block",
			"a read that fills its buffer is taken for the beginning of more, and what has come waits for that",
			"a message that lies across the end of the buffer is lost, or what follows it is not looked at until more comes",
		},
	},
	{
		ID: "FRAM-12", Level: report.Must, Title: "a message that grows over the borders of lengths and buffers",
		Sentence:  "A message that may be long MUST be answered rightly at every length up to 1 MiB, as far as its protocol lets it have that, wherever it is cut.",
		Rationale: "At 128, 256 and 65,536 bytes the field of a length gets another byte, and at a few KiB a message outgrows the buffer that it was tried with.",
		Citation:  "RFC 9293, section 2.2 (a stream of octets); contract section 4, FRAM-12",
		Causes: []string{
			"a length is kept, or read, in too few bytes",
			"the rest of a message that is larger than the buffer is not read, or put in the wrong place",
			"a buffer is enlarged, and what is in it is not kept, or not all of it",
		},
	},
}}
