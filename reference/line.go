package reference

import "io"

// line answers every line, until an empty one or the end of the stream.
func line(s Stream) error {
	for {
		text, err := s.ReadLine()
		if err == io.EOF {
			return nil
		}
		if err != nil || text == "" {
			return err
		}
		s.WriteContent(text)
		s.WriteContent("\n")
		if err := s.Send(); err != nil {
			return err
		}
	}
}
