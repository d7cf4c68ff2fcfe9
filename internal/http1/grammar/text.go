package grammar

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Text is the stream as a text that [Parse] reads.
func (s Stream) Text() string {
	if s.Last.Value != "" { // which may be of bytes that JSON has not
		s.Last.Value = strconv.QuoteToASCII(s.Last.Value)
	}
	text, err := json.Marshal(s)
	if err != nil { // it is of strings and numbers alone
		panic(err)
	}
	return string(text)
}

// Parse reads the text of a stream. Its error says that it is none.
func Parse(text string) (s Stream, err error) {
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("what was drawn cannot be read: %w", err)
	}
	if s.Last.Value != "" {
		if s.Last.Value, err = strconv.Unquote(s.Last.Value); err != nil {
			return s, errors.New("what was drawn cannot be read: a value is not a string as Go writes it")
		}
	}
	all := append(slices.Clone(s.Before), s.Last)
	for i := range all {
		if m := &all[i]; m.Class != nil {
			m.Class = classes[slices.IndexFunc(classes, func(c *Class) bool { return c.Name == m.Class.Name && c.Requirement == m.Class.Requirement })]
		}
		for _, c := range all[i].Chunks {
			if !slices.Contains(sizes, c.Size) {
				return s, fmt.Errorf("what was drawn cannot be read: no size of a chunk is written as %q", c.Size)
			}
		}
	}
	if slices.ContainsFunc(s.Before, func(m Message) bool { return m.Class != nil || m.closes() }) {
		return s, errors.New("what was drawn cannot be read: a message that is not valid, or ends the connection, is not the last")
	}
	s.Before, s.Last = all[:len(all)-1], all[len(all)-1]
	return s, nil
}

// MarshalText is the requirement and the name.
func (c *Class) MarshalText() ([]byte, error) { return []byte(c.Requirement + " " + c.Name), nil }

// UnmarshalText makes c the class of that requirement and name.
func (c *Class) UnmarshalText(text []byte) error {
	for _, known := range classes {
		if known.Requirement+" "+known.Name == string(text) {
			*c = *known
			return nil
		}
	}
	return errors.New("there is no such class")
}
