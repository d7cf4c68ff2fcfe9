package contract

import "github.com/streamspec/streamspec/suite/report"

// read is the family READ.
var read = Family{ID: "READ", Name: "reading", Summary: "exactly n bytes, however many segments bring them", Requirements: []Requirement{
	{
		ID: "READ-1", Level: report.Must, Title: "exactly n bytes from many segments",
		Sentence:  "read(n) MUST return exactly n bytes, however many segments bring them.",
		Rationale: "One call of recv returns what is there; a length-framed protocol built on it breaks with the first slow link.",
		Citation:  "contract section 1, read; POSIX.1-2017, recv (may return less than was asked for)",
		Causes:    []string{"recv(n) is called once, and may return fewer bytes", "a read with a buffer returns what the buffer holds"},
	},
	{
		ID: "READ-2", Level: report.Must, Title: "fewer bytes at end of stream",
		Sentence:  "read(n) MUST return the fewer bytes that are left when the stream ends before n.",
		Rationale: "What a client sent before it half-closed was sent; a reader that drops it loses the end of a request.",
		Citation:  "contract section 1, read",
		Causes:    []string{"a short read raises an error and its bytes are dropped", "the loop waits for bytes that cannot come any more"},
	},
	{
		ID: "READ-3", Level: report.Must, Title: "read(0) does not wait",
		Sentence:  "read(0) MUST return at once, with nothing, and without touching the connection.",
		Rationale: "A body of length 0 is legal in most protocols; waiting for its bytes waits for ever.",
		Citation:  "contract section 1, read (in-process: the wire cannot show it)",
		Causes:    []string{"0 is taken for 'no limit', or for the default size", "a read is made before the length is looked at"},
	},
	{
		ID: "READ-4", Level: report.Must, Title: "leaves what follows",
		Sentence:  "read(n) MUST leave what follows its n bytes for the next operation, of whatever kind, with whatever it begins.",
		Rationale: "read and readline share one buffer: two buffers lose or reorder bytes when a request mixes lines and lengths.",
		Citation:  "contract section 1: read and readline share one buffer",
		Causes:    []string{"lines are read through a buffered reader and bodies from the socket itself", "the rest of the buffer is dropped after a read", "a line end or white space behind the n bytes is taken for their end, and skipped"},
	},
	{
		ID: "READ-5", Level: report.Must, Title: "1 MiB and 16 MiB",
		Sentence:  "read(n) MUST return n bytes for n of 1 MiB and 16 MiB, and around every size of buffer.",
		Rationale: "Sizes of buffers are where bytes get lost.",
		Citation:  "contract section 4, READ-5",
		Causes:    []string{"one recv returns at most what the kernel's buffer holds", "a limit cuts the read short without a word", "a partial write of the answer is not continued"},
	},
	{
		ID: "READ-6", Level: report.Must, Title: "counts bytes, not characters",
		Sentence:  "read(n) MUST count bytes, not characters.",
		Rationale: "Lengths in protocols are in bytes; a reader that counts characters waits for more than was sent, or eats what follows.",
		Citation:  "contract section 1, read; RFC 3629, section 3",
		Causes:    []string{"the stream is opened in text mode, whose read(n) counts characters", "the length of a string stands for the length of its bytes"},
	},
}}
