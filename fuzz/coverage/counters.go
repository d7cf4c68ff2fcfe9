package coverage

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// The bounds of counter data. What is beyond them is refused.
const (
	MaxData  = 64 << 20 // bytes of one piece of counter data
	MaxEdges = 4 << 20  // counters in it that are not 0
)

// Counter data is a header, and segments, each behind it a footer:
//
//	header   magic, version uint32, hash of the build [16]byte, flavour byte, big-endian byte, 6 bytes of padding
//	segment  functions uint64, length of strings uint32, length of arguments uint32, strings, arguments,
//	         padding to a multiple of 4 bytes, functions
//	function number of counters, package, function, counters
//	footer   magic, 4 bytes of padding, number of segments so far uint32, 4 bytes of padding
//
// The numbers of a function are ULEB128 or uint32, as the flavour says. All others are little-endian.
const (
	magic       = "\x00cwm"
	version     = 1
	headerSize  = 32
	segmentSize = 16
	footerSize  = 16

	flavourRaw  = 1
	flavourULEB = 2
)

// errShort says that the data ends too early.
var errShort = errors.New("the counter data is cut off")

// A build is the hash of what a program counts, the same for every run of it.
type build [16]byte

// A count is how often a place was reached.
type count struct {
	place Edge
	n     uint32
}

// Parse reads counter data, as [runtime/coverage.WriteCounters] writes it and as it is in the files of GOCOVERDIR. The
// edges ascend, and no place is in two of them. Whatever the data is, it ends in edges or in an error.
func Parse(data []byte) ([]Edge, error) {
	_, edges, err := parse(data)
	return edges, err
}

func parse(data []byte) (build, []Edge, error) {
	var of build
	if len(data) > MaxData {
		return of, nil, fmt.Errorf("the counter data has %d bytes, and %d is the most", len(data), MaxData)
	}
	p := parser{rest: data}
	header, err := p.take(headerSize)
	switch {
	case len(data) >= len(magic) && string(data[:len(magic)]) != magic:
		return of, nil, fmt.Errorf("this is no counter data of a Go program: it begins with % x", data[:len(magic)])
	case err != nil:
		return of, nil, err
	}
	if v := binary.LittleEndian.Uint32(header[4:]); v != version {
		return of, nil, fmt.Errorf("the counter data is of version %d, and this reads version %d", v, version)
	}
	copy(of[:], header[8:])
	flavour, big := header[24], header[25]
	if flavour != flavourRaw && flavour != flavourULEB || big > 1 {
		return of, nil, fmt.Errorf("the counter data is of the unknown flavour %d, %d", flavour, big)
	}
	p.raw, p.big = flavour == flavourRaw, big == 1
	for segments := uint32(1); ; segments++ {
		if err := p.segment(); err != nil {
			return of, nil, fmt.Errorf("segment %d, at byte %d: %w", segments, len(data)-len(p.rest), err)
		}
		if err := p.footer(segments); err != nil {
			return of, nil, err
		}
		if len(p.rest) == 0 {
			return of, edges(p.counts), nil
		}
	}
}

// edges makes edges of counts, those of one place together.
func edges(counts []count) []Edge {
	ascending := func(a, b count) int { return cmp.Compare(a.place, b.place) }
	if !slices.IsSortedFunc(counts, ascending) {
		slices.SortFunc(counts, ascending)
	}
	all := make([]Edge, 0, len(counts))
	for i := 0; i < len(counts); {
		c := counts[i]
		for i++; i < len(counts) && counts[i].place == c.place; i++ {
			c.n += min(counts[i].n, math.MaxUint32-c.n)
		}
		all = append(all, c.place|bucket(c.n))
	}
	return all
}

// parser reads counter data from the front.
type parser struct {
	rest     []byte
	raw, big bool
	counts   []count
}

// take returns the next n bytes.
func (p *parser) take(n int) ([]byte, error) {
	if n > len(p.rest) {
		return nil, errShort
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b, nil
}

func (p *parser) segment() error {
	head, err := p.take(segmentSize)
	if err != nil {
		return err
	}
	functions := binary.LittleEndian.Uint64(head)
	preamble := uint64(binary.LittleEndian.Uint32(head[8:])) + uint64(binary.LittleEndian.Uint32(head[12:]))
	preamble = (preamble + 3) &^ 3
	if preamble > uint64(len(p.rest)) {
		return errShort
	}
	p.rest = p.rest[preamble:]
	if most := uint64(len(p.rest) / (3 * p.numberSize())); functions > most {
		return fmt.Errorf("%d functions are announced, and there is room for %d", functions, most)
	}
	for range functions {
		if err := p.function(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) function() error {
	var head [3]uint32
	for i := range head {
		n, err := p.number()
		if err != nil {
			return err
		}
		head[i] = n
	}
	counters, pkg, function := head[0], head[1], head[2]
	if most := len(p.rest) / p.numberSize(); int64(counters) > int64(most) {
		return fmt.Errorf("a function of %d counters is announced, and there is room for %d", counters, most)
	}
	if pkg >= 1<<packageBits || function >= 1<<functionBits || counters > 1<<counterBits {
		return fmt.Errorf("package %d, function %d, with %d counters: no program is so large", pkg, function, counters)
	}
	for i := range counters {
		n, err := p.number()
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if len(p.counts) == MaxEdges {
			return fmt.Errorf("more than %d counters", MaxEdges)
		}
		p.counts = append(p.counts, count{place(pkg, function, i), n})
	}
	return nil
}

// numberSize is how many bytes a number of a function has at the least.
func (p *parser) numberSize() int {
	if p.raw {
		return 4
	}
	return 1
}

// number reads a number of a function.
func (p *parser) number() (uint32, error) {
	if p.raw {
		b, err := p.take(4)
		switch {
		case err != nil:
			return 0, err
		case p.big:
			return binary.BigEndian.Uint32(b), nil
		}
		return binary.LittleEndian.Uint32(b), nil
	}
	// ULEB128 is what the varints of encoding/binary are.
	n, size := binary.Uvarint(p.rest[:min(len(p.rest), binary.MaxVarintLen32)])
	switch {
	case size > 0 && n <= math.MaxUint32:
		p.rest = p.rest[size:]
		return uint32(n), nil
	case len(p.rest) < binary.MaxVarintLen32 && size == 0:
		return 0, errShort
	}
	return 0, errors.New("a number has more than 32 bits")
}

func (p *parser) footer(segments uint32) error {
	b, err := p.take(footerSize)
	switch {
	case err != nil:
		return err
	case string(b[:len(magic)]) != magic:
		return fmt.Errorf("the counter data is damaged: segment %d has no footer", segments)
	}
	if n := binary.LittleEndian.Uint32(b[8:]); n != segments {
		return fmt.Errorf("the counter data is damaged: the footer of segment %d says %d", segments, n)
	}
	return nil
}
