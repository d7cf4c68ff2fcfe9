package reference

import "io"

const (
	// firstBuffer is the size of a read buffer at first. It doubles as bytes
	// arrive, so that a client is given memory for what it sent, never for what
	// it announced; and one that waits, as most do, is given little.
	firstBuffer = 512
	// keptBuffer is the largest buffer that outlives the call that needed it.
	keptBuffer = 64 << 10
	// trimmedBuffer is the largest buffer that Trim leaves.
	trimmedBuffer = 2 << 10
	// emptyReads is how many reads in a row may bring nothing, not even an error.
	emptyReads = 100
)

// input is the buffer that all reads of a connection share. The bytes received
// and not yet consumed are buf[r:w].
type input struct {
	buf   []byte
	r, w  int
	full  bool  // the last read filled all the room there was
	ended bool  // the stream has ended
	err   error // came with the last bytes; returned once they do not suffice
}

// buffered returns the bytes received and not yet consumed. The slice is valid
// until the next fill.
func (in *input) buffered() []byte {
	return in.buf[in.r:in.w]
}

// consume takes the first n buffered bytes. They stay readable until the next
// fill.
func (in *input) consume(n int) []byte {
	taken := in.buf[in.r : in.r+n : in.r+n]
	in.r += n
	if in.r == in.w {
		in.r, in.w = 0, 0
		if len(in.buf) > keptBuffer {
			in.buf = nil
		}
	}
	return taken
}

// fill reads l once, for a caller that needs want bytes in all and has fewer;
// idle is for l. It returns nil when at least one byte came, and io.EOF from the
// end of the stream on; any other error is returned once and loses nothing.
func (in *input) fill(l *link, want int, idle bool) error {
	if err := in.err; err != nil {
		in.err = nil
		return err
	}
	if in.ended {
		return io.EOF
	}
	in.makeRoom(want)
	for range emptyReads {
		n, err := l.read(in.buf[in.w:], idle)
		in.w += n
		in.full = in.w == len(in.buf)
		if err == io.EOF {
			in.ended = true
		} else if n > 0 {
			in.err, err = err, nil
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// makeRoom leaves at least one free byte behind buf[:w].
func (in *input) makeRoom(want int) {
	size := in.nextSize(want)
	to := in.buf
	switch {
	case size != len(in.buf):
		to = make([]byte, size)
	case in.w < size:
		return
	}
	have := copy(to, in.buffered())
	in.buf, in.r, in.w = to, 0, have
}

// nextSize is how large the buffer is to be for a caller that wants that many
// bytes in all and has fewer.
func (in *input) nextSize(want int) int {
	size := max(len(in.buf), firstBuffer)
	switch have := in.w - in.r; {
	case size > keptBuffer && want <= keptBuffer:
		return keptBuffer
	case have > size/2:
		return max(size, min(2*size, max(want, keptBuffer)))
	case in.full:
		return max(size, min(2*size, keptBuffer))
	}
	return size
}
