// Package http1 is HTTP/1.1 on the reference's stream handler: a [Handler] reads
// requests from the stream of bytes, one after another, gives each to a function, and
// sends what that answers. Where a request begins and ends depends on its bytes alone,
// never on how they were cut into segments.
//
//	server := reference.NewTCPServer(reference.Config{
//		Addr: "127.0.0.1:8080",
//		Handler: http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
//			return w.Text(200, "Hello, "+r.Path()+"\n")
//		}},
//	})
//	err := server.ServeForever()
//
// The handler is strict: what RFC 9110 and RFC 9112 let a server refuse, it refuses,
// with the status that they name, and it closes the connection behind a request whose
// end it does not trust. What a function writes cannot break the framing of its answer:
// the handler alone says how long the content is and whether the connection goes on.
//
// Comments name the section of the RFC and the requirement of the contract that a rule
// comes from, such as RFC 9112, section 6.3 (HLEN-4).
package http1
