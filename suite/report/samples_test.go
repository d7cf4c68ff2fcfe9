package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// catalogue is the contract's section 4 in short: levels and titles in the order
// of the numbers.
var catalogue = []struct {
	family string
	titles []string // "?" before a SHOULD, "~" before a MAY
}{
	{"LIFE", []string{
		"accept on its address and serve", "serve the next connection after one has ended",
		"close the connection when the handler is done", "survive a failing handler",
		"survive clients that leave by FIN and by RST", "stop on request",
		"?let the answer in progress finish before it stops", "fail clearly when its address is taken",
		"?rebind at once after a stop", "give back its descriptors",
		"burn no CPU while clients idle or after a half-close", "?queue at least 10 waiting connections",
	}},
	{"CONC", []string{"mix no bytes between connections", "?serve a second client while the first is silent", "?hold 200 clients"}},
	{"FRAM", []string{
		"whole", "cut in two at every byte", "byte by byte", "several requests in one segment",
		"random cuts and coalescings", "cuts inside CR LF and inside a UTF-8 character",
		"pauses between segments", "every byte value, and requests of 1 MiB and 16 MiB",
	}},
	{"READ", []string{
		"exactly n bytes from many segments", "fewer at end of stream", "read(0) does not wait",
		"leave what follows for the next operation", "1 MiB and 16 MiB", "count bytes, not characters",
	}},
	{"LINE", []string{
		"LF ends a line and is not part of it", "ASCII white space is stripped at both ends", "CR LF and LF alike",
		"a last line without LF counts", "the limit: one below, at, one above, in pieces", "a limit given by the caller, 0 included",
		"NUL and control bytes are kept", "~an empty line", "a lone CR does not end a line", "Unicode line ends and spaces neither end nor strip",
	}},
	{"CODE", []string{
		"UTF-8 out", "bytes unchanged", "invalid UTF-8 is refused", "every plane; BOM kept; overlong forms refused",
		"no normalisation", "a character cut by a limit is an error",
	}},
	{"SEND", []string{
		"nothing before SEND", "in order", "never twice", "an empty SEND sends nothing", "8 MiB to a slow reader, complete",
		"10,000 small pieces", "~unsent content at the end", "no SEND by itself, whatever the buffer's size",
	}},
	{"CLOS", []string{
		"answer what came before a half-close, then close", "?close so that its last answer survives unread input",
		"close promptly after end of stream", "end with FIN when all input was read",
	}},
	{"FLOW", []string{"lose nothing to a slow reader", "?serve others meanwhile", "carry both directions at once"}},
	{"ROBU", []string{
		"200 resets", "a line without end (64 MiB)", "500 idle connections", "random garbage",
		"2,000 connects and closes", "a client that never reads",
	}},
}

// rightRun is a run that a right server passes, not yet concluded.
func rightRun() *Report {
	r := &Report{
		Schema: Schema, Tool: Tool{"streamspec", "1.0.0"},
		Target:  Target{Name: "127.0.0.1:7070", Kind: "address", Address: "127.0.0.1:7070", Cuts: "confirmed"},
		Dialect: "script", Seed: 42,
		Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), DurationMS: 8123.4,
	}
	for _, f := range catalogue {
		for i, title := range f.titles {
			res := Result{
				ID: f.family + "-" + strconv.Itoa(i+1), Family: f.family, Level: Must, Title: strings.TrimLeft(title, "?~"),
				Verdict: Pass, Cases: 3 + 4*i, DurationMS: float64(7 * (i + 1)),
			}
			switch title[0] {
			case '?':
				res.Level = Should
			case '~':
				res.Level, res.Verdict = May, Info
			}
			switch f.family {
			case "FRAM", "READ", "LINE", "CODE":
				n := 37 * (i + 1) * (i + 1)
				res.Cuts = Cuts{n, n}
			}
			r.Results = append(r.Results, res)
		}
	}
	set := func(id string, edit func(*Result)) { edit(find(r, id)) }
	for _, id := range []string{"LIFE-6", "LIFE-7", "LIFE-8", "LIFE-9"} {
		set(id, skipFor("the suite did not start the server: give --exec"))
	}
	for _, id := range []string{"LIFE-10", "LIFE-11"} {
		set(id, skipFor("the server's process is not known: give --pid"))
	}
	set("READ-3", skipFor("the wire cannot show it"))
	set("CONC-3", func(res *Result) { res.Observed, res.DurationMS = "held 200 clients", 612 })
	set("LINE-8", func(res *Result) { res.Observed = "answered with LF, the session goes on" })
	set("SEND-7", func(res *Result) { res.Observed = "dropped" })
	set("FRAM-1", func(res *Result) { res.Cuts = Cuts{} })
	set("FRAM-2", func(res *Result) { res.Cuts, res.DurationMS = Cuts{12345, 12345}, 1832 })
	set("FRAM-8", func(res *Result) { res.DurationMS = 940 })
	set("SEND-5", func(res *Result) { res.DurationMS = 2210 })
	return r
}

