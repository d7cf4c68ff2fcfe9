//go:build unix

package main_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFuzzHTTP1 holds that requests of HTTP/1.1's grammar are played beside the plans, and that what is saved of them is judged again by what
// the grammar says.
func TestFuzzHTTP1(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "failures")
	o := call(t, "fuzz", "reference", "--fault", "host-optional", "--dialect", "http1", "--plans", "400", "--timeout", "300ms", "--save", dir)
	if o.status != 1 || !strings.Contains(o.stdout, "✗ HFLD-1  ") || !strings.Contains(o.stdout, "that the server refuses it, or refuses it, and answers") {
		t.Fatalf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	names := plansIn(t, dir)
	if len(names) == 0 {
		t.Fatal("nothing was saved")
	}
	for _, name := range names {
		wrong := call(t, "replay", name, "reference", "--fault", "host-optional", "--timeout", "300ms")
		if wrong.status != 1 || !strings.Contains(wrong.stdout, "timeline") || !strings.HasPrefix(lastLine(wrong.stdout), "not conformant: no Host: ") {
			t.Errorf("%s on the faulty server: status %d, %s%s", name, wrong.status, wrong.stdout, wrong.stderr)
		}
		right := call(t, "replay", name, "reference")
		if right.status != 0 || !strings.HasPrefix(lastLine(right.stdout), "conformant: the server makes of this what it may") {
			t.Errorf("%s on the right server: status %d, %s%s", name, right.status, right.stdout, right.stderr)
		}
	}
	refused(t, call(t, "replay", written(t, "d.plan", "streamspec plan 1\ndialect http1\ndrawn \"x\"\nclient\nrequest \"x\"\nend open\n"), "reference"), 2, "what was drawn cannot be read")
}

// TestFuzzBeside holds that what two servers frame otherwise is told, and how the command ends.
func TestFuzzBeside(t *testing.T) {
	serve := func(args ...string) string {
		_, addr := serving(t, append([]string{"--dialect", "http1"}, args...)...)
		return addr
	}
	right, wrong := serve("--odd", "lenient"), serve("--fault", "length-over-chunked")
	beside := func(other string, args ...string) outcome {
		return call(t, append([]string{"fuzz", right, "--beside", other, "--dialect", "http1", "--post-path", "/echo", "--timeout", "300ms"}, args...)...)
	}
	o := beside(wrong, "--plans", "400")
	if o.status != 1 || !strings.Contains(o.stdout, "✗ HLEN-11  the servers frame a request otherwise") || !strings.HasPrefix(lastLine(o.stdout), "framed otherwise: ") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	if i := slices.IndexFunc(strings.Split(o.stdout, "\n"), func(line string) bool { return strings.ContainsAny(line, "\r\x00\x1b") }); i >= 0 {
		t.Errorf("something raw is in line %d of %s", i, o.stdout)
	}
	if o := beside(serve("--odd", "strict"), "--plans", "400"); o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "nothing framed otherwise in 400 draws of seed 1 in ") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	for other, why := range map[string]string{serve("--odd", "closes-after-each"): "ends the connection behind every answer"} {
		if o := beside(other, "--plans", "10"); o.status != 3 || !strings.Contains(o.stdout+o.stderr, why) {
			t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
		}
	}
	refused(t, call(t, "fuzz", right, "--beside", wrong), 2, "give --dialect http1")
	refused(t, beside("reference"), 2, "--beside wants the address of a server that runs already")
	refused(t, beside(wrong, "--save", t.TempDir()), 2, "--save does not go with --beside")
}
