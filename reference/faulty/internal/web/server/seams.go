package server

import "github.com/streamspec/streamspec/reference/faulty/internal/plant"

// Seams are the stages of a request, each as the right server does it. A fault puts something else in the place of one.
type Seams struct {
	Limits Limits

	// The request line.
	EmptyLines  int                                 // how many are left out before it
	HeadEnds    func(c *Conn) Ends                  // of the lines of a head, asked when it begins
	SplitLine   func(r *Request, line string) error // sets the method, the target and the version
	CheckMethod func(method string) error           // refuses what is no token
	Method      func(method string) string          // the name by which the resources know it
	Version     func(r *Request) error              // sets the numbers of the version
	CheckTarget func(c *Conn, r *Request) error     // refuses octets that no target has
	Target      func(r *Request) error              // sets the path, the query and the authority
	Connect     func(r *Request) error              // refuses CONNECT
	LongLine    func(c *Conn) error                 // refuses a request line that is too long

	// The fields.
	FieldLines func(line string) []string                         // the field lines that one line is
	BlankLine  func(fields []Field, line string) ([]Field, error) // what a line with leading white space makes of those before it
	SplitField func(line string) (name, value string, err error)  // divides a field line at its colon
	CheckName  func(name string) error                            // refuses what is no token
	Value      func(value string) (string, error)                 // trims, and refuses control bytes
	LongField  func(c *Conn) error                                // refuses a field line that is too long
	TooMany    func(r *Request) error                             // refuses more fields than the limit
	Host       func(r *Request) error                             // finds the authority out, where the target has none
	CheckHost  func(host string) error                            // refuses what is no host

	// The length of the body.
	Lengths  func(r *Request) []string                       // the values of Content-Length
	Length   func(c *Conn, values []string) (int64, error)   // of one or more values
	Number   func(value string) (int64, error)               // of one value
	Codings  func(r *Request) []string                       // the values of Transfer-Encoding
	Chunked  func(values []string) (bool, error)             // whether the body is; an error refuses the codings
	Both     func(r *Request, length int64) (Framing, error) // of a request with both
	CodedOld func(r *Request, length int64) (Framing, error) // of one of HTTP/1.0 with Transfer-Encoding
	Unframed func(r *Request) (Framing, error)               // of one with neither
	Framed   func(c *Conn, r *Request)                       // has the last word about the framing
	Content  func(c *Conn, n int64) (string, error)          // reads the body by its length
	CutShort func(c *Conn, r *Request, err error) error      // what becomes of a body that the stream's end cuts short

	// Chunks.
	ChunkEnds  func(c *Conn) Ends                                   // of chunk lines, and behind data
	LongChunk  func(c *Conn) error                                  // refuses a chunk line that is too long
	ChunkSize  func(digits string) (int64, error)                   // of the part of a chunk line that has no extension
	SplitChunk func(c *Conn, line string) (size, extensions string) // divides a chunk line behind its digits
	Extensions func(s string) error                                 // refuses what is no extensions
	ChunkData  func(c *Conn, n int64) (string, error)               // reads the data of a chunk
	ChunkEnd   func(c *Conn) error                                  // reads the CR LF behind it
	MoreChunks func(c *Conn, had int) bool                          // whether another chunk is looked for
	IsLast     func(line string, size int64) bool                   // whether a chunk line is that of the last chunk
	Trailers   func(c *Conn, r *Request) error                      // reads the trailer section

	// The connection, and the answer.
	Expects  func(c *Conn, r *Request) (expects bool, err error)  // whether the client waits for 100
	Invite   func(c *Conn, r *Request) error                      // sends 100
	Early    func(c *Conn, r *Request) *Answer                    // answers before the body is read, or nil
	Respond  func(c *Conn, r *Request) *Answer                    // answers the request
	Persists func(c *Conn, r *Request) bool                       // whether the connection goes on
	Composed func(c *Conn, r *Request, a *Answer)                 // has the last word about the answer
	Send     func(c *Conn, r *Request, a *Answer) error           // sends it
	Refused  func(c *Conn, r *Request, why *Refusal) (again bool) // whether the connection goes on behind a refusal
	AtEnd    func(c *Conn)                                        // the connection ends
	Begin    func(c *Conn)                                        // the connection begins

	Changes *plant.Changes // the server's
}

// Limits are how much is taken.
type Limits struct {
	Line      int   // bytes of the request line
	Field     int   // bytes of a field line
	Fields    int   // field lines
	Body      int64 // bytes of content
	Chunk     int64 // bytes of a chunk
	ChunkLine int   // bytes of a chunk line
}

// Right returns the right server's seams.
func Right() *Seams {
	return &Seams{
		Limits:      Limits{Line: 16 << 10, Field: 32 << 10, Fields: 200, Body: 16 << 20, Chunk: 16 << 20, ChunkLine: 8 << 10},
		EmptyLines:  1,
		HeadEnds:    func(*Conn) Ends { return Ends{} },
		SplitLine:   SplitLine,
		CheckMethod: checkMethod,
		Method:      func(method string) string { return method },
		Version:     ReadVersion,
		CheckTarget: func(_ *Conn, r *Request) error { return CheckTarget(r.Target) },
		Target:      ReadTarget,
		Connect:     refuseConnect,
		LongLine:    longLine,
		LongField:   func(*Conn) error { return Refusing(431, "A field is too long.") },
		LongChunk:   func(*Conn) error { return Refusing(413, "The extensions of a chunk are too long.") },
		FieldLines:  func(line string) []string { return []string{line} },
		BlankLine:   RefuseBlank,
		SplitField:  SplitField,
		CheckName:   CheckName,
		Value:       ReadValue,
		TooMany:     func(*Request) error { return Refusing(431, "The fields are too many.") },
		Host:        ReadHost,
		CheckHost:   CheckHost,
		Lengths:     func(r *Request) []string { return r.Values("content-length") },
		Length:      OneLength,
		Number:      ReadNumber,
		Codings:     func(r *Request) []string { return r.Values("transfer-encoding") },
		Chunked:     IsChunked,
		Both:        func(*Request, int64) (Framing, error) { return Framing{Chunked: true, Closes: true}, nil },
		CodedOld:    refuseCodedOld,
		Unframed:    func(*Request) (Framing, error) { return Framing{}, nil },
		Framed:      func(*Conn, *Request) {},
		Content:     ReadContent,
		CutShort:    func(_ *Conn, _ *Request, err error) error { return err },
		ChunkEnds:   func(*Conn) Ends { return Ends{} },
		ChunkSize:   ReadSize,
		SplitChunk:  SplitChunk,
		Extensions:  CheckExtensions,
		ChunkData:   ReadContent,
		ChunkEnd:    ReadChunkEnd,
		MoreChunks:  func(*Conn, int) bool { return true },
		IsLast:      func(_ string, size int64) bool { return size == 0 },
		Trailers:    ReadTrailers,
		Expects:     ExpectsContinue,
		Invite:      Invite,
		Early:       Early,
		Respond:     Respond,
		Persists:    Persists,
		Composed:    func(*Conn, *Request, *Answer) {},
		Send:        func(c *Conn, _ *Request, a *Answer) error { return c.Write(a) },
		Refused:     func(*Conn, *Request, *Refusal) bool { return false },
		AtEnd:       func(*Conn) {},
		Begin:       func(*Conn) {},
	}
}
