package reference_test

import (
	"cmp"
	"context"
	"io"
	"net"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

// start serves until the spec ends. Unless cfg says so, it lingers for as long as
// the client takes, lest a client that is held up is reset under its answer.
func start(cfg reference.Config) *reference.TCPServer {
	GinkgoHelper()
	cfg.LingerTime = cmp.Or(cfg.LingerTime, time.Hour)
	server := reference.NewTCPServer(cfg)
	Expect(server.Listen()).To(Succeed())
	served := serve(server)
	DeferCleanup(func() {
		_ = server.Close()
		Eventually(served).Should(Receive(MatchError(reference.ErrServerClosed)))
	})
	return server
}

// serve runs ServeForever and returns where its error arrives.
func serve(server *reference.TCPServer) <-chan error {
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	return served
}

// patiently returns a context for what must come to its end by itself.
func patiently() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	DeferCleanup(cancel)
	return ctx
}

// dial connects to the server; every wait of the client is bounded.
func dial(server interface{ Addr() net.Addr }) *net.TCPConn {
	GinkgoHelper()
	conn, err := net.Dial("tcp", server.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	Expect(conn.SetDeadline(time.Now().Add(patience))).To(Succeed())
	DeferCleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// send sends a part of a request.
func send(conn net.Conn, part string) {
	GinkgoHelper()
	_, err := io.WriteString(conn, part)
	Expect(err).NotTo(HaveOccurred())
}

// receive returns the next bytes of the answer, as many as want has.
func receive(conn net.Conn, want string) string {
	GinkgoHelper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(conn, got)
	Expect(err).NotTo(HaveOccurred(), "after %q", got[:n])
	return string(got)
}

// receiveAll returns the answer up to the end of the stream; a reset fails.
func receiveAll(conn net.Conn) string {
	GinkgoHelper()
	answer, err := io.ReadAll(conn)
	Expect(err).NotTo(HaveOccurred(), "after %d bytes", len(answer))
	return string(answer)
}

// exchange sends a whole request, half-closes and returns the whole answer.
func exchange(server *reference.TCPServer, request string) string {
	GinkgoHelper()
	conn := dial(server)
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, request)
		if err == nil {
			err = conn.CloseWrite()
		}
		sent <- err
	}()
	answer := receiveAll(conn)
	Eventually(sent).Should(Receive(BeNil()))
	return answer
}
