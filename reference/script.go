package reference

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// scriptReadMax is the largest n of the command READ, and the largest limit of
// READLINE.
const scriptReadMax = 16 << 20

// script runs one command a line, until an empty line, the end of the stream or
// CLOSE.
func script(s Stream) error {
	session := scriptSession{stream: s}
	for !session.closed {
		command, err := atEnd(s.ReadLine())
		if err != nil {
			return err
		}
		if command == "" {
			return session.end()
		}
		if err := session.run(command); err != nil {
			return err
		}
	}
	return nil
}

// A scriptSession is what a session of script remembers between two commands.
type scriptSession struct {
	stream    Stream
	sendAtEnd bool // ATEND was given
	closed    bool // CLOSE was given
}

// run runs one command. WRITE and BYTES with nothing after them write nothing.
func (session *scriptSession) run(command string) error {
	s := session.stream
	name, argument, given := strings.Cut(command, " ")
	switch {
	case name == "READ" && given:
		n, err := parseLimit(argument)
		if err != nil {
			return err
		}
		return session.writeNetstring(atEnd(s.Read(n)))
	case command == "READLINE":
		return session.writeNetstring(atEnd(s.ReadLine()))
	case name == "READLINE":
		limit, err := parseLimit(argument)
		if err != nil {
			return err
		}
		return session.writeNetstring(atEnd(s.ReadLineLimit(limit)))
	case name == "WRITE":
		s.WriteContent(argument)
		return nil
	case name == "BYTES":
		content, err := parseHex(argument)
		s.WriteBytes(content)
		return err
	case command == "SEND":
		return s.Send()
	case command == "ATEND":
		session.sendAtEnd = true
		return nil
	case command == "CLOSE":
		session.closed = true
		return s.Close()
	}
	return fmt.Errorf("reference: unknown command %.40q", command)
}

// end ends the session at an empty line or at the end of the stream.
func (session *scriptSession) end() error {
	if session.sendAtEnd {
		return session.stream.Send()
	}
	return nil
}

// atEnd takes the end of the stream for an empty text, as the contract's read
// and readline do.
func atEnd(text string, err error) (string, error) {
	if err == io.EOF {
		return "", nil
	}
	return text, err
}

// writeNetstring writes a text that was read.
func (session *scriptSession) writeNetstring(text string, err error) error {
	if err != nil {
		return err
	}
	s := session.stream
	s.WriteContent(strconv.Itoa(len(text)) + ":")
	s.WriteContent(text)
	s.WriteContent(",")
	return nil
}

// parseLimit parses a number of bytes: decimal digits, at most scriptReadMax.
func parseLimit(argument string) (int, error) {
	n, err := strconv.ParseUint(argument, 10, 32)
	if err != nil || n > scriptReadMax {
		return 0, fmt.Errorf("reference: not a number of bytes: %.40q", argument)
	}
	return int(n), nil
}

// parseHex parses pairs of hexadecimal digits; white space may stand between two
// pairs.
func parseHex(argument string) ([]byte, error) {
	var content []byte
	for pairs := range strings.FieldsFuncSeq(argument, isASCIISpace) {
		var err error
		if content, err = hex.AppendDecode(content, []byte(pairs)); err != nil {
			return nil, fmt.Errorf("reference: not hexadecimal: %.40q", argument)
		}
	}
	return content, nil
}

func isASCIISpace(r rune) bool {
	return strings.ContainsRune(asciiSpace, r)
}
