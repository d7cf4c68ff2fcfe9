package reference

import "io"

// Greeting is what Greet sends before the first bytes that it received.
const Greeting = "I am the server,I have got it:\n"

// greet answers with the greeting and what it reads; to nothing, with nothing.
func greet(s Stream) error {
	some, err := s.ReadSome()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	s.WriteContent(Greeting)
	s.WriteBytes(some)
	if err := s.Send(); err != nil {
		return err
	}
	return echo(s)
}
