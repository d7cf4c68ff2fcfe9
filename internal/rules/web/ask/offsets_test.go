package ask

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// idle is an asker of nobody.
func idle(t *testing.T) *Asker {
	t.Helper()
	d, _ := dialect.Lookup("echo")
	s := player.NewServer(target.InProcess("none", "nowhere", nil, nil, 0), d, patience.New(0).Measured(time.Millisecond), delivery.Auto)
	a := &Asker{Bench: bench.New(s, "offsets", "offsets", 1), Ctx: t.Context()}
	t.Cleanup(a.Done)
	return a
}

const codedHead = "POST / HTTP/1.1\r\nHost: a\r\ntransfer-Encoding: chunked\r\n\r\n"

// TestOffsets holds that a long message is cut in two at every byte of its head and of its chunk lines, and at some other offsets.
func TestOffsets(t *testing.T) {
	data := strings.Repeat("z", 5<<10)
	long := codedHead + "1400;a=b\r\n" + data + "\r\n1400\r\n" + data + "\r\n0\r\nX: y\r\n\r\n"
	all := idle(t).offsets([]byte(long))
	var must []int
	for at := 1; at < len(codedHead)+len("1400;a=b\r\n"); at++ {
		must = append(must, at)
	}
	second := len(codedHead) + len("1400;a=b\r\n") + len(data)
	for at := second + 1; at < second+len("\r\n1400\r\n"); at++ {
		must = append(must, at)
	}
	for at := len(long) - len("\n0\r\nX: y\r\n\r\n"); at < len(long); at++ {
		must = append(must, at)
	}
	for _, at := range must {
		if !slices.Contains(all, at) {
			t.Errorf("it is not cut at %d, at %.20q", at, long[at:])
		}
	}
	if more := len(all) - len(must); more < drawn/2 || more > drawn+4 {
		t.Errorf("it is cut at %d offsets besides", more)
	}
	if all[0] < 1 || all[len(all)-1] >= len(long) || !slices.IsSorted(all) {
		t.Errorf("the offsets are %d", all)
	}
}

// TestOffsetsOfLongHead holds that a long head is cut where its lines end, too.
func TestOffsetsOfLongHead(t *testing.T) {
	long := "GET / HTTP/1.1\r\nX: " + strings.Repeat("z", 5<<10) + "\r\nHost: a\r\n\r\n"
	all := idle(t).offsets([]byte(long))
	end := len(long) - len("\r\nHost: a\r\n\r\n")
	for _, at := range []int{1, mostHead, end, end + 1, end + 2, len(long) - 4, len(long) - 3, len(long) - 2, len(long) - 1} {
		if !slices.Contains(all, at) {
			t.Errorf("it is not cut at %d, at %.20q", at, long[at:])
		}
	}
}

// TestOffsetsAreBounded holds that a message of many lines is cut at some of their bytes.
func TestOffsetsAreBounded(t *testing.T) {
	const many = mostHead + mostLines + drawn
	for name, message := range map[string]string{
		"many chunks":          codedHead + strings.Repeat("1\r\nz\r\n", 5000) + "0\r\n\r\n",
		"a long extension":     codedHead + "5;" + strings.Repeat("z", 64<<10) + "\r\nhello\r\n0\r\n\r\n",
		"long trailers":        codedHead + "0\r\nX: " + strings.Repeat("z", 64<<10) + "\r\n\r\n",
		"many lines":           "GET / HTTP/1.1\r\n" + strings.Repeat("X: z\r\n", 5000) + "\r\n",
		"a long head":          "GET / HTTP/1.1\r\nX: " + strings.Repeat("z", 64<<10) + "\r\n\r\n",
		"no end of its head":   strings.Repeat("z", 64<<10),
		"more than it has":     codedHead + "7fffffffffffffff\r\n" + strings.Repeat("z", 64<<10),
		"a size of many bytes": codedHead + "ffffffffffffffffffff\r\n" + strings.Repeat("z", 64<<10),
		"a size below nothing": codedHead + "-5\r\n" + strings.Repeat("z", 64<<10),
	} {
		if all := idle(t).offsets([]byte(message)); len(all) > many || len(all) < drawn/2 {
			t.Errorf("%s: it is cut at %d offsets", name, len(all))
		}
	}
}

// TestPairsWithin holds that a short message is cut at every pair of its bytes, at some of these where each takes long, and a long one at none.
func TestPairsWithin(t *testing.T) {
	for _, c := range []struct {
		n     int
		each  time.Duration
		pairs int
	}{{40, time.Microsecond, 39 * 38 / 2}, {40, patience.Pairs / 10, 10}, {40, 2 * patience.Pairs, 1}, {40, 0, 39 * 38 / 2}, {mostPaired, 0, 0}} {
		a := idle(t)
		some := a.pairs(c.n, c.each)
		if len(some) != c.pairs {
			t.Errorf("%d bytes are cut at %d pairs, not %d", c.n, len(some), c.pairs)
		}
		if left := a.Counted().LeftOut; c.pairs > 0 && left != 39*38/2-c.pairs {
			t.Errorf("%d pairs are said to be left out", left)
		}
	}
}

// TestDeliveriesInOneWay holds what the ways to cut a message are: in two, behind its last byte too where more comes in the same segment,
// byte by byte, and both; a long one is not cut at every byte.
func TestDeliveriesInOneWay(t *testing.T) {
	short, long := make([]byte, 10), []byte("GET / HTTP/1.1\r\nX: "+strings.Repeat("z", mostCut)+"\r\n\r\n")
	of := func(message []byte, sent int, c Cut) (two, more int) {
		for _, p := range idle(t).deliveries(message, sent, c) {
			if len(p.Cuts) == 1 {
				two++
			} else {
				more++
			}
		}
		return two, more
	}
	for c, want := range map[Cut][2]int{EveryWay: {10, 1}, InTwo: {10, 0}, ByteByByte: {0, 1}} {
		if two, more := of(short, 12, c); two != want[0] || more != want[1] {
			t.Errorf("cut %d: %d deliveries are in two, and %d in more, not %d", c, two, more, want)
		}
		if two, more := of(long, len(long), c); two > 0 != (want[0] > 0) || more > 0 {
			t.Errorf("cut %d: of a long one %d deliveries are in two, and %d in more", c, two, more)
		}
	}
	if r := (Rule{Shapes: make([]Shape, 2)}).In(ByteByByte); r.Shapes[0].Cut != ByteByByte || r.Shapes[1].Cut != ByteByByte {
		t.Errorf("the shapes are cut %v", r.Shapes)
	}
}