func skipFor(reason string) func(*Result) {
	return func(res *Result) {
		res.Verdict, res.Reason, res.Cases, res.Cuts, res.DurationMS = Skip, reason, 0, Cuts{}, 0
	}
}

func find(r *Report, id string) *Result {
	for i := range r.Results {
		if r.Results[i].ID == id {
			return &r.Results[i]
		}
	}
	panic("no result " + id)
}

// breakIt gives a result a verdict with its evidence.
func breakIt(r *Report, id string, v Verdict, f Failure) {
	res := find(r, id)
	res.Verdict, res.Reason, res.Failure = v, f.Problem, &f
	if f.Case == "" {
		res.Failure.Case = id + "/script/1"
	}
}

// waivedRun is the failing run, of which all may be for now but for one, and not all came as it was expected.
func waivedRun() *Report {
	r := failingRun()
	for i := range r.Results {
		if res := &r.Results[i]; (res.Verdict == Fail || res.Verdict == Warn) && res.ID != "READ-1" {
			res.Waived = &Waived{Reason: "known"}
		}
	}
	find(r, "FRAM-6").Waived = &Waived{Reason: "a character is decoded read by read\x1b[31m", Link: "https://example.org/issues/17", Until: "2027-03-31"}
	r.Unexpected = []string{"expect.yaml:9: CONC-3 passes, and is expected to fail: take it out, or say that it is intermittent"}
	return r
}

func whole(s string) Bytes { return Excerpt([]byte(s), 0) }

func concluded(r *Report) *Report {
	Conclude(r)
	return r
}

