package main_test

import (
	"regexp"
	"strconv"
	"testing"
)

// TestStartsLightly holds how much a program makes before it does anything: each server of a run, and each that is started again, is one more
// start. What is long is made where it is asked for.
func TestStartsLightly(t *testing.T) {
	const most = 1 << 20
	c := startedWith(t, []string{"GODEBUG=inittrace=1"}, "version").wait(t)
	sum := 0
	for _, of := range regexp.MustCompile(`(?m)^init (\S+) @.* clock, (\d+) bytes,`).FindAllStringSubmatch(c.stderr, -1) {
		bytes, err := strconv.Atoi(of[2])
		if err != nil {
			t.Fatal(err)
		}
		if sum += bytes; bytes > most/4 {
			t.Logf("%s makes %d bytes", of[1], bytes)
		}
	}
	if sum == 0 || sum > most {
		t.Errorf("%d bytes are made before the program begins, of which there may be %d", sum, most)
	}
}
