package targets

import (
	"bytes"
	"fmt"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
)

// session plays an input to the handler of a dialect, cut as seed says or a byte
// at a time, and says what is wrong with an answer: it must be what the dialect's
// model expects most, which the other answers that it allows are not.
func session(d dialect.Model, input []byte, seed uint64) error {
	handler, ok := reference.HandlerFor(d.Name())
	if !ok {
		return fmt.Errorf("there is no handler for %s", d.Name())
	}
	c := &conn{Reader: &cuts{left: input, state: seed}}
	if seed%4 == 0 {
		c.Reader = &single{input}
	}
	err := handler.Handle(reference.NewStreamHandler(c, reference.Config{}))
	p := d.Predict(input)
	switch got := c.got.Bytes(); {
	case (err != nil) != (p.End == dialect.ByFailure):
		return fmt.Errorf("%s: %q ends with the error %v, and the model says %d", d.Name(), input, err, p.End)
	case !bytes.Equal(got, p.Answers[0]):
		return fmt.Errorf("%s: %q is answered %q, and should be %q", d.Name(), input, got, p.Answers[0])
	}
	return nil
}
