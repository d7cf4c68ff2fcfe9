package target

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What is told of a server's last words.
const (
	wordsFirst = 24  // lines from the message on
	wordsLast  = 8   // lines at the end, where there are more
	wordsLine  = 300 // characters of a line
	wordsAlone = 8   // lines, where none of them says why
)

// traceHead matches the line with which a report of why a program ends begins, in the languages in which servers are written.
var traceHead = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`panic: `, `fatal error: `, // Go
	`Traceback \(most recent call last\):`, `Fatal Python error: `, `Exception in thread `, // Python, Java
	`thread '.*' (?:\(\d+\) )?panicked at `,                                                     // Rust
	`terminate called `, `==\d+== ?ERROR: `, `\*\*\* .* \*\*\*`, `\S+: .*: Assertion .* failed`, // C++, sanitizers, the C library
	`\S+:\d+:in .*: .* \(\w+\)`, // Ruby
	`PHP Fatal error: `,         // PHP
	`Unhandled [Ee]xception`,    // .NET
	`Thread \d+ Crashed`,        // Swift
}, "|") + `)`)

// traceInside matches a line that stands between the head of a report and its message, or behind both: a place, what stands there,
// or a mark below it.
var traceInside = regexp.MustCompile(`^(?:\s.*|\s*|[})\]].*|\[signal .*|goroutine \d+.*|created by .*|caused by: .*|Caused by: .*|During handling of the above exception.*|The above exception was .*|stack backtrace:|note: .*|Node\.js v.*)$`)

// lastReport returns what the end of a process's stderr says of why it ended, as lines: the whole report, from its message to the last
// place in its stack trace, or the last lines where none says why. Of a long report the beginning and the end are there. It is fit to
// print.
func lastReport(stderr string) string {
	lines := strings.Split(strings.TrimRight(stderr, "\n\t "), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	lines = lines[reportBegins(lines):]
	if over := len(lines) - wordsFirst - wordsLast; over > 1 {
		left := fmt.Sprintf("… %d lines more …", over)
		lines = slices.Concat(lines[:wordsFirst:wordsFirst], []string{left}, lines[len(lines)-wordsLast:])
	}
	for i, line := range lines {
		line = strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), " ")
		if r := []rune(line); len(r) > wordsLine {
			line = string(r[:wordsLine]) + "…"
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// reportBegins is the line at which the last report of why a program ended begins.
func reportBegins(lines []string) int {
	last := len(lines) - 1
	for last >= 0 && !saysWhy(lines[last]) {
		last--
	}
	if last < 0 {
		return max(0, len(lines)-wordsAlone)
	}
	begin := headOf(lines, last)
	for { // one trace may lead to another
		i := lastText(lines, begin-1)
		if i < 0 || !leadsOn.MatchString(lines[i]) {
			return withPlace(lines, begin)
		}
		if i = lastText(lines, i-1); i < 0 {
			return begin
		}
		begin = headOf(lines, i)
	}
}

// saysWhy tells whether a line is a head, or a message.
func saysWhy(line string) bool {
	return traceHead.MatchString(line) || tellsWhy.MatchString(line) && !traceInside.MatchString(line)
}

// headOf is the line with which the report begins whose message is in the given line: languages that tell the message last have its
// trace before it.
func headOf(lines []string, message int) int {
	if traceHead.MatchString(lines[message]) {
		return message
	}
	i := message - 1
	for i >= 0 && traceInside.MatchString(lines[i]) {
		i--
	}
	if i >= 0 && traceHead.MatchString(lines[i]) {
		return i
	}
	return message
}

// lastText is the last line that is not empty, up to the given one; -1 where there is none.
func lastText(lines []string, i int) int {
	for i >= 0 && strings.TrimSpace(lines[i]) == "" {
		i--
	}
	return i
}

// leadsOn matches the line between two traces of which one led to the other.
var leadsOn = regexp.MustCompile(`^(?:During handling of the above exception|The above exception was)`)

// place matches the line of a source file above the message, as Node prints it: the file and its line, that line, and a mark below it.
var place = regexp.MustCompile(`^\S.*:\d+$`)

// withPlace is where a report begins whose message stands in the given line, with the place that is shown above it.
func withPlace(lines []string, message int) int {
	const most = 6
	for i := message - 1; i >= max(0, message-most); i-- {
		switch {
		case place.MatchString(lines[i]):
			return i
		case lines[i] != "" && !strings.HasPrefix(lines[i], " ") && !strings.HasPrefix(lines[i], "\t"):
			return message
		}
	}
	return message
}

// whyLine is the message of a report, shortly: what stands in a sentence.
func whyLine(report string) string {
	const most = 160
	lines := strings.Split(report, "\n")
	i := slices.IndexFunc(lines, saysWhy)
	if i < 0 {
		return ""
	}
	why := lines[i]
	switch {
	case strings.HasPrefix(why, "Traceback"): // the message comes last
		for _, line := range slices.Backward(lines) {
			if line != "" && !strings.HasPrefix(line, " ") {
				why = line
				break
			}
		}
	case strings.HasSuffix(why, ":") && i+1 < len(lines): // the message follows its place
		why += " " + strings.TrimSpace(lines[i+1])
	}
	if r := []rune(why); len(r) > most {
		why = string(r[:most]) + "…"
	}
	return why
}
