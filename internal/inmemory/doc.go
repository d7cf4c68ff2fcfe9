// Package inmemory has connections for tests that turn the clock: with them a server and its clients wait for one another alone,
// never for the machine, so that testing/synctest can tell when all of them wait. A [Conn] keeps nothing, as a pipe. A [TCP] is what
// two kernels and the wire between them make of a connection.
package inmemory
