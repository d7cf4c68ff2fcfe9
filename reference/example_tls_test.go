package reference_test

import (
	"crypto/tls"
	"fmt"
	"io"

	"github.com/streamspec/streamspec/reference"
)

// TLS is served on a listener of package crypto/tls.
func ExampleTCPServer_Serve_tls() {
	serverTLS, clientTLS := selfMade() // a certificate for 127.0.0.1, and the trust in it
	l, err := tls.Listen("tcp", "127.0.0.1:0", serverTLS)
	if err != nil {
		fmt.Println(err)
		return
	}
	server := reference.NewTCPServer(reference.Config{Handler: reference.Line})
	defer server.Close()
	go server.Serve(l)

	conn, err := tls.Dial("tcp", l.Addr().String(), clientTLS)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	io.WriteString(conn, " hello \r\n")
	conn.CloseWrite()
	answer, err := io.ReadAll(conn)
	fmt.Printf("%q %v\n", answer, err)
	// Output: "hello\n" <nil>
}