// failingRun breaks requirements in several ways.
func failingRun() *Report {
	r := rightRun()
	breakIt(r, "FRAM-6", Fail, Failure{
		Case:        "FRAM-6/script/cut-at-14",
		Requirement: "The answer must be the same when CR LF or a UTF-8 character is cut.",
		Problem:     "the answer holds U+FFFD twice where é was cut",
		Proof:       `it answered "8:caf" before "\xa9\r\nSEND\n" was sent, so it did not wait for the end of the line`,
		Delivery:    "cut in two after byte 14 of 22, inside é; 5 ms between the segments",
		Request:     whole("READLINE\n caf\xc3\xa9\r\nSEND\n"), Cuts: []int{14},
		Expected: whole("5:café,"), Actual: whole("8:caf\xef\xbf\xbd\xef\xbf\xbd,"), FirstDifference: 0,
		Ending: "open", Failed: 3, Runs: 3,
		Timeline: []Event{
			{AtUS: 0, Kind: "connect"},
			{AtUS: 212, Kind: "send", Text: whole("READLINE\n caf\xc3"), Count: 14},
			{AtUS: 398, Kind: "cut", Confirmed: true},
			{AtUS: 5403, Kind: "send", Text: whole("\xa9\r\nSEND\n"), Count: 8},
			{AtUS: 5610, Kind: "receive", Text: whole("8:caf\xef\xbf\xbd\xef\xbf\xbd,"), Count: 12},
			{AtUS: 205_610, Kind: "wait-over"},
		},
		Causes: []string{
			"each read is decoded by itself, and what cannot be decoded is replaced; decode the whole line instead, strictly",
			"the input is decoded through a text layer with errors=replace",
		},
		Again: "streamspec replay failures/FRAM-6.json 127.0.0.1:7070",
		Passing: &Passing{Delivery: "whole", Actual: whole("5:café,"), Timeline: []Event{
			{AtUS: 0, Kind: "connect"},
			{AtUS: 180, Kind: "send", Text: whole("READLINE\n caf\xc3\xa9\r\nSEND\n"), Count: 22},
			{AtUS: 390, Kind: "receive", Text: whole("5:café,"), Count: 8},
		}},
		Began: r.Started.Add(1200 * time.Millisecond), Machine: &Machine{Processors: 2, Load: 1.25, LateUS: 800},
		Raw: []Raw{{"client", []byte("READLINE\n caf\xc3"), 14}, {"server", []byte("8:caf"), 12}, {"client", nil, 8}},
	})
	breakIt(r, "READ-1", Fail, Failure{
		Case:        "READ-1/script/cut-at-7",
		Requirement: "read(n) must give exactly n bytes, however many segments bring them.",
		Problem:     "no answer came: the server still waits, or gave up",
		Delivery:    "cut in two after byte 7 of 17",
		Request:     whole("READ 5\nhello" + "SEND\n"), Cuts: []int{7},
		Expected: whole("5:hello,"), Actual: whole(""), FirstDifference: 0,
		Ending: "open", Failed: 2, Runs: 3,
		Causes: []string{"one recv() is taken for the whole message"},
		Again:  "streamspec replay failures/READ-1.json 127.0.0.1:7070",
	})
	breakIt(r, "SEND-3", Fail, Failure{
		Requirement: "What was sent must never be sent twice.",
		Problem:     "5 bytes too many came",
		Delivery:    "one segment",
		Request:     whole("WRITE first\nSEND\nWRITE again\nSEND\n"),
		Expected:    whole("firstagain"), Actual: whole("firstfirstagain"), FirstDifference: 5,
		Ending: "fin", Failed: 1, Runs: 1,
		Again: "streamspec replay failures/SEND-3.json 127.0.0.1:7070",
	})
	breakIt(r, "CLOS-4", Fail, Failure{
		Requirement: "The connection must end with FIN, not RST, when all input was read.",
		Problem:     "the connection was reset after the whole answer had come",
		Delivery:    "one segment, then end of stream",
		Request:     whole("ATEND\nREAD 9\nabc"),
		Expected:    whole("3:abc,"), Actual: whole("3:abc,"), FirstDifference: -1,
		Ending: "rst", Failed: 3, Runs: 3,
		Again: "streamspec replay failures/CLOS-4.json 127.0.0.1:7070",
	})
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	got := bytes.Clone(want[:65536+4096])
	copy(got[65536:], got[65540:])
	breakIt(r, "SEND-5", Fail, Failure{
		Requirement: "8 MiB must reach a slow reader, complete.",
		Problem:     "4 bytes are missing at offset 65,536",
		Delivery:    "one segment; the client reads 4 KiB every millisecond",
		Request:     whole("BYTES " + strings.Repeat("30313233", 500) + "\nSEND\n"),
		Expected:    Excerpt(want, 65536), Actual: Excerpt(got, 65536), FirstDifference: 65536,
		Ending: "open", Failed: 3, Runs: 3,
		Causes: []string{"what a short write did not take is dropped: send() tells how much it took"},
		Again:  "streamspec replay failures/SEND-5.json 127.0.0.1:7070",
	})
	cuts, timeline := []int{}, []Event{{Kind: "connect"}}
	req := []byte("READLINE\n" + strings.Repeat("a│b ", 20) + "\nSEND\n")
	for i := range req {
		if i > 0 {
			timeline = append(timeline, Event{AtUS: int64(i * 100), Kind: "cut", Confirmed: i%3 > 0})
			if len(cuts) < 64 {
				cuts = append(cuts, i)
			}
		}
		timeline = append(timeline, Event{AtUS: int64(i*100 + 20), Kind: "send", Text: Excerpt(req[i:i+1], 0), Count: 1})
	}
	breakIt(r, "FRAM-3", Fail, Failure{
		Requirement: "The answer must be the same when every byte is a segment of its own.",
		Problem:     "the answer differs at offset 32",
		Delivery:    fmt.Sprintf("byte by byte: %d segments", len(req)),
		Request:     Excerpt(req, 0), Cuts: cuts,
		Expected: whole("119:" + strings.TrimSpace(strings.Repeat("a│b ", 20)) + ","),
		Actual:   whole("119:" + strings.Repeat("a│b ", 4) + "a│X " + strings.TrimSpace(strings.Repeat("a│b ", 15)) + ","), FirstDifference: 32,
		Ending: "fin", Failed: 3, Runs: 3, Timeline: timeline,
		Again: "streamspec replay failures/FRAM-3.json 127.0.0.1:7070",
	})
	return r
}

