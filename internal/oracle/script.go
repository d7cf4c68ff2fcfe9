package oracle

import (
	"fmt"
	"io"
	"strings"
)

// Script does one command a line.
func Script(in Input) Session {
	p := player{in: in}
	for p.state == Waiting {
		rest := p.in
		if !p.command() {
			p.in = rest // a command that has come without all that it reads has not begun
			break
		}
	}
	return Session{Sent: p.sent, Unsent: p.unsent, Left: p.in.Left, State: p.state}
}

// A player is a session of script.
type player struct {
	in           Input
	sent, unsent string
	atEnd        bool // ATEND was given
	state        State
}

// command does the next command. It returns false where more must come first.
func (p *player) command() bool {
	line, err := p.in.ReadLine(LineLimit)
	word, argument, _ := strings.Cut(line, " ")
	switch {
	case err == ErrWait:
		return false
	case err == io.EOF, err == nil && line == "":
		if p.atEnd {
			p.send()
		}
		p.state = Over
	case err != nil:
		p.state = Failed
	case line == "SEND":
		p.send()
	case line == "ATEND":
		p.atEnd = true
	case line == "CLOSE":
		p.state = Over
	case word == "WRITE":
		p.unsent += argument
	case word == "BYTES":
		content, ok := unhex(argument)
		if !ok {
			p.state = Failed
			break
		}
		p.unsent += content
	case line == "READLINE":
		return p.netstring(p.in.ReadLine(LineLimit))
	case word == "READLINE" || word == "READ":
		limit, ok := number(argument)
		if !ok {
			p.state = Failed
			break
		}
		if word == "READ" {
			return p.netstring(p.in.Read(limit))
		}
		return p.netstring(p.in.ReadLine(limit))
	default:
		p.state = Failed
	}
	return true
}

func (p *player) send() {
	p.sent += p.unsent
	p.unsent = ""
}

// netstring writes what was read; the end of the stream reads as nothing.
func (p *player) netstring(text string, err error) bool {
	switch err {
	case ErrWait:
		return false
	case nil, io.EOF:
		p.unsent += fmt.Sprintf("%d:%s,", len(text), text)
	default:
		p.state = Failed
	}
	return true
}

// number is a number of bytes in decimal digits, at most ReadLimit.
func number(digits string) (n int, ok bool) {
	if digits == "" {
		return 0, false
	}
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' {
			return 0, false
		}
		if n = 10*n + int(d-'0'); n > ReadLimit {
			return 0, false
		}
	}
	return n, true
}

// unhex is the bytes of pairs of hexadecimal digits; ASCII white space may stand
// between two pairs, as in the bytes.fromhex that the contract names.
func unhex(digits string) (content string, ok bool) {
	for digits != "" {
		if isSpace(digits[0]) {
			digits = digits[1:]
			continue
		}
		if len(digits) < 2 {
			return "", false
		}
		high, low := digit(digits[0]), digit(digits[1])
		if high < 0 || low < 0 {
			return "", false
		}
		content += string([]byte{byte(high<<4 | low)})
		digits = digits[2:]
	}
	return content, true
}

// digit is the value of a hexadecimal digit, and -1 for any other byte.
func digit(b byte) int {
	return strings.IndexByte("0123456789abcdef", lower(b))
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'F' {
		return b + 'a' - 'A'
	}
	return b
}
