package observed

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
)

// A token is a piece of an answer that is compared as one.
type token struct {
	kind tokenKind
	text []byte
	mask *Mask  // what takes it, of isMask
	name string // of isConn
}

type tokenKind int

const (
	isOther  tokenKind = iota // bytes that are neither digits nor letters
	isNumber                  // digits
	isWord                    // digits and letters
	isConn                    // what a name means, such as the connection's
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
func datePatterns(exprs ...string) []*Mask {
	var all []*Mask
	for _, e := range exprs {
		all = append(all, newMask("date", e))
	}
	return all
}

// A span is where a token stands.
type span struct {
	from, to int
	token
}

// A scanner cuts an answer into tokens, one after another: of a long answer they are more than need be held.
type scanner struct {
	answer []byte
	spans  []span // what is masked, and the connection's names, in their order
	at     int
}

// scan returns a scanner before the first token.
func scan(s Sample, masks []Mask) *scanner { return &scanner{answer: s.Answer, spans: s.masked(masks)} }

// ended says whether there is no token left.
func (sc *scanner) ended() bool { return sc.at == len(sc.answer) }

// next returns the next token. There is one.
func (sc *scanner) next() token {
	rest := sc.answer[sc.at:]
	if len(sc.spans) > 0 {
		if p := sc.spans[0]; p.from == sc.at {
			sc.spans, sc.at = sc.spans[1:], p.to
			p.text = sc.answer[p.from:p.to]
			return p.token
		}
		rest = sc.answer[sc.at:sc.spans[0].from]
	}
	kind, n := isOther, 0
	if alphanumeric[rest[0]] {
		kind = isNumber
	}
	for ; n < len(rest) && alphanumeric[rest[n]] == (kind != isOther); n++ {
		if kind == isNumber && rest[n] > '9' {
			kind = isWord
		}
	}
	sc.at += n
	return token{kind: kind, text: rest[:n]}
}

// count returns how many tokens a sample has.
func count(s Sample, masks []Mask) int {
	n := 0
	for sc := scan(s, masks); !sc.ended(); sc.next() {
		n++
	}
	return n
}

// leastNamed is how many bytes what a name means has at the least to be looked for in answers.
const leastNamed = 4

// masked returns what is masked in the answer, and where the connection's name stands. The first counts, and of those that begin
// together the one that is looked for first.
func (s Sample) masked(masks []Mask) []span {
	if s.seen != nil && s.seen.spans != nil {
		return s.seen.spans
	}
	spans := []span{}
	names := s.Names()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		value := names[name]
		if len(value) < leastNamed {
			continue // it stands in an answer by chance
		}
		for at := 0; ; {
			i := bytes.Index(s.Answer[at:], []byte(value))
			if i < 0 {
				break
			}
			spans = append(spans, span{at + i, at + i + len(value), token{kind: isConn, name: name}})
			at += i + len(value)
		}
	}
	for i := range masks {
		for _, at := range masks[i].find(s.Answer) {
			spans = append(spans, span{at[0], at[1], token{kind: isMask, mask: &masks[i]}})
		}
	}
	spans = append(spans, datesIn(s.Answer)...)
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	at := 0
	spans = slices.DeleteFunc(spans, func(p span) bool {
		if p.from < at {
			return true
		}
		at = p.to
		return false
	})
	if s.seen != nil {
		s.seen.spans = spans
	}
	return spans
}

// alphanumeric are the digits and letters of ASCII.
var alphanumeric = func() (is [256]bool) {
	for _, r := range "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		is[r] = true
	}
	return is
}()

// datesIn returns where dates stand, each way of writing them by itself. Whatever the way, a date has a time of the day in it: an
// expression is tried beside such alone, and not at every byte.
func datesIn(b []byte) []span {
	const before = len("Mon, 29 Nov 2026 ") // the most that a date has before its time
	const zone = len(" +0000 2026, more")   // and behind its seconds
	var spans []span
	ends := make([]int, len(dates)) // of the last date of each way
	for colon := 0; ; colon++ {
		i := bytes.IndexByte(b[colon:], ':')
		if i < 0 {
			return spans
		}
		colon += i
		if !isTime(b, colon-2) {
			continue
		}
		behind := colon + len(":00:00")
		if behind < len(b) && (b[behind] == '.' || b[behind] == ',') {
			for behind++; behind < len(b) && '0' <= b[behind] && b[behind] <= '9'; behind++ {
			}
		}
		for k, m := range dates {
			from := max(ends[k], colon-2-before, 0)
			if from > colon {
				continue
			}
			at := m.found.FindIndex(b[from:min(len(b), behind+zone)])
			if at != nil && from+at[0] < colon { // else it is one with a later time, of which this may not be the whole
				spans = append(spans, span{from + at[0], from + at[1], token{kind: isMask, mask: m}})
				ends[k] = from + at[1]
			}
		}
	}
}

// isTime says whether there is a time of the day at an offset, such as 23:59:59.
func isTime(b []byte, at int) bool {
	if at < 0 || at+len("23:59:59") > len(b) {
		return false
	}
	for i, v := range b[at : at+len("23:59:59")] {
		if i%3 == 2 && v != ':' || i%3 != 2 && (v < '0' || v > '9') {
			return false
		}
	}
	return true
}
