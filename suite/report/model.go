// Package report holds the one result model and draws it for people and
// machines: console text, JSON, JUnit XML. It knows nothing of sockets.
package report

import "time"

// Schema names the version of the JSON report.
const Schema = "streamspec/1"

// Verdict is what the suite says of one requirement.
type Verdict string

// The verdicts, as the contract's section 4 closes with them.
const (
	Pass         Verdict = "pass"         // shown
	Fail         Verdict = "fail"         // a MUST is broken, or whatever moves the end of a message
	Warn         Verdict = "warn"         // a SHOULD is broken, or a MUST where that harms nobody; fails under strict
	Info         Verdict = "info"         // what was observed of a MAY
	Skip         Verdict = "skip"         // not judged, for the reason given
	Inconclusive Verdict = "inconclusive" // the suite itself could not judge
)

// Level is the RFC 2119 word of a requirement.
type Level string

// The levels of the contract.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// Conclusion is what a whole run amounts to; the exit status follows it.
type Conclusion string

// The conclusions and their exit status.
const (
	Conformant    Conclusion = "conformant"     // 0
	NotConformant Conclusion = "not conformant" // 1
	NoVerdict     Conclusion = "no verdict"     // 3
)

// Report is the outcome of one run of the suite against one target.
type Report struct {
	Schema     string     `json:"schema"`
	Tool       Tool       `json:"tool"`
	Target     Target     `json:"target"`
	Dialect    string     `json:"dialect"`
	Seed       uint64     `json:"seed"`
	Strict     bool       `json:"strict"` // a warn counts as a failure
	Started    time.Time  `json:"started"`
	DurationMS float64    `json:"duration_ms"`
	Conclusion Conclusion `json:"conclusion"`
	// Sentence is the last line of the console report, such as
	// "conformant: 61 of 61 MUST, 12 of 14 SHOULD, 9 not applicable".
	Sentence string `json:"sentence"`
	// Trouble is the one message of a run that could not judge anything: the
	// target was not reached, or the baseline exchange failed. Empty otherwise.
	Trouble     string `json:"trouble,omitempty"`
	Interrupted bool   `json:"interrupted"`
	// Unexpected says what was expected of the run and did not come, a sentence each: what was to fail and passes, or passed in a baseline
	// and does not now. A run with any is not conformant.
	Unexpected []string `json:"unexpected,omitempty"`
	Notes      []string `json:"notes,omitempty"` // warnings about the whole run
	// First is the broken requirement to begin with: one that shows the likely cause, where one is told; else a MUST before a SHOULD, and
	// the one whose failure costs least. "" where nothing is broken.
	First string `json:"first,omitempty"`
	// Likely is the likely cause, in words, where a pattern over the results points at one.
	Likely string `json:"likely,omitempty"`
	// Explains are the requirements that show it.
	Explains []string `json:"explains,omitempty"`
	Cuts     Cuts     `json:"cuts"` // over all results
	Summary  Summary  `json:"summary"`
	Results  []Result `json:"results"`
}

// Tool says which streamspec made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target says what was judged.
type Target struct {
	Name    string `json:"name"` // as the user gave it: an address, "reference", a command
	Kind    string `json:"kind"` // "address", "reference" or "exec"
	Address string `json:"address"`
	PID     int    `json:"pid,omitempty"`
	Serial  bool   `json:"serial"` // serves one client at a time
	// Cuts is "confirmed" where the server's end of a connection can be seen,
	// else "likely".
	Cuts string `json:"cuts"`
	// Stderr is the end of what a server that the suite started wrote to stderr
	// (at most 4 KiB).
	Stderr string `json:"stderr,omitempty"`
}

// Summary counts requirements by verdict.
type Summary struct {
	Pass         int `json:"pass"`
	Fail         int `json:"fail"`
	Warn         int `json:"warn"`
	Info         int `json:"info"`
	Skip         int `json:"skip"`
	Inconclusive int `json:"inconclusive"`
	Waived       int `json:"waived,omitempty"` // of those that fail or warn
}

// Cuts counts the cuts made between segments, and those of them that are known
// to have been separate reads.
type Cuts struct {
	Made      int `json:"made"`
	Confirmed int `json:"confirmed"`
}

// Result is the verdict on one requirement.
type Result struct {
	ID         string  `json:"id"`     // "FRAM-2"
	Family     string  `json:"family"` // "FRAM"
	Level      Level   `json:"level"`
	Title      string  `json:"title"`
	Verdict    Verdict `json:"verdict"`
	Reason     string  `json:"reason,omitempty"`   // of a skip, an inconclusive, a fail or a warn: one sentence
	Observed   string  `json:"observed,omitempty"` // a measured figure or behaviour worth a remark: "held 200 connections"
	Cases      int     `json:"cases"`              // deliveries and checks that were made
	Cuts       Cuts    `json:"cuts"`
	DurationMS float64 `json:"duration_ms"`
	// Waived says why the requirement, which is broken, may be for now; nil where it may not.
	Waived  *Waived  `json:"waived,omitempty"`
	Failure *Failure `json:"failure,omitempty"` // with fail and warn, and with inconclusive where there is evidence
}

