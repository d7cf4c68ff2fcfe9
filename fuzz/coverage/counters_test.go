package coverage_test

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/fuzz/coverage"
)

// A function is the counters of one function, as counter data has them.
type function struct {
	pkg, id  uint32
	counters []uint32
}

// A flavour is how the numbers of a function are written.
type flavour int

const (
	uleb flavour = iota
	raw
	rawBig
)

func (f flavour) append(b []byte, n uint32) []byte {
	switch f {
	case raw:
		return binary.LittleEndian.AppendUint32(b, n)
	case rawBig:
		return binary.BigEndian.AppendUint32(b, n)
	}
	return binary.AppendUvarint(b, uint64(n))
}

// write makes counter data of segments.
func write(f flavour, hash byte, segments ...[]function) []byte {
	b := append([]byte("\x00cwm\x01\x00\x00\x00"), slices.Repeat([]byte{hash}, 16)...)
	b = append(b, map[flavour][]byte{uleb: {2, 0}, raw: {1, 0}, rawBig: {1, 1}}[f]...)
	b = append(b, make([]byte, 6)...)
	for i, functions := range segments {
		strings, arguments := []byte("\x02\x00\x04argc"), []byte{1, 1, 0, 0, 0}
		b = binary.LittleEndian.AppendUint64(b, uint64(len(functions)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(strings)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(arguments)))
		b = append(append(b, strings...), arguments...)
		for _, fn := range functions {
			for _, n := range append([]uint32{uint32(len(fn.counters)), fn.pkg, fn.id}, fn.counters...) {
				b = f.append(b, n)
			}
		}
		b = append(b, "\x00cwm\x00\x00\x00\x00"...)
		b = binary.LittleEndian.AppendUint32(b, uint32(i+1))
		b = append(b, 0, 0, 0, 0)
	}
	return b
}

// some is a segment with a count of each bucket.
var some = []function{
	{0, 0, []uint32{1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 127, 128, math.MaxUint32}},
	{0, 1, []uint32{0, 0}},
	{3, 70000, []uint32{0, 300}},
}

func TestParse(t *testing.T) {
	for _, f := range []flavour{uleb, raw, rawBig} {
		edges, err := coverage.Parse(write(f, 7, some))
		if err != nil {
			t.Fatal(err)
		}
		var buckets []coverage.Edge
		places := map[coverage.Edge]bool{}
		for _, e := range edges {
			buckets = append(buckets, e-e.Place())
			places[e.Place()] = true
		}
		if want := []coverage.Edge{0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7}; !slices.Equal(buckets, want) || len(places) != len(edges) || !slices.IsSorted(edges) {
			t.Errorf("flavour %d: buckets %v of %d places, want %v", f, buckets, len(places), want)
		}
	}
}

func TestParseAddsSegments(t *testing.T) {
	one, err := coverage.Parse(write(uleb, 7, []function{{1, 2, []uint32{40, 0, math.MaxUint32}}}))
	if err != nil {
		t.Fatal(err)
	}
	two, err := coverage.Parse(write(uleb, 7, []function{{1, 2, []uint32{20, 0, math.MaxUint32}}}, nil, []function{{1, 2, []uint32{20, 0, 9}}}))
	if err != nil || !slices.Equal(one, two) {
		t.Errorf("two segments: %x, %v, want %x", two, err, one)
	}
	if edges, err := coverage.Parse(write(raw, 7, nil)); err != nil || len(edges) != 0 {
		t.Errorf("no function: %x, %v", edges, err)
	}
}

func TestParseRefuses(t *testing.T) {
	good := write(uleb, 7, some)
	set := func(at int, bytes ...byte) []byte {
		b := slices.Clone(good)
		copy(b[at:], bytes)
		return b
	}
	huge := func(numbers ...uint32) []byte { // one function that begins so
		b := write(uleb, 7, []function{{0, 0, nil}})
		var f []byte
		for _, n := range numbers {
			f = binary.AppendUvarint(f, uint64(n))
		}
		return slices.Replace(b, len(b)-16-3, len(b)-16, f...)
	}
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":             {nil, "cut off"},
		"text":                {[]byte("hello, world"), "no counter data"},
		"meta-data":           {set(3, 'm'-10), "no counter data"},
		"version 0":           {set(4, 0), "version 0"},
		"version 2":           {set(4, 2), "version 2"},
		"flavour 3":           {set(24, 3), "flavour 3"},
		"neither endian":      {set(25, 2), "flavour 2, 2"},
		"functions":           {set(32, 255, 255, 255, 255, 255, 255, 255, 255), "announced"},
		"strings":             {set(40, 255, 255, 255, 255, 255, 255, 255, 255), "cut off"},
		"no footer":           {set(len(good)-16, 1), "no footer"},
		"footer's number":     {set(len(good)-8, 2), "footer of segment 1 says 2"},
		"rest":                {append(slices.Clone(good), 0), "segment 2"},
		"counters":            {huge(1<<31, 0, 0), "counters is announced"},
		"package":             {huge(0, 1<<16, 0), "no program is so large"},
		"function":            {huge(0, 0, 1<<20), "no program is so large"},
		"more than 32 bits":   {slices.Replace(slices.Clone(huge(0, 0, 0)), 60, 63, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0), "more than 32 bits"},
		"a number has no end": {slices.Replace(slices.Clone(huge(0, 0, 0)), 60, 63, slices.Repeat([]byte{0x80}, 12)...), "more than 32 bits"},
		"too much":            {make([]byte, coverage.MaxData+1), "is the most"},
	} {
		if edges, err := coverage.Parse(test.data); err == nil || edges != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %x, %v, want %q", name, edges, err, test.want)
		}
	}
	for n := range good {
		if _, err := coverage.Parse(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken for whole", n, len(good))
		}
	}
}

