package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/streamspec/streamspec/internal/show"
)

const (
	timelineLimit        = 24  // events that are shown
	timelineLimitVerbose = 400 // with Verbose
)

// timeline draws what happened on the connection, its middle left out where it
// is long.
func (b *block) timeline(events []Event) {
	limit := timelineLimit
	if b.o.Verbose {
		limit = timelineLimitVerbose
	}
	head, tail := events, []Event(nil)
	if len(events) > limit {
		head, tail = events[:limit/2], events[len(events)-limit/2:]
	}
	times, conns := 0, 0
	for _, e := range slices.Concat(head, tail) {
		times = max(times, columns(eventTime(e.AtUS)))
		if e.Conn != 0 {
			conns = max(conns, len(strconv.Itoa(e.Conn)))
		}
	}
	label := "timeline"
	draw := func(part []Event) {
		for _, e := range part {
			lead := padLeft(eventTime(e.AtUS), times) + " "
			if conns > 0 {
				lead += " #" + pad(strconv.Itoa(e.Conn), conns)
			}
			lead = shorten(lead, b.room()-2)
			sign, text := eventText(e, b.room()-columns(lead)-3)
			k := dim
			if sign == cutMark {
				k = cyan
			}
			b.row(label, b.o.in(dim, lead)+" "+b.o.in(k, sign)+" "+text)
			label = ""
		}
	}
	draw(head)
	if len(tail) > 0 {
		b.row("", padLeft("…", times)+"   "+shorten(show.CountOf(len(events)-len(head)-len(tail), "more event"), b.room()-times-3))
		draw(tail)
	}
}

// eventTime writes microseconds as milliseconds, three hours at most: no case
// lasts nearly as long.
func eventTime(us int64) string {
	us = min(max(0, us), 3*3600*1e6)
	return fmt.Sprintf("%s.%03d ms", show.Count(us/1000), us%1000)
}

// eventText is an event's sign and its words, in at most a width.
func eventText(e Event, width int) (sign, text string) {
	said := show.Prose(string(e.Text.bounded().Text))
	switch e.Kind {
	case "connect":
		return "·", shorten(also("connected", said), width)
	case "send":
		return "→", moved(e, width)
	case "cut":
		return cutMark, shorten("cut, "+howSure(e, said), width)
	case "pause":
		return "·", shorten(also("pause", said), width)
	case "fin":
		text = "FIN"
		if e.Confirmed {
			text += ", read by the server"
		}
		return "→", shorten(text, width)
	case "reset":
		return "→", shorten(also("RST", said), width)
	case "receive":
		return "←", moved(e, width)
	case "received-fin":
		return "←", shorten(also("FIN", said), width)
	case "received-reset":
		return "←", shorten(also("RST", said), width)
	case "wait-over":
		return "·", shorten(also("the wait is over", said), width)
	case "note":
		return "·", shorten(said, width)
	}
	return "·", shorten(also(show.Prose(e.Kind), said), width)
}

// also adds what an event says of itself.
func also(what, said string) string {
	if said == "" {
		return what
	}
	return what + ", " + said
}

// confirmed says whether the bytes before are known to have been read.
func confirmed(known bool) string {
	if known {
		return "confirmed"
	}
	return "unconfirmed"
}

// moved is the count and the excerpt of bytes that were sent or received.
func moved(e Event, width int) string {
	text := e.Text.bounded()
	n := e.Count
	if n == 0 {
		n = text.Total
	}
	size := show.CountOf(n, "byte")
	if room := width - columns(size) - 2; text.Total > 0 && room >= 8 {
		return size + "  " + text.quoted(room)
	}
	return shorten(size, width)
}

// howSure says how sure a cut is: confirmed, or what its text says of it, such as likely.
func howSure(e Event, said string) string {
	if !e.Confirmed && said != "" {
		return said
	}
	return confirmed(e.Confirmed)
}