// Waived is what is known of a requirement that is broken, and may be for now.
type Waived struct {
	Reason string `json:"reason"`
	Link   string `json:"link,omitempty"`
	Until  string `json:"until,omitempty"` // the last day, as 2027-03-31
}

// Failure is the evidence of one broken requirement: everything that a person
// needs to see it again and mend it.
type Failure struct {
	Case        string `json:"case"`        // which case showed it: "FRAM-2/line/cut-at-7"
	Requirement string `json:"requirement"` // the requirement's sentence
	Problem     string `json:"problem"`     // what went wrong, in one sentence
	// Proof says of what came before something else was sent what that shows: "it answered \"a\\n\" before \"b\\n\" was sent, so it did not
	// wait for the end of the line"; "" where the order shows nothing.
	Proof    string `json:"proof,omitempty"`
	Delivery string `json:"delivery"` // the delivery in words: "cut in two after byte 7 of 12"
	Request  Bytes  `json:"request"`
	Cuts     []int  `json:"cuts,omitempty"` // offsets into the request, at most 64 of them
	Expected Bytes  `json:"expected"`
	Actual   Bytes  `json:"actual"`
	// Pattern says in words what a right answer is, where several are: Expected is an example of one then, or empty.
	Pattern string `json:"pattern,omitempty"`
	// FirstDifference is the offset in the answer of the first byte that differs
	// from what was expected, or at which one of the two ends; -1 where the answer's bytes are not the problem.
	FirstDifference int64 `json:"first_difference"`
	// Ending says how the connection ended: "open", "fin", "rst", or "" where there was none.
	Ending string `json:"ending,omitempty"`
	Failed int    `json:"failed"` // of Runs runs of the same delivery, Failed failed
	Runs   int    `json:"runs"`
	// Cost is what it takes to follow the failure: the bytes that were sent on its connection, and more for each
	// cut, pause and other connection. 0 is a failure that no exchange shows.
	Cost     int64   `json:"cost,omitempty"`
	Timeline []Event `json:"timeline,omitempty"`
	// Passing is another delivery of the same request that passed; nil where there is none.
	Passing *Passing `json:"passing,omitempty"`
	// Began is when its connection began; zero where it has none.
	Began time.Time `json:"began,omitzero"`
	// Machine says how busy the machine was; nil where that is not known.
	Machine *Machine `json:"machine,omitempty"`
	// Raw are the first bytes of its connection, in order.
	Raw    []Raw    `json:"raw,omitempty"`
	Causes []string `json:"causes,omitempty"` // what usually causes it, most likely first
	Again  string   `json:"again,omitempty"`  // the command that shows it again
	// Plan is the exchange as a plan, which streamspec replay plays; "" where it takes more than one, or one that is too long.
	Plan string `json:"plan,omitempty"`
	// Ended says how the server ended of it; nil where it did not end, as far as that is known.
	Ended *Ended `json:"server_ended,omitempty"`
}

// Machine is what else there was to do where the suite ran, when a failure was seen.
type Machine struct {
	Processors int     `json:"processors"`
	Load       float64 `json:"load"` // how many processes ran or waited to, on average over a minute
	// LateUS is by how many microseconds the client's side of the connection was later than it was to be.
	LateUS int64 `json:"late_us,omitempty"`
}

// Passing is another delivery of a failure's request, which was answered rightly.
type Passing struct {
	Delivery string  `json:"delivery"`
	Actual   Bytes   `json:"actual"`
	Timeline []Event `json:"timeline"`
}

// Raw are bytes that one side sent on a connection, up to where the other did.
type Raw struct {
	From  string `json:"from"`  // "client" or "server"
	Bytes []byte `json:"bytes"` // the first of them
	Total int64  `json:"total"` // how many there were
}

// RawLimit bounds the bytes that all Raw of a failure hold.
const RawLimit = 16 << 10

// Ended is how a server ended, and what it said last.
type Ended struct {
	How string `json:"how"` // "exit status 1", "signal: segmentation fault (SIGSEGV)"
	// Words are its last words as lines: the message with its stack trace, whole but for the middle of a long one.
	Words string `json:"words,omitempty"`
}

// Bytes is an excerpt of a byte string. Text holds the raw bytes from Offset
// on; JSON carries them escaped as in a Go string literal without its quotes.
type Bytes struct {
	Total  int64  // length of the whole
	Offset int64  // where Text begins in it
	Text   []byte // at most ExcerptLimit bytes
}

// ExcerptLimit bounds the bytes that an excerpt carries.
const ExcerptLimit = 4096

// Event is one thing that happened on a connection.
type Event struct {
	AtUS int64  `json:"at_us"` // microseconds since the connection was opened
	Kind string `json:"kind"`  // "connect", "send", "cut", "pause", "fin", "reset", "receive", "received-fin", "received-reset", "wait-over", "note"
	// Text excerpts what was sent or received, or says what the note is.
	Text  Bytes `json:"text"`
	Count int64 `json:"count,omitempty"` // bytes sent or received
	// Confirmed tells of a cut or fin whether it is known to have been read separately.
	Confirmed bool `json:"confirmed,omitempty"`
	// Conn numbers the connection in cases that use several; 0 is the first.
	Conn int `json:"conn,omitempty"`
}
