package targets

import (
	"bytes"
	"fmt"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
)

// session plays an input to the handler of a dialect, cut as seed says or a byte
// at a time, and says what is wrong with an answer: it must be the oracle's, and so
// must be what the dialect's own model expects most.
func session(d dialect.Model, input []byte, seed uint64) error {
	handler, ok := reference.HandlerFor(d.Name())
	if !ok {
		return fmt.Errorf("there is no handler for %s", d.Name())
	}
	want := oracle.ByName(d.Name())(*oracle.Whole(string(input)))
	fails := want.State == oracle.Failed
	c := &conn{Reader: &cuts{left: input, state: seed}}
	if seed%4 == 0 {
		c.Reader = &single{input}
	}
	err := handler.Handle(reference.NewStreamHandler(c, reference.Config{}))
	p := d.Predict(input)
	switch got := c.got.String(); {
	case (err != nil) != fails:
		return fmt.Errorf("%s: %q ends with the error %v, and should be %v", d.Name(), input, err, want.State)
	case got != want.Sent:
		return fmt.Errorf("%s: %q is answered %q, and should be %q", d.Name(), input, got, want.Sent)
	case (p.End == dialect.ByFailure) != fails || !bytes.Equal(p.Answers[0], []byte(want.Sent)):
		return fmt.Errorf("%s: to %q the dialect expects %q and the end %d, want %q and %v", d.Name(), input, p.Answers[0], p.End, want.Sent, want.State)
	}
	return nil
}
