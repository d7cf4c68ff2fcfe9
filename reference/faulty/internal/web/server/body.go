package server

import (
	"io"
	"math"
	"strings"
)

// A Framing is where the body of a request ends.
type Framing struct {
	Chunked bool
	Length  int64
	ToEnd   bool // it is what comes until the stream ends, as no request has it
	Closes  bool // the connection ends behind the answer
}

func (f Framing) HasBody() bool { return f.Chunked || f.Length > 0 || f.ToEnd }

// Unframe has the request end with its head.
func (r *Request) Unframe() { r.Framing = Framing{Closes: r.Framing.Closes} }

// frame finds out where the body ends (RFC 9112, section 6.3).
func (c *Conn) frame(r *Request) error {
	var err error
	var length int64
	lengths := c.Lengths(r)
	if len(lengths) > 0 {
		if length, err = c.Length(c, lengths); err != nil {
			return err
		}
	}
	codings, coded := c.Codings(r), false
	if r.Minor > 0 {
		if coded, err = c.Chunked(codings); err != nil {
			return err
		}
	}
	switch {
	case len(codings) > 0 && r.Minor == 0:
		r.Framing, err = c.CodedOld(r, length)
	case coded && len(lengths) > 0:
		r.Framing, err = c.Both(r, length)
	case coded:
		r.Framing = Framing{Chunked: true}
	case len(lengths) > 0:
		r.Framing = Framing{Length: length}
	default:
		r.Framing, err = c.Unframed(r)
	}
	if err != nil {
		return err
	}
	r.Expects, err = c.Expects(c, r)
	return err
}

// OneLength is of one value; two are refused, equal ones too.
func OneLength(c *Conn, values []string) (int64, error) {
	if len(values) > 1 {
		return 0, Malformed("The request has two Content-Length fields.")
	}
	return c.Number(values[0])
}

// ReadNumber reads decimal digits (RFC 9110, section 8.6). What is larger than any int64 is as large as the largest.
func ReadNumber(value string) (n int64, err error) {
	if !AreDigits(value) {
		return 0, Malformed("The Content-Length is not a number in decimal digits.")
	}
	for i := range len(value) {
		digit := int64(value[i] - '0')
		if n > (math.MaxInt64-digit)/10 {
			return math.MaxInt64, nil
		}
		n = n*10 + digit
	}
	return n, nil
}

// IsChunked says whether the codings are chunked and nothing else (RFC 9112, sections 6.1 and 7). None are none.
func IsChunked(values []string) (bool, error) {
	all := Members(values)
	if len(all) == 0 {
		return false, nil
	}
	for i, coding := range all {
		if (Fold(coding) == "chunked") != (i == len(all)-1) {
			return false, Malformed("The Transfer-Encoding does not end with its first chunked.")
		}
	}
	if len(all) > 1 {
		return false, Refusing(501, "This server knows no transfer coding but chunked.")
	}
	return true, nil
}

func refuseCodedOld(*Request, int64) (Framing, error) {
	return Framing{}, Malformed("A request of HTTP/1.0 has a Transfer-Encoding.")
}

// readBody reads the body to its end.
func (c *Conn) readBody(r *Request) (err error) {
	switch f := r.Framing; {
	case f.ToEnd:
		for err == nil {
			err = c.In.Fill()
		}
		r.Content = string(c.In.Take(len(c.In.Buf)))
		if err == io.EOF {
			return nil
		}
		return err
	case f.Chunked:
		return c.readChunks(r)
	case f.Length > 0:
		r.Content, err = c.Content(c, f.Length)
	}
	return err
}

// ReadContent reads so many bytes.
func ReadContent(c *Conn, n int64) (string, error) {
	if err := c.In.Need(int(n)); err != nil {
		return "", err
	}
	return string(c.In.Take(int(n))), nil
}

// readChunks reads chunks and the trailer section behind them (RFC 9112, section 7.1).
func (c *Conn) readChunks(r *Request) error {
	var content strings.Builder
	defer func() { r.Content = content.String() }()
	for had := 0; c.MoreChunks(c, had); had++ {
		line, err := c.In.Line(c.Limits.ChunkLine, c.ChunkEnds(c))
		if err == errLong {
			return c.LongChunk(c)
		} else if err != nil {
			return err
		}
		digits, extensions := c.SplitChunk(c, line)
		size, err := c.ChunkSize(digits)
		if err != nil {
			return err
		}
		if err := c.Extensions(extensions); err != nil {
			return err
		}
		if c.IsLast(line, size) {
			return c.Trailers(c, r)
		}
		if size > c.Limits.Chunk || size > c.Limits.Body-int64(content.Len()) {
			return errTooLarge
		}
		data, err := c.ChunkData(c, size)
		content.WriteString(data)
		if err != nil {
			return err
		}
		if err := c.ChunkEnd(c); err != nil {
			return err
		}
	}
	return nil
}

// SplitChunk divides a chunk line behind its hexadecimal digits.
func SplitChunk(_ *Conn, line string) (size, extensions string) {
	n := 0
	for n < len(line) && HexDigit(line[n]) >= 0 {
		n++
	}
	return line[:n], line[n:]
}

// ReadSize reads hexadecimal digits. What is larger than any int64 is as large as the largest.
func ReadSize(digits string) (n int64, err error) {
	if digits == "" {
		return 0, Malformed("A chunk does not begin with its size.")
	}
	for i := range len(digits) {
		if n > math.MaxInt64>>4 {
			return math.MaxInt64, nil
		}
		n = n<<4 | int64(HexDigit(digits[i]))
	}
	return n, nil
}

func CheckExtensions(s string) error {
	if !AreExtensions(s) {
		return Malformed("What follows the size of a chunk is no extension.")
	}
	return nil
}

var errChunkEnd = Malformed("CR LF does not follow the data of a chunk.")

// ReadChunkEnd reads the CR LF behind the data of a chunk.
func ReadChunkEnd(c *Conn) error {
	switch _, err := c.In.Line(0, c.ChunkEnds(c)); {
	case err == errLong || err == errLoneLF:
		return errChunkEnd
	default:
		return err
	}
}

// ReadTrailers reads the trailer section, and keeps it apart from the fields (RFC 9112, section 7.1.2).
func ReadTrailers(c *Conn, r *Request) (err error) {
	r.Trailers, err = c.readFields(r, Ends{})
	return err
}