func FuzzCounters(f *testing.F) {
	for _, flavour := range []flavour{uleb, raw, rawBig} {
		f.Add(write(flavour, 7, some))
		f.Add(write(flavour, 7, some, nil, some))
	}
	f.Add([]byte("\x00cwm"))
	f.Fuzz(func(t *testing.T, data []byte) {
		edges, err := coverage.Parse(data)
		if err != nil && edges != nil {
			t.Errorf("%x and %v", edges, err)
		}
		var m coverage.Map
		if n := m.Add(edges); n != len(edges) || m.Places() != n || m.Len() != n {
			t.Errorf("%d of %d edges are distinct, at %d places", n, len(edges), m.Places())
		}
		if len(edges) > len(data) || !slices.IsSorted(edges) {
			t.Errorf("%x of %d bytes", edges, len(data))
		}
	})
}

func TestMap(t *testing.T) {
	edge := rapid.Map(rapid.Uint64Range(0, 40), func(n uint64) coverage.Edge { return coverage.Edge(n) })
	rapid.Check(t, func(t *rapid.T) {
		var m coverage.Map
		seen, places := map[coverage.Edge]bool{}, map[coverage.Edge]bool{}
		for _, edges := range rapid.SliceOf(rapid.SliceOf(edge)).Draw(t, "edges") {
			before := len(seen)
			for _, e := range edges {
				seen[e], places[e.Place()] = true, true
			}
			if fresh := m.Add(edges); fresh != len(seen)-before || m.Len() != len(seen) || m.Places() != len(places) {
				t.Fatalf("%d fresh, %d in all, %d places; want %d, %d, %d", fresh, m.Len(), m.Places(), len(seen)-before, len(seen), len(places))
			}
		}
	})
}

func TestShape(t *testing.T) {
	var m coverage.Map
	fresh := func(answer, ending string) int { return m.Add(coverage.Shape([]byte(answer), ending)) }
	if fresh("hello\n", "fin") == 0 {
		t.Error("the first answer is no news")
	}
	for _, same := range []string{"hello\n", "world\n", "catch\n"} {
		if n := fresh(same, "fin"); n != 0 {
			t.Errorf("%q has the shape of the one before, and %d features are new", same, n)
		}
	}
	for _, other := range []struct{ answer, ending string }{
		{"hello\n", "reset"}, {"hello\r\n", "fin"}, {"hello 1\n", "fin"}, {"caf\xc3\xa9\n", "fin"}, {"", "fin"}, {"\x00ello\n", "fin"}, {strings.Repeat("hello\n", 9), "fin"},
	} {
		if fresh(other.answer, other.ending) == 0 {
			t.Errorf("%q, %s is no news", other.answer, other.ending)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		answer := rapid.SliceOf(rapid.Byte()).Draw(t, "answer")
		edges := coverage.Shape(answer, rapid.String().Draw(t, "ending"))
		if !slices.IsSorted(edges) || len(slices.Compact(slices.Clone(edges))) != len(edges) {
			t.Fatalf("%x", edges)
		}
		for _, e := range edges {
			if e>>63 != 1 {
				t.Fatalf("%x may be an edge of code", e)
			}
		}
	})
	if n := len(coverage.Shape(make([]byte, 1<<20), "fin")); n > 5 {
		t.Errorf("%d features of an answer of one byte value", n)
	}
}

func BenchmarkShape(b *testing.B) {
	answer := []byte(strings.Repeat("hello, world 123\r\n", 60))
	for b.Loop() {
		coverage.Shape(answer, "fin")
	}
}

func BenchmarkParse(b *testing.B) {
	functions := make([]function, 1000)
	for i := range functions {
		functions[i] = function{uint32(i / 50), uint32(i), []uint32{1, 0, 5, 0, 1, 0, 0, 9, 0, 200}}
	}
	data := write(uleb, 7, functions)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := coverage.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
