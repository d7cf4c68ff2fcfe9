package web

import (
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// hfldFaults are those of the fields.
var hfldFaults = []Fault{{
	Name:        "host-optional",
	Sentence:    "a request of HTTP/1.1 without a Host field is answered",
	Requirement: "HFLD-1",
	Mistake:     "Host is looked at only where it is there",
	Plant: by(func(s *server.Seams) {
		s.Host = func(r *server.Request) error {
			if len(r.Values("host")) == 0 {
				return nil
			}
			return server.ReadHost(r)
		}
	}),
}, {
	Name:        "last-host-wins",
	Sentence:    "of two Host fields the last one counts",
	Requirement: "HFLD-2",
	Mistake:     "fields are put into a map, where the last of a name takes the place of the others",
	Plant: by(func(s *server.Seams) {
		s.Host = func(r *server.Request) error {
			all := r.Fields
			defer func() { r.Fields = all }()
			hosts := r.Values("host")
			if len(hosts) > 1 {
				r.Fields = []server.Field{server.FieldOf("Host", hosts[len(hosts)-1])}
			}
			return server.ReadHost(r)
		}
	}),
}, {
	Name:        "host-unchecked",
	Sentence:    "a Host field that is no host is taken",
	Requirement: "HFLD-3",
	Mistake:     "nobody looks at the value of Host",
	Plant:       by(func(s *server.Seams) { s.CheckHost = func(string) error { return nil } }),
}, {
	Name:        "space-before-colon",
	Sentence:    "white space between a field's name and its colon is left out",
	Requirement: "HFLD-5",
	Mistake:     "the line is divided at the colon, and both parts are trimmed",
	Plant: by(func(s *server.Seams) {
		s.SplitField = func(line string) (name, value string, err error) {
			name, value, err = server.SplitField(line)
			return server.Trim(name), value, err
		}
	}),
}, {
	Name:        "leading-space-trimmed",
	Sentence:    "a line before the first field that begins with white space is a field",
	Requirement: "HFLD-6",
	Mistake:     "each line is trimmed before it is divided; folds are looked for behind a field alone",
	Plant: by(func(s *server.Seams) {
		s.BlankLine = func(fields []server.Field, line string) ([]server.Field, error) {
			if len(fields) > 0 {
				return server.RefuseBlank(fields, line)
			}
			return addTrimmed(fields, line)
		}
	}),
}, {
	Name:        "fold-is-a-field",
	Sentence:    "a folded line is a field of its own",
	Requirement: "HFLD-7",
	Mistake:     "each line is trimmed before it is divided, and folds are not known",
	Plant: by(func(s *server.Seams) {
		s.BlankLine = func(fields []server.Field, line string) ([]server.Field, error) {
			if len(fields) == 0 || !strings.Contains(line, ":") {
				return server.RefuseBlank(fields, line)
			}
			return addTrimmed(fields, line)
		}
	}),
}, {
	Name:        "fold-drops-value",
	Sentence:    "what stands on a folded line is lost",
	Requirement: "HFLD-7",
	Mistake:     "lines with leading white space are skipped, as if they were empty",
	Plant: by(func(s *server.Seams) {
		s.BlankLine = func(fields []server.Field, line string) ([]server.Field, error) {
			if len(fields) == 0 {
				return server.RefuseBlank(fields, line)
			}
			return fields, nil
		}
	}),
}, {
	Name:        "cr-starts-field",
	Sentence:    "a lone CR in a value begins another field",
	Requirement: "HFLD-8",
	Mistake:     "a field line is divided once more by something that knows many line ends",
	Plant:       by(func(s *server.Seams) { s.FieldLines = func(line string) []string { return strings.Split(line, "\r") } }),
}, {
	Name:        "nul-kept",
	Sentence:    "a NUL in a value is kept",
	Requirement: "HFLD-9",
	Mistake:     "the bytes of a value are not looked at",
	Plant:       valueAs(func(value string) string { return strings.ReplaceAll(value, "\x00", " ") }, func(value string) string { return value }),
}, {
	Name:        "nul-ends-value",
	Sentence:    "a value ends at a NUL, and the rest is lost",
	Requirement: "HFLD-9",
	Mistake:     "the value is kept as a string of C",
	Plant: valueAs(func(value string) string { return strings.ReplaceAll(value, "\x00", " ") }, func(value string) string {
		value, _, _ = strings.Cut(value, "\x00")
		return value
	}),
}, {
	Name:        "value-must-be-ascii",
	Sentence:    "a value with bytes over 7F is refused",
	Requirement: "HFLD-11",
	Mistake:     "the head is decoded as ASCII, and what is none is an error",
	Plant: by(func(s *server.Seams) {
		s.Value = func(value string) (string, error) {
			for i := range len(value) {
				if value[i] > 0x7f {
					return "", server.Malformed("A value is not ASCII.")
				}
			}
			return server.ReadValue(value)
		}
	}),
}, {
	Name:        "name-unchecked",
	Sentence:    "a field is taken whatever its name is made of, and a line without a colon is one too",
	Requirement: "HFLD-12",
	Mistake:     "whatever stands before the colon is the name",
	Plant: by(func(s *server.Seams) {
		s.SplitField = func(line string) (name, value string, err error) {
			name, value, _ = strings.Cut(line, ":")
			return name, value, nil
		}
		s.CheckName = func(name string) error {
			if strings.HasSuffix(name, " ") || strings.HasSuffix(name, "\t") {
				return server.CheckName(name)
			}
			return nil
		}
	}),
}, {
	Name:        "length-case-sensitive",
	Sentence:    "a length is not seen where its field is written in other letters than Content-Length or content-length",
	Requirement: "HFLD-13",
	Mistake:     "the name is compared with the two spellings that clients have",
	Plant: by(func(s *server.Seams) {
		s.Lengths = func(r *server.Request) (all []string) {
			for _, f := range r.Fields {
				if f.Name == "Content-Length" || f.Name == "content-length" {
					all = append(all, f.Value)
				}
			}
			return all
		}
	}),
}, {
	Name:        "one-space-expected",
	Sentence:    "a value without a space before it loses its first byte",
	Requirement: "HFLD-14",
	Mistake:     "the value begins two bytes behind the colon",
	Plant: by(func(s *server.Seams) {
		s.SplitField = func(line string) (name, value string, err error) {
			name, value, err = server.SplitField(line)
			return name, value[min(1, len(value)):], err
		}
	}),
}, {
	Name:        "empty-value-refused",
	Sentence:    "a field without a value is refused",
	Requirement: "HFLD-15",
	Mistake:     "the value is asked for by a pattern that wants a byte at least",
	Plant: by(func(s *server.Seams) {
		s.Value = func(value string) (string, error) {
			value, err := server.ReadValue(value)
			if err == nil && value == "" {
				return "", server.Malformed("A field has no value.")
			}
			return value, err
		}
	}),
}, {
	Name:        "long-line-hangs",
	Sentence:    "a field line that is too long is neither answered nor is the connection closed",
	Requirement: "HFLD-16",
	Mistake:     "nothing is read any more when the buffer is full, and the line's end is waited for",
	Plant: by(func(s *server.Seams) {
		s.LongField = func(c *server.Conn) error {
			<-c.Changes.Stopped()
			return errStopped
		}
	}),
}, {
	Name:        "field-cut",
	Sentence:    "of a value of more than 8 KiB the rest is dropped, and so is every field behind the hundredth",
	Requirement: "HFLD-16",
	Mistake:     "values and fields are copied into arrays of fixed size, and what does not fit is dropped",
	Plant: by(func(s *server.Seams) {
		s.Limits.Field, s.Limits.Fields = 4<<20, 100
		s.TooMany = func(*server.Request) error { return nil }
		s.Value = func(value string) (string, error) {
			value, err := server.ReadValue(value)
			return value[:min(8<<10, len(value))], err
		}
	}),
}, {
	Name:        "fields-limit-32",
	Sentence:    "a request of more than 32 fields is refused",
	Requirement: "HFLD-17",
	Mistake:     "the fields are kept in an array of 32",
	Plant:       by(func(s *server.Seams) { s.Limits.Fields = 32 }),
}}

// addTrimmed adds what a line says without the white space before it.
func addTrimmed(fields []server.Field, line string) ([]server.Field, error) {
	name, value, err := server.SplitField(server.Trim(line))
	if err != nil {
		return nil, err
	}
	return append(fields, server.FieldOf(name, server.Trim(value))), server.CheckName(name)
}

// valueAs plants a check of values that sees what seen makes of them, and keeps what kept does.
func valueAs(seen, kept func(string) string) func(*plant.Changes) {
	return by(func(s *server.Seams) {
		s.Value = func(value string) (string, error) {
			if _, err := server.ReadValue(seen(value)); err != nil {
				return "", err
			}
			return server.Trim(kept(value)), nil
		}
	})
}
