package http1

import (
	"bytes"
	"math"
)

var (
	errChunkLine      = &Refusal{400, "A chunk does not begin with its size in hexadecimal digits, well-formed extensions and CR LF."}
	errChunkEnd       = &Refusal{400, "The data of a chunk is not followed by CR LF."}
	errLongContent    = &Refusal{413, "The content is too long."} // RFC 9110, section 15.5.14
	errLongExtensions = &Refusal{413, "The chunk extensions are too long."}
)

// sizeDigits is more digits than the size of any chunk needs.
const sizeDigits = 16

// nextChunk reads up to the data of the next chunk: the CR LF behind the one before, and its line
// (RFC 9112, section 7.1). Behind the last chunk it reads the trailer section, and the body has ended.
func (b *body) nextChunk() error {
	if b.inChunk {
		raw, err := b.conn.stream.ReadRawLine(len("\r\n"))
		if err != nil {
			return inLine(err, errChunkEnd)
		}
		if line, err := content(raw); err != nil || len(line) > 0 { // HCHK-7
			return errChunkEnd
		}
	}
	size, err := b.readChunkLine()
	switch {
	case err != nil:
		return err
	case size > b.conn.limits.Body-b.taken:
		return errLongContent
	case size > 0:
		b.inChunk, b.left = true, size
		b.taken += size
		return nil
	}
	if b.trailers, err = b.conn.readFields(); err != nil {
		return err
	}
	b.ended = true
	return nil
}

// readChunkLine reads the line of a chunk, and returns the size (HCHK-2 to HCHK-6, HCHK-8, HCHK-9).
func (b *body) readChunkLine() (int64, error) {
	room := b.conn.limits.Extensions - b.extensions
	raw, err := b.conn.stream.ReadRawLine(sizeDigits + room + len("\r\n"))
	if err != nil {
		return 0, inLine(err, errLongExtensions)
	}
	line, err := content(raw)
	if err != nil {
		return 0, errChunkLine
	}
	digits := 0
	for digits < len(line) && classes[line[digits]]&hexOctet != 0 {
		digits++
	}
	if digits == 0 || !areExtensions(line[digits:]) {
		return 0, errChunkLine
	}
	significant := bytes.TrimLeft(line[:digits], "0")
	if b.extensions += len(line) - max(1, len(significant)); b.extensions > b.conn.limits.Extensions {
		return 0, errLongExtensions
	}
	return parseSize(significant), nil
}

// parseSize returns the number that hexadecimal digits mean; one that is larger than any
// int64 is as large as the largest.
func parseSize(digits []byte) (size int64) {
	for _, c := range digits {
		if size > math.MaxInt64>>4 {
			return math.MaxInt64
		}
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c&^0x20 - 'A' + 10
		}
		size = size<<4 | int64(c)
	}
	return size
}

// areExtensions says whether s is chunk extensions, or empty (RFC 9112, section 7.1.1; HCHK-3, HCHK-4).
// Nothing is done with them.
func areExtensions(s []byte) bool {
	for len(s) > 0 {
		var found bool
		if s, found = after(s, ';'); !found {
			return false
		}
		if s, found = cutToken(s); !found {
			return false
		}
		value, found := after(s, '=')
		if !found {
			continue
		}
		if s, found = cutToken(value); found {
			continue
		}
		if s, found = cutQuoted(value); !found {
			return false
		}
	}
	return true
}

// after returns what is behind the octet, the white space around it left out.
func after(s []byte, octet byte) (rest []byte, found bool) {
	trimmed := bytes.TrimLeft(s, " \t")
	if len(trimmed) == 0 || trimmed[0] != octet {
		return s, false
	}
	return bytes.TrimLeft(trimmed[1:], " \t"), true
}

// cutToken returns what is behind a token.
func cutToken(s []byte) (rest []byte, found bool) {
	n := 0
	for n < len(s) && classes[s[n]]&tokenOctet != 0 {
		n++
	}
	return s[n:], n > 0
}

// cutQuoted returns what is behind a quoted string (RFC 9110, section 5.6.4).
func cutQuoted(s []byte) (rest []byte, found bool) {
	if len(s) == 0 || s[0] != '"' {
		return s, false
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && classes[s[i+1]]&valueOctet != 0:
			i++
		case classes[s[i]]&quotedOctet == 0:
			return s, false
		}
	}
	return s, false
}
