package properties

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference"
)

// A state is where a session stands.
type state int

const (
	waiting state = iota // for more input
	over
	failed
)

// due is the model of the dialect script while its input arrives: what has been
// sent to a client of which so much has come, and where the session stands.
func due(input string, ended bool) (sent string, s state) {
	unsent, atEnd := "", false
	for {
		command, rest, ok := lineOf(input, 65536, ended)
		if !ok {
			return sent, waiting
		}
		input = rest
		command = strings.Trim(command, " \t\n\v\f\r")
		name, argument, _ := strings.Cut(command, " ")
		text, isRead := "", false
		switch {
		case !utf8.ValidString(command):
			return sent, failed
		case command == "":
			if atEnd {
				sent += unsent
			}
			return sent, over
		case command == "CLOSE":
			return sent, over
		case command == "SEND":
			sent, unsent = sent+unsent, ""
		case command == "ATEND":
			atEnd = true
		case name == "WRITE":
			unsent += argument
		case name == "BYTES":
			for pair := range strings.FieldsSeq(argument) {
				b, err := hex.DecodeString(pair)
				if err != nil {
					return sent, failed
				}
				unsent += string(b)
			}
		case name == "READ" || name == "READLINE":
			limit, err := 65536, error(nil)
			if command != "READLINE" {
				limit, err = strconv.Atoi(argument)
			}
			if err != nil || limit > 1<<24 || argument != strings.TrimLeft(argument, "+-") {
				return sent, failed
			}
			if text, input, ok = input[:min(limit, len(input))], input[min(limit, len(input)):], len(input) >= limit || ended; name == "READLINE" {
				text, input, ok = lineOf(text+input, limit, ended)
				text = strings.Trim(text, " \t\n\v\f\r")
			}
			if !ok {
				return sent, waiting
			}
			isRead = true
		default:
			return sent, failed
		}
		if isRead && !utf8.ValidString(text) {
			return sent, failed
		}
		if isRead {
			unsent += fmt.Sprintf("%d:%s,", len(text), text)
		}
	}
}

// lineOf takes a line of at most limit bytes; ok is false where it has not come.
func lineOf(input string, limit int, ended bool) (line, rest string, ok bool) {
	n := strings.IndexByte(input, '\n') + 1
	if n == 0 || n > limit {
		n = min(limit, len(input))
		ok = n == limit || ended
	}
	return input[:n], input[n:], ok || n > 0 && input[n-1] == '\n'
}

// commands draws commands of script with what they read, most of them right.
var commands = rapid.Custom(func(t *rapid.T) string {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("a\u00e9\u20ac\U0001f600 \t\r\x00\u00a0\u0085")), 0, 12, -1).Draw(t, "text")
	end := rapid.SampledFrom([]string{"\n", "\r\n", " \t\n"}).Draw(t, "end")
	switch rapid.IntRange(0, 14).Draw(t, "command") {
	case 0, 1:
		return fmt.Sprintf("READ %d%s%s", len(text), end, text)
	case 2:
		return "READLINE" + end + text + "\n"
	case 3, 4:
		return fmt.Sprintf("READLINE %d%s%s\n", rapid.IntRange(0, 9).Draw(t, "limit"), end, text)
	case 5, 6:
		return "WRITE " + text + end
	case 7:
		return fmt.Sprintf("BYTES % x%s", text, end)
	case 8, 9, 10, 11:
		return "SEND" + end
	case 12:
		return "ATEND" + end
	case 13:
		return rapid.SampledFrom([]string{"WRITE a\nSEND\nWRITE b", "READ 0", "READ 5000\n" + strings.Repeat("x", 5000) + "SEND", "BYTES"}).Draw(t, "special") + end
	}
	return rapid.SampledFrom([]string{"CLOSE\n", "\n", "RAISE\n", "READ\n", "READ -1\n", "READ 16777217\n", "SEND x\n", "BYTES 0 0\n", "\xff\n", "READ 1\n\xc3"}).Draw(t, "last")
})

// A client sends commands in segments of its own choice. Whenever the handler
// waits, it has said all that is due and nothing else, and it waits just when the
// model does.
func TestScriptMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := play(reference.Script)
		defer w.end()
		queue, sent, ended := "", "", false
		deliver := func(n int) {
			w.send([]byte(queue[:n]))
			sent, queue = sent+queue[:n], queue[n:]
		}
		t.Repeat(map[string]func(*rapid.T){
			"part": func(t *rapid.T) {
				for queue == "" {
					queue = commands.Draw(t, "command")
				}
				if !ended {
					deliver(rapid.IntRange(1, len(queue)).Draw(t, "bytes"))
				}
			},
			"several": func(t *rapid.T) {
				queue += strings.Join(rapid.SliceOfN(commands, 1, 3).Draw(t, "commands"), "")
				if !ended {
					deliver(len(queue))
				}
			},
			"end": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "now") == 0 && !ended {
					ended = true
					w.end()
				}
			},
			"": func(t *rapid.T) {
				want, s := due(sent, ended)
				if got := w.got.String(); got != want {
					t.Fatalf("to %q it said %q, want %q", sent, got, want)
				}
				if w.over != (s != waiting) || (w.err != nil) != (s == failed) {
					t.Fatalf("to %q it is over %t, %v; the model is at %d", sent, w.over, w.err, s)
				}
			},
		})
	})
}

// The other dialects say at once what is due to what has come.
func TestPromptness(t *testing.T) {
	type lineModel = func(input string) string
	lines := func(input string) (all string) {
		for {
			line, rest, ok := lineOf(input, 65536, false)
			line = strings.Trim(line, " \t\n\v\f\r")
			if !ok || line == "" || !utf8.ValidString(line) {
				return all
			}
			all, input = all+line+"\n", rest
		}
	}
	greeted := func(input string) string {
		if input == "" {
			return ""
		}
		return "I am the server,I have got it:\n" + input
	}
	for name, model := range map[string]lineModel{"line": lines, "echo": func(input string) string { return input }, "greet": greeted} {
		t.Run(name, func(t *testing.T) {
			handler, _ := reference.HandlerFor(name)
			rapid.Check(t, func(t *rapid.T) {
				w := play(handler)
				defer w.end()
				sent := ""
				for _, segment := range rapid.SliceOfN(pieces, 0, 12).Draw(t, "segments") {
					w.send([]byte(segment))
					sent += segment
					if got := w.got.String(); got != model(sent) {
						t.Fatalf("to %.80q it said %.80q, want %.80q", sent, got, model(sent))
					}
				}
			})
		})
	}
}
