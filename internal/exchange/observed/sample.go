package observed

import "fmt"

// A Sample is one answer as it came on the connection of that name.
type Sample struct {
	Conn   string
	Said   Names // what else is known of the connection
	Answer []byte

	seen *seen // what was found in it before, by the masks of its file; nil where that is not kept
}

// Heard is a sample that is looked at again and again, always by the same masks.
func Heard(names Names, answer []byte) Sample {
	return Sample{Said: names, Answer: answer, seen: &seen{}}
}

// Part is the sample of a part of the answer.
func (s Sample) Part(answer []byte) Sample { return Sample{Conn: s.Conn, Said: s.Said, Answer: answer} }

// Names are what names mean on the sample's connection.
func (s Sample) Names() Names {
	if s.Said != nil {
		return s.Said
	}
	return Connected(s.Conn)
}

// seen is what is masked in a sample.
type seen struct{ spans []span }

// Unstable says that the server does not say the same to the same message.
type Unstable struct {
	At   int       // the first byte at which two answers differ
	Said [2][]byte // what each of the two says there, at most 40 bytes
	// Masks are those by which the answers would be the same, as a file has them; "" where there are none.
	Masks string
	// Advice is what else to do where they may differ; "" is to say what must come.
	Advice string
}

// Error returns the sentence.
func (u *Unstable) Error() string {
	text := fmt.Sprintf("the server's answers to the same whole message differ from byte %d on: %s, and %s", u.At, visible(u.Said[0]), visible(u.Said[1]))
	switch {
	case u.Advice != "":
		return text + "; if they may, " + u.Advice
	case u.Masks != "":
		return text + "; if they may, add to the file " + u.Masks
	}
	return text + "; if they may, say by expect what must come"
}
