package server

import "strings"

// IsToken says whether s is a token (RFC 9110, section 5.6.2).
func IsToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(b byte) bool {
	return isLetter(b) || IsDigit(b) || strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }

func IsDigit(b byte) bool { return '0' <= b && b <= '9' }

func isControl(b byte) bool { return b < ' ' && b != '\t' || b == 0x7f }

// AreDigits says whether s is decimal digits, at least one.
func AreDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// HexDigit returns the value of a hexadecimal digit, -1 for what is none.
func HexDigit(b byte) int {
	switch {
	case IsDigit(b):
		return int(b - '0')
	case 'a' <= b && b <= 'f':
		return int(b-'a') + 10
	case 'A' <= b && b <= 'F':
		return int(b-'A') + 10
	}
	return -1
}

func IsBlank(b byte) bool { return b == ' ' || b == '\t' }

func Trim(s string) string { return strings.Trim(s, " \t") }

// anyBlanks are what some languages call white space.
const AnyBlanks = " \t\v\f\r\n\x00\u00a0"

// Fold puts the ASCII letters of s, and those alone, in lower case.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// Members returns the elements of the lists in values (RFC 9110, section 5.6.1); empty ones are left out.
func Members(values []string) (all []string) {
	for _, value := range values {
		for member := range strings.SplitSeq(value, ",") {
			if member = Trim(member); member != "" {
				all = append(all, member)
			}
		}
	}
	return all
}

// HasMember says whether one of the elements is the one in lower case, in whatever letters.
func HasMember(values []string, lower string) bool {
	for _, member := range Members(values) {
		if Fold(member) == lower {
			return true
		}
	}
	return false
}

// AreExtensions says whether s is chunk extensions, or empty (RFC 9112, section 7.1.1).
func AreExtensions(s string) bool {
	for s != "" {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] != ';' {
			return false
		}
		var name string
		if name, s = cutToken(strings.TrimLeft(s[1:], " \t")); name == "" {
			return false
		}
		rest := strings.TrimLeft(s, " \t")
		if rest == "" || rest[0] != '=' {
			continue
		}
		rest = strings.TrimLeft(rest[1:], " \t")
		if name, s = cutToken(rest); name != "" {
			continue
		}
		end := endOfQuoted(rest)
		if end < 0 {
			return false
		}
		s = rest[end:]
	}
	return true
}

func cutToken(s string) (token, rest string) {
	n := 0
	for n < len(s) && isTokenByte(s[n]) {
		n++
	}
	return s[:n], s[n:]
}

// endOfQuoted returns where the quoted string ends that s begins with, -1 where it does not.
func endOfQuoted(s string) int {
	if s == "" || s[0] != '"' {
		return -1
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return i + 1
		case s[i] == '\\' && i+1 < len(s) && !isControl(s[i+1]):
			i++
		case isControl(s[i]) || s[i] == '\\':
			return -1
		}
	}
	return -1
}
