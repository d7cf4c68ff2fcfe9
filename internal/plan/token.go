package plan

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is a word, a string in quotes, or a call such as text(40, 7).
type token struct {
	text   string // of a string, what it stands for
	quoted bool
}

// tokens divides a line; what follows # is left out.
func tokens(line string) (all []token, err error) {
	if !utf8.ValidString(line) {
		return nil, fmt.Errorf("the line holds bytes that are no UTF-8: this is no plan, or a damaged one")
	}
	for {
		line = strings.TrimLeft(line, " \t")
		switch {
		case line == "" || line[0] == '#':
			return all, nil
		case line[0] == '"':
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf(`a string has no end, or an escape that is none of \n \r \t \" \\ \xNN \uNNNN`)
			}
			text, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("a string cannot be read: %v", err)
			}
			all, line = append(all, token{text, true}), line[len(quoted):]
		default:
			n := strings.IndexAny(line, " \t#\"")
			if open := strings.IndexByte(line, '('); open >= 0 && (n < 0 || open < n) {
				if n = strings.IndexByte(line, ')') + 1; n == 0 {
					return nil, fmt.Errorf("a ( has no )")
				}
			}
			if n < 0 {
				n = len(line)
			}
			if strings.ContainsFunc(line[:n], unicode.IsControl) {
				return nil, fmt.Errorf("the line holds a control character outside of a string: this is no plan, or a damaged one")
			}
			all, line = append(all, token{text: line[:n]}), line[n:]
		}
	}
}

// piece is the piece that the token stands for.
func (t token) piece() (p Piece, err error) {
	if t.quoted {
		return Text(t.text), nil
	}
	name, rest, ok := strings.Cut(t.text, "(")
	args, closed := strings.CutSuffix(rest, ")")
	size, seed, two := strings.Cut(args, ",")
	if !ok || !closed || !two || name != "text" && name != "bytes" {
		return p, fmt.Errorf("a request is made of strings in quotes, text(SIZE, SEED) and bytes(SIZE, SEED), not of %s", quote([]byte(clip(t.text))))
	}
	p.Binary = name == "bytes"
	if p.Size, err = strconv.Atoi(strings.TrimSpace(size)); err != nil || p.Size < 1 || p.Size > MaxBytes {
		return p, fmt.Errorf("the size of %s must be from 1 to %d", name, MaxBytes)
	}
	if p.Seed, err = strconv.ParseUint(strings.TrimSpace(seed), 10, 64); err != nil {
		return p, fmt.Errorf("the seed of %s must be a number", name)
	}
	return p, nil
}
