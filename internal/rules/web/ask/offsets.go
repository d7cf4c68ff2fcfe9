package ask

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
)

// Where messages are cut (R6 of the contract).
const (
	mostCut    = 4 << 10 // up to so many bytes a message is cut at each
	mostHead   = 512     // of a longer one, at each of so many of its head
	mostLines  = 128     // and at so many of those at the ends of further lines of its head, and in chunk lines; of more, at as many that are drawn
	drawn      = 64      // and at so many others
	mostPaired = 120     // up to so many bytes it is cut at each pair of them
)

// deliveries are those of a message: cut in two, behind its last byte too where more is sent behind it in the same segment, and byte by byte
// where it is not long; or those of one of these ways alone.
func (a *Asker) deliveries(message []byte, sent int, c Cut) (plans []delivery.Segments) {
	n := len(message)
	switch {
	case c == ByteByByte && n > mostCut:
		return nil
	case c == ByteByByte:
		return []delivery.Segments{delivery.EveryByte(n)}
	case n > mostCut:
		for _, at := range a.offsets(message) {
			plans = append(plans, bench.CutAt(n, at))
		}
		return plans
	}
	for at := 1; at <= n && at < sent; at++ {
		plans = append(plans, bench.CutAt(sent, at))
	}
	if c == InTwo {
		return plans
	}
	return append(plans, delivery.EveryByte(n))
}

// offsets are those at which a long message is cut in two, in ascending order.
func (a *Asker) offsets(message []byte) (all []int) {
	head := bytes.Index(message, []byte("\r\n\r\n")) + len("\r\n\r\n")
	if head < len("\r\n\r\n") {
		head = len(message)
	}
	lines := inChunkLines(message, head)
	for at := 1; at <= head; at++ {
		if at <= mostHead {
			all = append(all, at)
		} else if ends := "\r\n"; strings.IndexByte(ends, message[at-1]) >= 0 || at < head && message[at] == '\r' {
			lines = append(lines, at)
		}
	}
	if len(lines) > mostLines {
		a.Rand.Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
		lines = lines[:mostLines]
	}
	all = append(all, lines...)
	for range drawn {
		all = append(all, 1+a.Rand.IntN(len(message)-1))
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(at int) bool { return at >= len(message) })
}

// inChunkLines are the offsets inside and behind the line before each chunk, inside the CR LF behind its data, and those of the trailers. There
// are none of a body that is not in chunks, and none behind a line that is not one.
func inChunkLines(message []byte, head int) (all []int) {
	if !bytes.Contains(bytes.ToLower(message[:head]), []byte("\ntransfer-encoding:")) {
		return nil
	}
	const crlf = len("\r\n")
	for at := head; ; {
		line, _, whole := bytes.Cut(message[at:], []byte("\r\n"))
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseInt(string(bytes.TrimSpace(digits)), 16, 64)
		if !whole || err != nil || size < 0 {
			return all
		}
		end := at + len(line) + crlf // of the line
		if size == 0 {
			end = len(message) // the trailers
		}
		for at++; at <= end; at++ {
			all = append(all, at)
		}
		if size == 0 || size >= int64(len(message)-end-crlf) {
			return all
		}
		at = end + int(size) + crlf
		all = append(all, at-1, at)
	}
}

// pairs are a message of n bytes cut in three, in every way where there are few; each is how long such a delivery takes.
func (a *Asker) pairs(n int, each time.Duration) []delivery.Segments {
	if n >= mostPaired {
		return nil
	}
	all := bench.EveryPair(n)
	most := len(all)
	if each > 0 {
		most = min(most, max(int(patience.Pairs/each), 1))
	}
	a.LeaveOut(len(all) - most)
	some := make([]delivery.Segments, 0, most)
	for i := range most {
		some = append(some, all[i*len(all)/most])
	}
	return some
}
