// Package judgetest has what the tests of whole runs share: servers that are made for a test, in memory, in this process, or as a process
// of its own, with configs for them; and what is held and read of a report. Nothing but tests imports it.
//
// The tests that need no more of the judge than its report stand below, by what is special about the server that is judged: in ends those
// of servers that end, are broken for good, or are started and stopped; in files those of servers that are judged by an exchange file; in
// unlike those of servers that are slow, far, or have few workers, or take few clients. What else there is to hold of the gate, the
// runner, verdicts and diagnoses stands in internal/judge. They are several packages because go test bounds the time of each.
package judgetest
