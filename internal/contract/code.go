package contract

import "github.com/streamspec/streamspec/suite/report"

// code is the family CODE.
var code = Family{ID: "CODE", Name: "encoding", Summary: "strict UTF-8 in and out: nothing guessed, nothing replaced, nothing normalised", Requirements: []Requirement{
	{
		ID: "CODE-1", Level: report.Must, Title: "UTF-8 out",
		Sentence:  "Text MUST be sent as its UTF-8 bytes.",
		Rationale: "The bytes on the wire are the protocol; a platform's default encoding is not.",
		Citation:  "contract section 1, encode; RFC 3629",
		Causes:    []string{"the platform's or the locale's encoding is used", "text is written as Latin-1 or ASCII"},
	},
	{
		ID: "CODE-2", Level: report.Must, Title: "bytes unchanged",
		Sentence:  "Bytes that a handler writes MUST leave unchanged.",
		Rationale: "Binary answers (images, archives, other encodings) go through the same buffer as text.",
		Citation:  "contract section 1, encode: bytes pass unchanged",
		Causes:    []string{"bytes are decoded and encoded again on the way", "LF becomes CR LF in a text mode"},
	},
	{
		ID: "CODE-3", Level: report.Must, Title: "invalid UTF-8 closes the connection",
		Sentence:  "At invalid UTF-8 the connection MUST be closed, nothing made up may be answered, and the server MUST live.",
		Rationale: "A replaced or dropped byte is a request that nobody sent; checks made before and after it see different texts.",
		Citation:  "contract section 1, decode: anything else is an error, never U+FFFD; RFC 3629, section 10 (security considerations)",
		Causes:    []string{"errors='replace' or 'ignore', or a decoder that replaces by default (Node, Java, Go's range over a string)", "Latin-1, which decodes everything", "the error leaves the connection open, or ends the server"},
	},
	{
		ID: "CODE-4", Level: report.Must, Title: "every plane; what is no UTF-8 refused",
		Sentence:  "Characters of every plane and a BOM MUST be kept; overlong forms, surrogates and what lies above U+10FFFF MUST be refused.",
		Rationale: "Overlong forms and surrogates smuggle characters past checks; a BOM that is dropped changes what was sent.",
		Citation:  "RFC 3629, sections 3, 4 (syntax) and 6 (byte order mark)",
		Causes:    []string{"an encoding of 16-bit units, or of three bytes at most", "a decoder that takes CESU-8 or overlong forms", "'utf-8-sig', which drops a BOM"},
	},
	{
		ID: "CODE-5", Level: report.Must, Title: "no normalisation",
		Sentence:  "Text MUST NOT be normalised.",
		Rationale: "Names, passwords and signatures are compared byte for byte somewhere.",
		Citation:  "contract section 1, decode: nothing is normalised; Unicode Standard Annex 15 (what is not meant here)",
		Causes:    []string{"NFC or NFKC is applied to all input", "text goes through a library that normalises, or folds case"},
	},
	{
		ID: "CODE-6", Level: report.Must, Title: "a character cut by a limit is an error",
		Sentence:  "A character that a limit or read(n) cuts MUST be an error, not a guess.",
		Rationale: "Half a character is no text; a reader that guesses gives two wrong texts for one right one.",
		Citation:  "contract section 1: read(n) is exactly n bytes, then decode; RFC 3629, section 4",
		Causes:    []string{"the decoder waits for the rest of the character beyond the limit", "the half is replaced by U+FFFD or dropped"},
	},
}}
