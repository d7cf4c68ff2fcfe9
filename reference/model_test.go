package reference_test

import (
	"errors"
	"fmt"
	"strings"
)

// The model is the contract's section 1 over the whole input at once: slices and
// loops, and nothing of the implementation.
type model struct {
	in     string // what is left of the input
	unsent string
	sent   string
}

var (
	errModelEnd  = errors.New("end of stream")
	errModelText = errors.New("not UTF-8")
	errModelFail = errors.New("the handler fails")
)

func (m *model) takeBytes(n int) string {
	taken := m.in[:min(n, len(m.in))]
	m.in = m.in[len(taken):]
	return taken
}

func (m *model) read(n int) (string, error) {
	if n > 0 && m.in == "" {
		return "", errModelEnd
	}
	return modelDecode(m.takeBytes(n))
}

func (m *model) readline(limit int) (string, error) {
	if limit > 0 && m.in == "" {
		return "", errModelEnd
	}
	n := 0
	for n < limit && n < len(m.in) {
		n++
		if m.in[n-1] == '\n' {
			break
		}
	}
	line := m.takeBytes(n)
	for line != "" && modelSpace(line[0]) {
		line = line[1:]
	}
	for line != "" && modelSpace(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return modelDecode(line)
}

func (m *model) send() {
	m.sent += m.unsent
	m.unsent = ""
}

func modelSpace(b byte) bool {
	return b == 0x20 || 0x09 <= b && b <= 0x0d
}

// modelDecode is RFC 3629, section 4, as its grammar has it.
func modelDecode(msg string) (string, error) {
	tail := func(b byte) bool { return 0x80 <= b && b <= 0xbf }
	for rest := msg; rest != ""; {
		b := rest[0]
		at := func(i int) byte {
			if i < len(rest) {
				return rest[i]
			}
			return 0
		}
		size := 0
		switch {
		case b <= 0x7f:
			size = 1
		case 0xc2 <= b && b <= 0xdf && tail(at(1)):
			size = 2
		case b == 0xe0 && 0xa0 <= at(1) && at(1) <= 0xbf && tail(at(2)),
			0xe1 <= b && b <= 0xec && tail(at(1)) && tail(at(2)),
			b == 0xed && 0x80 <= at(1) && at(1) <= 0x9f && tail(at(2)),
			0xee <= b && b <= 0xef && tail(at(1)) && tail(at(2)):
			size = 3
		case b == 0xf0 && 0x90 <= at(1) && at(1) <= 0xbf && tail(at(2)) && tail(at(3)),
			0xf1 <= b && b <= 0xf3 && tail(at(1)) && tail(at(2)) && tail(at(3)),
			b == 0xf4 && 0x80 <= at(1) && at(1) <= 0x8f && tail(at(2)) && tail(at(3)):
			size = 4
		default:
			return "", errModelText
		}
		rest = rest[size:]
	}
	return msg, nil
}

// line is the dialect line.
func (m *model) line() error {
	for {
		t, err := m.readline(65536)
		if err == errModelEnd || err == nil && t == "" {
			return nil
		}
		if err != nil {
			return err
		}
		m.sent += t + "\n"
	}
}

// script is the dialect script.
func (m *model) script() error {
	sendAtEnd := false
	for {
		command, err := m.readline(65536)
		if err == errModelText {
			return err
		}
		var n int
		word, rest, _ := strings.Cut(command, " ")
		switch {
		case command == "":
			if sendAtEnd {
				m.send()
			}
			return nil
		case command == "CLOSE":
			return nil
		case command == "SEND":
			m.send()
		case command == "ATEND":
			sendAtEnd = true
		case command == "READLINE":
			err = m.netstring(m.readline(65536))
		case word == "WRITE":
			m.unsent += rest
		case word == "BYTES":
			err = m.hex(rest)
		case modelNumber(command, "READ ", &n):
			err = m.netstring(m.read(n))
		case modelNumber(command, "READLINE ", &n):
			err = m.netstring(m.readline(n))
		default:
			err = errModelFail
		}
		if err != nil && err != errModelEnd {
			return err
		}
	}
}

func (m *model) netstring(text string, err error) error {
	if err == errModelText {
		return err
	}
	m.unsent += fmt.Sprintf("%d:%s,", len(text), text)
	return nil
}

// hex knows pairs of lower-case digits without space between them.
func (m *model) hex(digits string) error {
	for ; digits != ""; digits = digits[2:] {
		var b byte
		if len(digits) < 2 {
			return errModelFail
		}
		if _, err := fmt.Sscanf(digits[:2], "%02x", &b); err != nil {
			return errModelFail
		}
		m.unsent += string([]byte{b})
	}
	return nil
}

// modelNumber says whether command is the prefix and a number of bytes.
func modelNumber(command, prefix string, n *int) bool {
	digits, ok := strings.CutPrefix(command, prefix)
	if !ok || digits == "" || len(digits) > 12 {
		return false
	}
	*n = 0
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' {
			return false
		}
		*n = *n*10 + int(d-'0')
	}
	return *n <= 1<<24
}
