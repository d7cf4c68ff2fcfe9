package report

import (
	"math"
	"strings"
	"testing"
)

func TestFailureText(t *testing.T) {
	fail := func(f Failure) Result {
		return Result{ID: "FRAM-2", Family: "FRAM", Level: Must, Title: "cut", Verdict: Fail, Reason: f.Problem, Failure: &f}
	}
	for _, c := range []struct {
		name   string
		result Result
		o      ConsoleOptions
		want   string
	}{
		{"no evidence", Result{ID: "LIFE-1", Title: "serve", Verdict: Fail, Reason: "nobody listens", Observed: "ECONNREFUSED"}, ConsoleOptions{}, `
✗ LIFE-1  serve
  reason    nobody listens
  observed  ECONNREFUSED
`},
		{"empty evidence", fail(Failure{FirstDifference: -1}), ConsoleOptions{}, `
✗ FRAM-2  cut
`},
		{"a difference inside a character", fail(Failure{Expected: whole("café"), Actual: whole("caf\xc3("), FirstDifference: 4}), ConsoleOptions{}, `
✗ FRAM-2  cut
  differs   at offset 4 of the answer: 0xa9 expected, 0x28 "(" came
  expected  5 bytes  "café"
  actual    5 bytes  "caf\xc3("
                         ^
        expected                            actual
     0  63 61 66 c3 a9           caf··    │ 63 61 66 c3 28           caf·(
                    ^^               ^                  ^^               ^
`},
		{"an answer that ends too early", fail(Failure{Expected: whole("5:hello,"), Actual: whole("5:hel"), FirstDifference: 5}), ConsoleOptions{}, `
✗ FRAM-2  cut
  differs   at offset 5 of the answer: 0x6c "l" expected, the answer ends there
  expected  8 bytes  "5:hello,"
  actual    5 bytes  "5:hel"
                           ^
        expected                            actual
     0  35 3a 68 65 6c 6c 6f 2c  5:hello, │ 35 3a 68 65 6c --        5:hel
                       ^^             ^                    ^^             ^
`},
		{"an answer to nothing", fail(Failure{Request: whole("SEND\n"), Actual: whole("\x00"), FirstDifference: 0}), ConsoleOptions{}, `
✗ FRAM-2  cut
  sent      5 bytes  "SEND\n"
  differs   at offset 0 of the answer: the end expected, 0x00 came
  expected  0 bytes  nothing
  actual     1 byte  "\x00"
                      ^
        expected                            actual
     0  --                                │ 00                       ·
        ^^                       ^          ^^                       ^
`},
		{"a server that ended", fail(Failure{FirstDifference: -1, Ending: "rst", Ended: &Ended{How: "exit status 1", Words: "/srv/kv.js:41\n\t  need = 0\n\nRangeError: \u202eno\n" + strings.Repeat("    at f (/srv/kv.js:41:22) and so on ", 3)}}), ConsoleOptions{Width: 80}, `
✗ FRAM-2  cut
  ended     the server reset the connection (RST)
  server    ended: exit status 1
            | /srv/kv.js:41
            |       need = 0
            |
            | RangeError: \u202eno
            |     at f (/srv/kv.js:41:22) and so on at f (/srv/kv.js:41:22) and
            |     so on at f (/srv/kv.js:41:22) and so on
`},
		{"a difference that no excerpt shows", fail(Failure{Expected: whole("ab"), Actual: whole("ab"), FirstDifference: math.MaxInt64}), ConsoleOptions{}, `
✗ FRAM-2  cut
  differs   at offset 9,223,372,036,854,775,807 of the answer
  expected  2 bytes  "ab"
  actual    2 bytes  "ab"
`},
		{"side by side, 16 bytes a row", fail(Failure{Expected: whole("0123456789abcdefgh"), Actual: whole("0123456789abcdefXh"), FirstDifference: 16}), ConsoleOptions{Width: 150}, `
✗ FRAM-2  cut
  differs   at offset 16 of the answer: 0x67 "g" expected, 0x58 "X" came
  expected  18 bytes  "0123456789abcdefgh"
  actual    18 bytes  "0123456789abcdefXh"
                                       ^
        expected                                                            actual
     0  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef │ 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef
    16  67 68                                            gh               │ 58 68                                            Xh
        ^^                                               ^                  ^^                                               ^
`},
		{"a mark in the request is no cut", fail(Failure{Request: whole("a│b\"\\"), Cuts: []int{1, 2, 5}, FirstDifference: -1}), ConsoleOptions{}, `
✗ FRAM-2  cut
  sent      7 bytes  "a│\xe2│\x94\x82b│\"\\"
`},
		{"cuts out of order and out of bounds", fail(Failure{Request: whole("a│b"), Cuts: []int{-1, 0, 1, 1, 9, 4}, FirstDifference: -1}), ConsoleOptions{}, `
✗ FRAM-2  cut
  sent      5 bytes  "│a│\u2502│b"
`},
		{"spaces at the end of a line", fail(Failure{Request: whole(strings.Repeat("a ", 30)), FirstDifference: -1}), ConsoleOptions{Width: 44}, `
✗ FRAM-2  cut
  sent      60 bytes
             "a a a a a a a a a a a a a
               a a a a a a a a a a a a\x20
              a a a a a "
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := FailureText(c.result, c.o); got != c.want[1:] {
				t.Errorf("%s\n got\n%s\nwant%s", firstChange(c.want[1:], got), got, c.want)
			}
		})
	}
}

func TestColourTellsNothingByItself(t *testing.T) {
	for name, r := range samples() {
		for _, width := range []int{40, 80, 160} {
			plain := consoleText(t, r, ConsoleOptions{Width: width})
			coloured := consoleText(t, r, ConsoleOptions{Width: width, Color: true})
			if coloured == plain {
				t.Errorf("%s has no colour", name)
			}
			if bare := ourColours.ReplaceAllString(coloured, ""); bare != plain {
				t.Errorf("%s at %d: %s", name, width, firstChange(plain, bare))
			}
		}
	}
}

func TestSkipsAreSummedUpOrListed(t *testing.T) {
	r := samples()["right"]
	short := consoleText(t, r, ConsoleOptions{})
	long := consoleText(t, r, ConsoleOptions{Verbose: true})
	if strings.Contains(short, "- LIFE-6 ") || !strings.Contains(short, "- 4 not applicable: ") {
		t.Errorf("%s", short)
	}
	if !strings.Contains(long, "- LIFE-6 ") || strings.Contains(long, "- 4 not applicable: ") {
		t.Errorf("%s", long)
	}
}
