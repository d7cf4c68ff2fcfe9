// Package delivery decides how the bytes of a request reach a server, and records what came of it.
//
// A [Segments] says where a request is cut into segments, how long the client pauses after each cut, and how its stream
// ends. A [Conn] is a client's end of one connection: it plays a delivery, compares the answer with the right ones while the
// bytes arrive, and keeps a timeline of both.
//
// A cut is a fact, not a hope: where the server's end of the connection is on this machine (Linux, the same network
// namespace), the next segment leaves only when the kernel says that the server received everything sent so far and that
// its receive queue is empty, so that two segments are two reads. Elsewhere acknowledgement and a pause must do, and the
// [Confirmation] says so.
//
// Every wait has a bound, and every answer a size limit: a server that floods, drips, stalls or hangs costs time that the
// caller has set, and memory that does not depend on the server.
//
// A Conn stands on a [Link]: its socket, a look at the server's end, and the clock for naps that the runtime's timers are too
// coarse for. Tests have one in memory, and take the rest of time from testing/synctest: see package inmemory.
//
// The package knows nothing of requirements or reports.
package delivery
