package exchange

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"unicode/utf8"
)

// A token is a piece of an answer that is compared as one.
type token struct {
	kind tokenKind
	text []byte
	mask *Mask // what takes it, of isMask
}

type tokenKind int

const (
	isOther  tokenKind = iota // bytes that are neither digits nor letters
	isNumber                  // digits
	isWord                    // digits and letters
	isConn                    // the connection's name
	isMask                    // what a mask takes, or a date
)

// wordy says whether tokens of the kind may be a counter or an id.
func (k tokenKind) wordy() bool { return k == isNumber || k == isWord }

// dates are the ways in which servers write when it is.
var dates = datePatterns(
	`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [ 0-3]?[0-9] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}(?: (?:GMT|UTC|[+-][0-9]{4}))?`, // RFC 5322, RFC 9110
	`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}(?: [A-Z]{3,4})? [0-9]{4}`,                 // ctime, date
	`[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?`,                                                                // RFC 3339
	`[ 0-3][0-9][-/](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[-/][0-9]{4}[: ][0-9]{2}:[0-9]{2}:[0-9]{2}(?: [+-][0-9]{4})?`,                                      // IMAP, logs
)

// datePatterns are masks for these expressions.
func datePatterns(exprs ...string) []Mask {
	var all []Mask
	for _, e := range exprs {
		all = append(all, *newMask("date", e))
	}
	return all
}

// A span is where a token stands.
type span struct {
	from, to int
	token
}

// tokenise cuts an answer into tokens.
func tokenise(s Sample, masks []Mask) []token {
	var spans []span
	if s.Conn != "" {
		for at := 0; ; {
			i := bytes.Index(s.Answer[at:], []byte(s.Conn))
			if i < 0 {
				break
			}
			spans = append(spans, span{at + i, at + i + len(s.Conn), token{kind: isConn}})
			at += i + len(s.Conn)
		}
	}
	all := append(slices.Clone(masks), dates...)
	for i := range all {
		for _, at := range all[i].find(s.Answer) {
			spans = append(spans, span{at[0], at[1], token{kind: isMask, mask: &all[i]}})
		}
	}
	// The first counts, and of those that begin together the one that is looked for first.
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var tokens []token
	at := 0
	for _, p := range spans {
		if p.from < at {
			continue
		}
		tokens = words(tokens, s.Answer[at:p.from])
		p.text = s.Answer[p.from:p.to]
		tokens = append(tokens, p.token)
		at = p.to
	}
	return words(tokens, s.Answer[at:])
}

// words appends the tokens of bytes in which nothing is masked.
func words(tokens []token, b []byte) []token {
	for i := 0; i < len(b); {
		kind, from := isOther, i
		if alphanumeric(b[i]) {
			kind = isNumber
		}
		for ; i < len(b) && alphanumeric(b[i]) == (kind != isOther); i++ {
			if kind == isNumber && (b[i] < '0' || b[i] > '9') {
				kind = isWord
			}
		}
		tokens = append(tokens, token{kind: kind, text: b[from:i]})
	}
	return tokens
}

func alphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// find returns where the mask is found in b, as pairs of offsets. It finds bytes, whatever they are.
func (m *Mask) find(b []byte) [][]int {
	re := regexp.MustCompile(latin1([]byte(m.expr))) // it was compiled before, as a pattern
	if ascii(b) {
		return re.FindAllIndex(b, -1)
	}
	wide := latin1(b)
	found := re.FindAllStringIndex(wide, -1)
	seen, runes := 0, 0 // bytes of wide, and how many characters they are
	for _, at := range found {
		for k, i := range at {
			runes += utf8.RuneCountInString(wide[seen:i])
			seen, at[k] = i, runes
		}
	}
	return found
}

// latin1 turns each byte into the character of the same number.
func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, v := range b {
		runes[i] = rune(v)
	}
	return string(runes)
}

func ascii(b []byte) bool {
	return !slices.ContainsFunc(b, func(v byte) bool { return v >= utf8.RuneSelf })
}
