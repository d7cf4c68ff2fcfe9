package target

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// A report of why a server ended, as each language prints it, behind what was logged before: all of it belongs together, and nothing
// else does.
func TestLastReportIsWhole(t *testing.T) {
	for name, test := range map[string]struct{ before, report, why string }{
		"node": {"listening\n", `/srv/kv.js:41
        need = chunk.readUInt32BE(0);
                     ^

RangeError [ERR_BUFFER_OUT_OF_BOUNDS]: Attempt to access memory outside buffer bounds
    at boundsError (node:internal/buffer:86:11)
    at Socket.<anonymous> (/srv/kv.js:41:22) {
  code: 'ERR_BUFFER_OUT_OF_BOUNDS'
}

Node.js v20.20.2`, "RangeError [ERR_BUFFER_OUT_OF_BOUNDS]: Attempt to access memory outside buffer bounds"},
		"go": {"2026/11/30 00:00:01 error: an old one\n", `panic: runtime error: slice bounds out of range [:4] with capacity 1

goroutine 7 [running]:
main.serve({0x7f0c2c8d5b18, 0xc000014090})
    /srv/main.go:31 +0x1b2
created by main.main in goroutine 1
    /srv/main.go:18 +0x9c
exit status 2`, "panic: runtime error: slice bounds out of range [:4] with capacity 1"},
		"python, one led to another": {"GET /\n", `Traceback (most recent call last):
  File "/srv/a.py", line 3, in read
    n = int(b"")
ValueError: invalid literal for int() with base 10: b''

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/a.py", line 9, in <module>
    read()
    ~~~~^^
app.BadHeader: the header is too short`, "app.BadHeader: the header is too short"},
		"python, another was caught before": {`Traceback (most recent call last):
  File "/srv/a.py", line 3, in read
ValueError: an old one
`, `Traceback (most recent call last):
  File "/srv/a.py", line 9, in <module>
KeyError: 'x'`, "KeyError: 'x'"},
		"rust": {"", `thread 'main' panicked at src/main.rs:12:5:
index out of bounds: the len is 1 but the index is 3
stack backtrace:
   0: rust_begin_unwind
note: run with RUST_BACKTRACE=full`, "thread 'main' panicked at src/main.rs:12:5: index out of bounds: the len is 1 but the index is 3"},
		"java": {"INFO: up\n", `Exception in thread "main" java.lang.IllegalStateException: no header
    at Server.main(Server.java:12)
Caused by: java.lang.ArrayIndexOutOfBoundsException: 4
    ... 1 more`, `Exception in thread "main" java.lang.IllegalStateException: no header`},
		"c": {"ready\n", "kv: kv.c:31: header: Assertion `n >= 4' failed.", "kv: kv.c:31: header: Assertion `n >= 4' failed."},
		"sanitizer": {"", `==42==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602
READ of size 4 at 0x602 thread T0
    #0 0x4f in header /srv/kv.c:31`, "==42==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602"},
		"a word in a log": {"a\nb\n", "2026/11/27 [emerg] 1#1: no memory\nstopping", "2026/11/27 [emerg] 1#1: no memory"},
	} {
		got := lastReport(printable([]byte(test.before+test.report+"\n"), tailSize))
		if got != test.report {
			t.Errorf("%s: the report is\n%s", name, got)
		}
		if why := whyLine(got); why != test.why {
			t.Errorf("%s: the message is %q", name, why)
		}
	}
}

// What does not say why is its last lines; nothing is nothing.
func TestLastReportWithoutAMessage(t *testing.T) {
	var log strings.Builder
	for i := range 100 {
		fmt.Fprintf(&log, "served %d\n", i)
	}
	if got := lastReport(log.String()); !strings.HasPrefix(got, "served 92\n") || !strings.HasSuffix(got, "\nserved 99") || whyLine(got) != "" {
		t.Errorf("the last lines are %q", got)
	}
	if got := lastReport(" \n\n"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

// A long trace, of which the message is at its beginning: that, and the end, are told; nothing is longer than people read.
func TestLastReportIsBounded(t *testing.T) {
	var trace strings.Builder
	trace.WriteString("panic: it is nil\n\ngoroutine 1 [running]:\n")
	for i := range 400 {
		fmt.Fprintf(&trace, "main.f%d()\n\t/srv/%s.go:%d\n", i, strings.Repeat("é", 60), i)
	}
	kept := new(tail)
	_, _ = kept.Write([]byte(strings.Repeat("a line that was logged before\n", 1000) + trace.String())) // it never fails
	got := kept.report()
	if !strings.HasPrefix(got, "panic: it is nil\n") || !strings.HasSuffix(got, ".go:399") || !strings.Contains(got, "… 771 lines more …") {
		t.Errorf("the report is\n%s", got)
	}
	long := lastReport("fatal error: " + strings.Repeat("é", 4000))
	if n := utf8.RuneCountInString(long); n > wordsLine+1 || !utf8.ValidString(long) {
		t.Errorf("%d characters", n)
	}
}

// TestHow: a status and a signal in words.
func TestHow(t *testing.T) {
	for want, exit := range map[string]Exit{
		"exit status 1": {Code: 1},
		"exit status 139, a shell's word for SIGSEGV": {Code: 139},
		"exit status 255":                      {Code: 255},
		"signal: segmentation fault (SIGSEGV)": {Code: -1, Signal: "SIGSEGV"},
		"killed by us":                         {Code: -1, Signal: "SIGKILL", Forced: true},
	} {
		if got := exit.How(); got != want {
			t.Errorf("%+v: %q, want %q", exit, got, want)
		}
	}
}
