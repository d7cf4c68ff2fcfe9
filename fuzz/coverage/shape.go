package coverage

import (
	"hash/fnv"
	"math/bits"
	"slices"
)

// shapeBound is how many bytes of an answer have a part in its shape.
const shapeBound = 64 << 10

// The kinds of features, and how many of the first bytes one of them looks at.
const (
	featureLength = iota
	featureEnding
	featureClass
	featureTriple
	featureHead

	headLength = 4
)

// The classes of bytes.
const (
	classControl = iota
	classLF
	classCR
	classSpace
	classDigit
	classLetter
	classPunctuation
	classHigh

	classBits = 3
	classes   = 1 << classBits
)

var classOf = func() (of [256]uint8) {
	for b := range of {
		switch c := byte(b); {
		case c == '\n':
			of[b] = classLF
		case c == '\r':
			of[b] = classCR
		case c == ' ' || c == '\t':
			of[b] = classSpace
		case '0' <= c && c <= '9':
			of[b] = classDigit
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			of[b] = classLetter
		case c >= 0x80:
			of[b] = classHigh
		case '!' <= c && c <= '~':
			of[b] = classPunctuation
		}
	}
	return of
}()

// feature is the edge of a feature.
func feature(kind int, value uint64, bucket Edge) Edge {
	const valueBits = 53
	return featureFlag | Edge(kind)<<(valueBits+bucketBits) | Edge(value&(1<<valueBits-1))<<bucketBits | bucket
}

// Shape returns features of an answer and of how its stream ended, such as "fin" or "reset", as edges that belong into the
// same [Map] as those of code, and are never the same as one of them. They are few, so that what a server only repeats
// from the request is soon no news: the length, by powers of two; the ending; how many bytes of each class there are
// (digits, letters, spaces, CR, LF, punctuation, bytes of 0x80 and above, control bytes), in the buckets of counts; which
// classes follow each other by threes; and those of the first four bytes. They ascend.
func Shape(answer []byte, ending string) []Edge {
	h := fnv.New64a()
	_, _ = h.Write([]byte(ending))
	all := []Edge{
		feature(featureLength, uint64(bits.Len(uint(len(answer)))), 0),
		feature(featureEnding, h.Sum64()>>11, 0),
	}
	answer = answer[:min(len(answer), shapeBound)]
	var counts [classes]uint32
	var triples [classes * classes * classes]bool
	last := 0 // the classes of three bytes
	for i, b := range answer {
		class := int(classOf[b])
		counts[class]++
		last = (last<<classBits | class) & (len(triples) - 1)
		if i >= 2 {
			triples[last] = true
		}
	}
	for class, n := range counts {
		if n > 0 {
			all = append(all, feature(featureClass, uint64(class), bucket(n)))
		}
	}
	for triple, there := range triples {
		if there {
			all = append(all, feature(featureTriple, uint64(triple), 0))
		}
	}
	head := uint64(1) // so that a short head is none of a longer one
	for _, b := range answer[:min(len(answer), headLength)] {
		head = head<<classBits | uint64(classOf[b])
	}
	all = append(all, feature(featureHead, head, 0))
	slices.Sort(all)
	return all
}
