// Package reference is the server that the contract describes: a TCP server
// that takes its connection as a stream of bytes, and the stream handler that
// reads and writes it. Nothing that it answers depends on how the bytes were
// cut into segments, when they came, or what other clients do.
//
// A [TCPServer] accepts connections and runs a [Handler] for each, side by
// side. A handler is given a [StreamHandler], whose methods are the contract's
// operations. [Echo], [Greet], [Line] and [Script] are the contract's dialects.
//
//	server := reference.NewTCPServer(reference.Config{
//		Addr:    "127.0.0.1:7007",
//		Handler: reference.Line,
//	})
//	err := server.ServeForever()
//
// The package imports the standard library alone.
package reference
