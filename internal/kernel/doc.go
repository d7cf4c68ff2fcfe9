// Package kernel asks the operating system about servers: how far one end of a
// connection has got, which sockets listen and who holds them, and what a
// process and its descendants hold and do. It is the one place that knows the
// forms of sock_diag and of /proc. What an answer means for a server is for
// others to say; where the system does not tell, an error says so.
package kernel