// serialRun serves one client at a time.
func serialRun() *Report {
	r := rightRun()
	r.Target.Serial, r.Target.Cuts = true, "likely"
	r.Notes = []string{"the server serves one client at a time: requirements that need several at once are judged one after another, which takes longer"}
	for i := range r.Results {
		r.Results[i].Cuts.Confirmed = 0
	}
	breakIt(r, "CONC-2", Warn, Failure{
		Requirement: "A second client should be served while the first is silent in the middle of a request.",
		Problem:     "the second client got no answer until the first one left",
		Delivery:    "two connections; the first sends half a request and waits",
		Request:     whole("READ 5\nhelloSEND\n"),
		Expected:    whole("5:hello,"), Actual: whole(""), FirstDifference: 0,
		Ending: "open", Failed: 3, Runs: 3,
		Timeline: []Event{
			{AtUS: 0, Kind: "connect"},
			{AtUS: 150, Kind: "send", Text: whole("READ 5\nhel"), Count: 10},
			{AtUS: 900, Kind: "connect", Conn: 1},
			{AtUS: 1100, Kind: "send", Text: whole("READ 5\nhelloSEND\n"), Count: 17, Conn: 1},
			{AtUS: 1500, Kind: "fin", Confirmed: true, Conn: 1},
			{AtUS: 2_001_100, Kind: "wait-over", Conn: 1},
			{AtUS: 2_001_200, Kind: "note", Text: whole("the first client leaves"), Conn: 0},
			{AtUS: 2_001_300, Kind: "reset"},
		},
		Causes: []string{"connections are served one after another, in the loop that accepts them"},
		Again:  "streamspec run 127.0.0.1:7070 --only CONC-2",
	})
	for _, id := range []string{"CONC-1", "CONC-3", "FLOW-2", "ROBU-3"} {
		skipFor("it needs several clients at once, and the server serves one")(find(r, id))
	}
	return r
}

// troubledRun could judge nothing.
func troubledRun() *Report {
	r := rightRun()
	r.Target = Target{Name: "./server --port {port}", Kind: "exec", Address: "127.0.0.1:40123", PID: 4711, Cuts: "likely",
		Stderr: "Traceback (most recent call last):\n\tserver.py, line 3\nNameError: name 'sokcet' is not defined\n"}
	r.Trouble = "the server answered nothing to one plain exchange within 2 s, twice: it accepted the connection and closed it"
	for i := range r.Results {
		skipFor("the baseline exchange failed")(&r.Results[i])
	}
	return r
}

// interruptedRun was stopped in the middle.
func interruptedRun() *Report {
	r := rightRun()
	r.Interrupted = true
	for i := range r.Results {
		switch {
		case i > 30:
			skipFor("the run was interrupted")(&r.Results[i])
		case i > 28:
			r.Results[i].Verdict, r.Results[i].Reason = Inconclusive, "the run was interrupted while it was judged"
		}
	}
	return r
}

// hostileText is what must reach no terminal as it is.
const hostileText = "\x1b[2J\x1b]0;owned\x07\u202eevil\u202c\u200b\ufeff e\u0301 \xff\xfe \u009b31m\r\b\x7f│ 日本語 \u2028\u00a0]]> end"

// hostileRun has such text everywhere.
func hostileRun() *Report {
	r := &Report{
		Schema: hostileText, Tool: Tool{"streamspec", hostileText}, Dialect: hostileText, Seed: 1,
		Target:  Target{Name: hostileText, Kind: "exec", Address: hostileText, PID: 1, Cuts: hostileText, Stderr: hostileText + "\n" + hostileText},
		Trouble: hostileText + "\n" + hostileText, Interrupted: true, Notes: []string{hostileText, strings.Repeat("x", 200)},
	}
	for _, v := range []Verdict{Pass, Fail, Warn, Info, Skip, Inconclusive, hostileText} {
		r.Results = append(r.Results, Result{
			ID: "ROBU-4" + hostileText, Family: hostileText, Level: Must, Title: hostileText, Verdict: v, Reason: hostileText, Observed: hostileText,
			Failure: &Failure{
				Case: hostileText, Requirement: hostileText, Problem: hostileText, Delivery: hostileText,
				Request: whole(hostileText), Cuts: []int{1, 7, 9, 400, 3}, Expected: whole("\x1b[2J" + hostileText), Actual: whole("\x1b[2J" + hostileText[1:]),
				Ended:           &Ended{How: hostileText, Words: hostileText + "\n\t" + hostileText},
				FirstDifference: 5, Ending: hostileText, Failed: 1, Runs: 2, Causes: []string{hostileText, hostileText}, Again: "again " + hostileText,
				Timeline: []Event{{AtUS: -1, Kind: hostileText, Text: whole(hostileText)}, {Kind: "note", Text: whole(hostileText)}, {Kind: "receive", Text: whole(hostileText), Conn: -3}},
			},
		})
	}
	return r
}
