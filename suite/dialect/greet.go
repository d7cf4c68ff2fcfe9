package dialect

import "math/rand/v2"

// Greeting is the line that a greet server puts before what it has received.
const Greeting = "I am the server,I have got it:\n"

// Greet answers a greeting and then the bytes received; to a client that sent
// nothing it answers nothing (the greeting alone is accepted too).
type Greet struct{}

// Name is "greet".
func (Greet) Name() string { return "greet" }

// Summary says what a greet server does.
func (Greet) Summary() string {
	return "sends a greeting line and then the bytes that it receives, and closes after the client's half-close"
}

// Predict answers the greeting and the input. A server may greet before anything has come, so that nothing is due then.
func (Greet) Predict(input []byte) Prediction {
	if len(input) == 0 {
		return Prediction{Answers: [][]byte{{}, []byte(Greeting)}, End: ByClient}
	}
	answer := make([]byte, 0, len(Greeting)+len(input))
	answer = append(append(answer, Greeting...), input...)
	return Prediction{Answers: [][]byte{answer}, End: ByClient, Used: len(input), Due: answer}
}

// Plain sends one line that carries id.
func (d Greet) Plain(id string) Session { return session(d, "a line of text", plainBytes(id)) }

// Turns sends n lines; the greeting comes before the first answer.
func (Greet) Turns(id string, n int) []Turn { return byteTurns(Greeting, id, n) }

// Rich holds delimiters, CR LF, long characters and bytes that are no text.
func (d Greet) Rich() Session { return session(d, "text and binary bytes", richBytes()) }

// Random draws words and binary runs.
func (d Greet) Random(r *rand.Rand, size int) Session {
	return session(d, "random bytes", randomBytes(r, size))
}

// Values sends the 256 byte values upwards and downwards.
func (d Greet) Values() Session { return session(d, "every byte value", everyValue()) }

// Bulk sends size random bytes.
func (d Greet) Bulk(size int, seed uint64) Session {
	return session(d, "a long request", restlessBinary(size, seed))
}

// Ending sends one line.
func (d Greet) Ending(id string) Session { return session(d, "one line", []byte(named(id, 1)+"\n")) }

// Joined sends the requests of turns together.
func (d Greet) Joined(turns []Turn) Session { return joined(d, turns) }

// Cuttable are an ending, a plain and a rich session.
func (d Greet) Cuttable() []Session { return cuttable(d) }

// Beginning is as much of the request as a handler waits behind.
func (d Greet) Beginning(request []byte) []byte { return beginning(d, request) }

// Controls are an ending and a plain session.
func (d Greet) Controls() []Session { return controls(d) }

// Batches are several lines in one request.
func (d Greet) Batches() []Batch { return batches(d) }

// Fill are lines that have n bytes together.
func (d Greet) Fill(id string, n, requests int) Batch { return filled(d, id, n, requests) }

// Burst is a MiB of random bytes.
func (d Greet) Burst(_ string, seed uint64) (requests []byte, answers int) { return burst(d, seed) }

// Unbroken sends size bytes without a line end.
func (d Greet) Unbroken(size int, _ uint64) Session { return unbroken(d, size) }

// Closing are an ending and a plain session: the half-close ends both.
func (d Greet) Closing(id string) []Session { return []Session{d.Ending(id), d.Plain(id)} }

// Stream sends the pieces; the greeting comes before the first answer.
func (Greet) Stream(pieces ...[]byte) []Turn { return streamed(Greeting, pieces) }
