package pair

import (
	"bytes"
	"strconv"
	"strings"
)

// split divides what came at once into requests that are whole by RFC 9112, 6.3. What is not formed so is left together: where it ends is
// another's question.
func split(b []byte) (requests [][]byte) {
	for rest := b; len(rest) > 0; {
		n := length(rest)
		if n <= 0 || n > len(rest) {
			return append(requests, rest)
		}
		requests, rest = append(requests, rest[:n]), rest[n:]
	}
	return requests
}

// length is how many bytes a request has that b begins with; 0 where that cannot be told by the plainest of forms.
func length(b []byte) int {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return 0
	}
	coding, size, said := "", 0, false
	lines := strings.Split(string(head), "\r\n")
	for _, line := range lines[1:] {
		name, value, colon := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		switch {
		case !colon || name != strings.TrimSpace(name):
			return 0
		case strings.EqualFold(name, "Transfer-Encoding") && coding == "":
			coding = value
		case strings.EqualFold(name, "Content-Length") && !said:
			n, err := strconv.ParseUint(value, 10, 31)
			if err != nil {
				return 0
			}
			size, said = int(n), true
		case strings.EqualFold(name, "Transfer-Encoding"), strings.EqualFold(name, "Content-Length"):
			return 0
		}
	}
	before := len(head) + 4
	switch {
	case coding != "" && (said || !strings.EqualFold(coding, "chunked")):
		return 0
	case coding != "":
		n := chunks(body)
		if n == 0 {
			return 0
		}
		return before + n
	}
	return before + size
}

// chunks is how many bytes a body in chunks has that b begins with, without trailers; 0 where it is not whole or not formed so.
func chunks(b []byte) int {
	at := 0
	for {
		line, _, ok := bytes.Cut(b[at:], []byte("\r\n"))
		if !ok {
			return 0
		}
		digits, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(digits, 16, 31)
		if err != nil {
			return 0
		}
		at += len(line) + 2 + int(n)
		if len(b) < at+2 || string(b[at:at+2]) != "\r\n" {
			return 0
		}
		if at += 2; n == 0 {
			return at
		}
	}
}
