package dialect

import "math/rand/v2"

// Echo is the echo service of RFC 862: the answer is the bytes received, and
// after the client's half-close the server sends what is left and closes.
type Echo struct{}

// Name is "echo".
func (Echo) Name() string { return "echo" }

// Summary says what an echo server does.
func (Echo) Summary() string {
	return "sends back the bytes that it receives, and closes after the client's half-close (RFC 862)"
}

// Predict answers the input itself.
func (Echo) Predict(input []byte) Prediction {
	return Prediction{Answers: [][]byte{input}, End: ByClient, Used: len(input), Due: input}
}

// Plain sends one line that carries id.
func (d Echo) Plain(id string) Session { return session(d, "a line of text", plainBytes(id)) }

// Turns sends n lines.
func (Echo) Turns(id string, n int) []Turn { return byteTurns("", id, n) }

// Rich holds delimiters, CR LF, long characters and bytes that are no text.
func (d Echo) Rich() Session { return session(d, "text and binary bytes", richBytes()) }

// Random draws words and binary runs.
func (d Echo) Random(r *rand.Rand, size int) Session {
	return session(d, "random bytes", randomBytes(r, size))
}

// Values sends the 256 byte values upwards and downwards.
func (d Echo) Values() Session { return session(d, "every byte value", everyValue()) }

// Bulk sends size random bytes.
func (d Echo) Bulk(size int, seed uint64) Session {
	return session(d, "a long request", restlessBinary(size, seed))
}

// Ending sends one line.
func (d Echo) Ending(id string) Session { return session(d, "one line", []byte(named(id, 1)+"\n")) }

func plainBytes(id string) []byte { return []byte(named(id, 1) + "\n") }

// byteTurns are n lines that come back as they are, the first behind greeting.
func byteTurns(greeting, id string, n int) []Turn {
	lines := make([][]byte, n)
	for i := range lines {
		lines[i] = []byte(named(id, i) + "\n")
	}
	return streamed(greeting, lines)
}

func richBytes() []byte {
	return []byte("one\r\ntwo\n\n\r\r\ncafé 日本語 😀\x00\x01\x7f\x80\xff\xfe\xff\xf4 \t\x1a\x04\x03 end\r\n.\r\n last")
}

func randomBytes(r *rand.Rand, size int) []byte {
	var b []byte
	for want := 1 + r.IntN(max(size, 1)); len(b) < want; {
		switch r.IntN(4) {
		case 0:
			b = append(b, '\n')
		case 1:
			b = append(b, anyBytes(1+r.IntN(64), r.Uint64())...)
		default:
			b = append(b, word(r)...)
		}
	}
	return b
}

func everyValue() []byte {
	b := make([]byte, 0, 512)
	for v := range 256 {
		b = append(b, byte(v))
	}
	for v := range 256 {
		b = append(b, byte(255-v))
	}
	return b
}

// Joined sends the requests of turns together.
func (d Echo) Joined(turns []Turn) Session { return joined(d, turns) }

// Cuttable are an ending, a plain and a rich session.
func (d Echo) Cuttable() []Session { return cuttable(d) }

// Beginning is as much of the request as a handler waits behind.
func (d Echo) Beginning(request []byte) []byte { return beginning(d, request) }

// Controls are an ending and a plain session.
func (d Echo) Controls() []Session { return controls(d) }

// Batches are several lines in one request.
func (d Echo) Batches() []Batch { return batches(d) }

// Fill are lines that have n bytes together.
func (d Echo) Fill(id string, n, requests int) Batch { return filled(d, id, n, requests) }

// Burst is a MiB of random bytes.
func (d Echo) Burst(_ string, seed uint64) (requests []byte, answers int) { return burst(d, seed) }

// Unbroken sends size bytes without a line end.
func (d Echo) Unbroken(size int, _ uint64) Session { return unbroken(d, size) }

// Closing are an ending and a plain session: the half-close ends both.
func (d Echo) Closing(id string) []Session { return []Session{d.Ending(id), d.Plain(id)} }

// Stream sends the pieces, which come back as they are.
func (Echo) Stream(pieces ...[]byte) []Turn { return streamed("", pieces) }

// LongAnswer sends size random bytes.
func (d Echo) LongAnswer(size int, seed uint64) (s Session, atOnce bool) {
	return d.Bulk(size, seed), false
}

// streamed are pieces that come back as they are, the first behind greeting.
func streamed(greeting string, pieces [][]byte) []Turn {
	turns := make([]Turn, len(pieces))
	for i, p := range pieces {
		turns[i] = Turn{Request: p, Answer: append([]byte(greeting), p...)}
		greeting = ""
	}
	return turns
}
