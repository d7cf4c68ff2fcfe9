// Package reference is the server that the contract describes: a TCP server
// that takes its connection as a stream of bytes, and the stream handler that
// reads and writes it. Nothing that it answers depends on how the bytes were
// cut into segments, when they came, or what other clients do.
//
// A [TCPServer] accepts connections and runs a [Handler] for each, side by
// side (contract, section 2). A handler is given a [StreamHandler], whose methods
// are the contract's operations (section 1); its Reader and Writer are the same
// stream for what is written against package io. [Echo], [Greet], [Line] and
// [Script] are the contract's dialects (section 3).
//
//	server := reference.NewTCPServer(reference.Config{
//		Addr:    "127.0.0.1:7007",
//		Handler: reference.Line,
//	})
//	err := server.ServeForever()
//
// The server listens with TCP unless [Config] or Serve gives it another listener,
// such as one of package crypto/tls. What a connection cannot do, such as ending in
// one direction, is done without.
//
// Package http1, below this one, is HTTP/1.1 on a StreamHandler.
//
// The contract is suite/contract.md of this module. The package imports the standard library alone.
package reference
