package report

import "strings"

// ConsoleOptions says how console text is drawn.
type ConsoleOptions struct {
	Color   bool // ANSI colours; nothing is told by colour alone
	Width   int  // columns of the terminal; 0 is 80, and less than 32 is 32
	Verbose bool // a line for every skip too, longer timelines
	Strict  bool // a warn counts as a failure, and looks like one
}

const (
	defaultWidth = 80
	leastWidth   = 32
)

// columns is the width to draw in.
func (o ConsoleOptions) columns() int {
	if o.Width == 0 {
		return defaultWidth
	}
	return max(leastWidth, o.Width)
}

// ink is an ANSI colour or weight.
type ink string

const (
	bold   ink = "1"
	dim    ink = "2"
	red    ink = "31"
	green  ink = "32"
	yellow ink = "33"
	cyan   ink = "36"
)

// in draws s in the ink, where colour is wanted. Spaces at its end stay outside,
// so that they can be trimmed.
func (o ConsoleOptions) in(k ink, s string) string {
	text := strings.TrimRight(s, " ")
	if !o.Color || text == "" {
		return s
	}
	return "\x1b[" + string(k) + "m" + text + "\x1b[0m" + s[len(text):]
}

// mark is the sign of a verdict, and its ink.
func (o ConsoleOptions) mark(v Verdict) (string, ink) {
	switch v {
	case Pass:
		return "✓", green
	case Fail:
		return "✗", red
	case Warn:
		if o.Strict {
			return "!", red
		}
		return "!", yellow
	case Info:
		return "i", cyan
	case Skip:
		return "-", dim
	}
	return "?", yellow
}

// conclusionInk is the ink of the last line.
func conclusionInk(c Conclusion) ink {
	switch c {
	case Conformant:
		return green
	case NotConformant:
		return red
	}
	return yellow
}
