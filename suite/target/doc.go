// Package target knows where the server under test is: an address that the
// user gave, a process that the suite starts, or a server in this process. It
// starts and stops servers, and says how they ended. It speaks to no server:
// where a look at the system's socket tables can tell that a server listens, it
// does not even connect.
package target
