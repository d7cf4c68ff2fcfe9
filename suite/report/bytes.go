package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/streamspec/streamspec/internal/show"
)

// Excerpt is the excerpt of b around an offset: all of b where it is no longer
// than [ExcerptLimit], else that many bytes with the offset in their middle, as
// near as the ends of b allow. It keeps nothing of b itself.
func Excerpt(b []byte, around int64) Bytes {
	total := int64(len(b))
	from := min(max(0, around-ExcerptLimit/2), max(0, total-ExcerptLimit))
	to := min(total, from+ExcerptLimit)
	return Bytes{Total: total, Offset: from, Text: bytes.Clone(b[from:to])}
}

// end is the offset in the whole at which Text ends.
func (b Bytes) end() int64 { return b.Offset + int64(len(b.Text)) }

// offsetLimit is far enough from the largest number that nothing counted from an
// offset overflows.
const offsetLimit = math.MaxInt64 - 4*ExcerptLimit

// bounded is b within its bounds: no more text than an excerpt may carry, and
// no total that its own text exceeds.
func (b Bytes) bounded() Bytes {
	b.Text = b.Text[:min(len(b.Text), ExcerptLimit)]
	b.Offset = min(max(0, b.Offset), offsetLimit)
	b.Total = max(b.Total, b.end())
	return b
}

// wireBytes is how an excerpt is written in JSON.
type wireBytes struct {
	Total  *int64  `json:"total"`
	Offset *int64  `json:"offset"`
	Text   *string `json:"text"`
}

// MarshalJSON writes {"total":n,"offset":n,"text":"…"}, the text as [show.Bytes]
// gives it.
func (b Bytes) MarshalJSON() ([]byte, error) {
	b = b.bounded()
	text := show.Bytes(b.Text)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(wireBytes{&b.Total, &b.Offset, &text}); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing else: all three
// members, no other, a text that [show.Parse] accepts and that lies within the
// whole.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var w wireBytes
	if err := dec.Decode(&w); err != nil {
		return fmt.Errorf("an excerpt: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("an excerpt: more than one value")
	}
	if w.Total == nil || w.Offset == nil || w.Text == nil {
		return errors.New("an excerpt needs total, offset and text")
	}
	text, err := show.Parse(*w.Text)
	if err != nil {
		return fmt.Errorf("the text of an excerpt: %w", err)
	}
	switch n := int64(len(text)); {
	case n > ExcerptLimit:
		return fmt.Errorf("an excerpt of %d bytes; the limit is %d", n, ExcerptLimit)
	case *w.Offset < 0 || *w.Total < n || *w.Offset > *w.Total-n:
		return fmt.Errorf("an excerpt of %d bytes at offset %d of %d", n, *w.Offset, *w.Total)
	}
	*b = Bytes{Total: *w.Total, Offset: *w.Offset, Text: text}
	return nil
}
