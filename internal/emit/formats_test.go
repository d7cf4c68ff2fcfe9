package emit_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/emit"
	"github.com/streamspec/streamspec/internal/plan"
)

// TestRefused looks at the errors.
func TestRefused(t *testing.T) {
	change := func(r emit.Reproduction, f func(r *emit.Reproduction)) emit.Reproduction {
		f(&r)
		return r
	}
	big := lines("", "", delivery.Whole().WithEnd(delivery.HalfClose))
	piece := plan.Piece{Size: emit.MaxBytes + 1, Seed: 1}
	big.Plan.Clients[0].Requests = []plan.Request{{Pieces: []plan.Piece{piece}}}
	big.Clients[0].Request, big.Clients[0].Answers = piece.Bytes(), [][]byte{piece.Bytes()}
	long := strings.Repeat("x", 6100)
	for _, c := range []struct {
		r    emit.Reproduction
		want string
	}{
		{big, "1048577 bytes"},
		{lines(long, long, delivery.EveryByte(len(long)).WithEnd(delivery.HalfClose)), "would sleep"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Clients = nil }), "known of 0"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Clients[0].Request = []byte("caf\xc3\xa9\r\nsecone\n") }), "not what the plan sends"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Clients[0].Answers = nil }), "no answer is right"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Plan.Clients[0].Cuts[0].At = 99 }), "cut 1"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Address = "7000" }), "host:port"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Address = "-e:7000" }), "host:port"},
		{change(cutLine(), func(r *emit.Reproduction) { r.Address = "a b\n:7000" }), "host:port"},
		{change(conversation(), func(r *emit.Reproduction) { r.Clients[0].Awaits[0].At = 99 }), "await after byte 99"},
	} {
		for _, f := range forms {
			var b bytes.Buffer
			err := f.write(&b, c.r)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: the error is %v, and not %q", f.name, err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("%s writes %d bytes and refuses", f.name, b.Len())
			}
		}
	}
}

// TestFormats looks at the names of the forms.
func TestFormats(t *testing.T) {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	if !slices.Equal(emit.Formats(), names) {
		t.Errorf("%q", emit.Formats())
	}
}
