// Package server is a small, right server of HTTP/1.1 with a seam at each stage of a request. It is apart from reference/http1, which
// has no seams, and from net/http, which repairs what must be seen. Of what RFC 9112 lets it take or refuse, it refuses what two
// readers might read in two ways.
package server
