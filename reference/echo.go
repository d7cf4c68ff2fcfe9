package reference

import "io"

// echo answers what it reads, as it reads it. A client that does not read its
// answers stops being read when the kernel's buffers are full.
func echo(s Stream) error {
	for {
		if err := answerSome(s); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// answerSome sends the bytes that are there.
func answerSome(s Stream) error {
	some, err := s.ReadSome()
	if err != nil {
		return err
	}
	s.WriteBytes(some)
	return s.Send()
}
