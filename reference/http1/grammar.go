package http1

import "strings"

// A class is a set of octets, as a bit.
type class uint8

const (
	tokenOctet  class = 1 << iota // tchar (RFC 9110, section 5.6.2)
	valueOctet                    // field-vchar, SP and HTAB (section 5.5)
	targetOctet                   // pchar, "/" and "?", without "%" (RFC 3986, sections 3.3 and 3.4)
	hostOctet                     // unreserved and sub-delims (section 3.2.2)
	quotedOctet                   // qdtext (RFC 9110, section 5.6.4)
	digitOctet
	hexOctet
)

const (
	alpha     = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"
	subDelims = "!$&'()*+,;="
)

// classes has the classes of each octet.
var classes = func() (table [256]class) {
	put := func(octets string, c class) {
		for i := range len(octets) {
			table[octets[i]] |= c
		}
	}
	put(alpha+digits+"!#$%&'*+-.^_`|~", tokenOctet)
	put(alpha+digits+"-._~"+subDelims, hostOctet)
	put(alpha+digits+"-._~"+subDelims+":@/?", targetOctet)
	put(digits, digitOctet)
	put(digits+"ABCDEFabcdef", hexOctet)
	for i := range table {
		if i == '\t' || i >= ' ' && i != 0x7f {
			table[i] |= valueOctet
			if i != '"' && i != '\\' {
				table[i] |= quotedOctet
			}
		}
	}
	return table
}()

// text is what the grammar is asked about.
type text interface{ ~string | ~[]byte }

// all says whether every octet of s is of the class.
func all[T text](s T, c class) bool {
	for i := range len(s) {
		if classes[s[i]]&c == 0 {
			return false
		}
	}
	return true
}

// isToken says whether s is a token (RFC 9110, section 5.6.2).
func isToken[T text](s T) bool {
	return len(s) > 0 && all(s, tokenOctet)
}

// isEncoded says whether every octet of s is of the class, or begins a
// percent-encoded one (RFC 3986, section 2.1).
func isEncoded(s string, c class) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case classes[s[i]]&c != 0:
		case s[i] == '%' && i+2 < len(s) && all(s[i+1:i+3], hexOctet):
			i += 2
		default:
			return false
		}
	}
	return true
}

// isBlank says whether c is white space within a line (RFC 9110, section 5.6.3, OWS).
func isBlank(c byte) bool {
	return c == ' ' || c == '\t'
}

// trim takes the white space around s away.
func trim(s string) string {
	return strings.Trim(s, " \t")
}

// equalFold says whether s is the token, which is in lower case, without regard to
// the case of ASCII letters, and of those alone.
func equalFold(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
