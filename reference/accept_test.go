//go:build unix

package reference_test

import (
	"log/slog"
	"math"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("GetRequest", Label("LIFE"), func() {
	DescribeTable("waits out", func(passing syscall.Errno) {
		logged := gbytes.NewBuffer()
		server := start(reference.Config{
			Listen: failsFirst(3, os.NewSyscallError("accept4", passing)),
			Logger: slog.New(slog.NewTextHandler(logged, nil)),
		})
		Expect(exchange(server, "hello")).To(Equal("hello"))
		for range 3 {
			Expect(logged).To(gbytes.Say("level=WARN.*accept failed"))
		}
	},
		Entry("a lack of descriptors", syscall.EMFILE),
		Entry("a lack of descriptors in the whole system", syscall.ENFILE),
		Entry("a lack of buffers", syscall.ENOBUFS),
		Entry("a client that left in the queue", syscall.ECONNABORTED),
	)

	It("returns an error that stays", func() {
		server := reference.NewTCPServer(reference.Config{Listen: failsFirst(1, syscall.EINVAL)})
		DeferCleanup(server.Close)
		Eventually(serve(server)).Should(Receive(MatchError(syscall.EINVAL)))
	})

	It("stops waiting when the server stops, and tries no more", func() {
		logged := gbytes.NewBuffer()
		var tried atomic.Int64
		fail := failsFirst(math.MaxInt, syscall.EMFILE)
		server := reference.NewTCPServer(reference.Config{
			Listen: func(addr string) (net.Listener, error) {
				l, err := fail(addr)
				return countingListener{l, &tried}, err
			},
			Logger: slog.New(slog.NewTextHandler(logged, nil)),
		})
		served := serve(server)
		Eventually(logged).Should(gbytes.Say("wait=640ms"))
		before := tried.Load()
		Expect(server.Shutdown(patiently())).To(Succeed())
		Eventually(served).Should(Receive(MatchError(reference.ErrServerClosed)))
		Expect(tried.Load()).To(Equal(before))
	})

	It("needs a listener", func() {
		_, err := reference.NewTCPServer(reference.Config{}).GetRequest()
		Expect(err).To(MatchError(ContainSubstring("not listening")))
	})

	It("hands out connections to those who write their own loop", func() {
		server := reference.NewTCPServer(reference.Config{})
		Expect(server.Listen()).To(Succeed())
		DeferCleanup(server.Close)
		client := dial(server)
		send(client, "hello")
		Expect(client.CloseWrite()).To(Succeed())
		conn, err := server.GetRequest()
		Expect(err).NotTo(HaveOccurred())
		server.ProcessRequest(conn)
		server.CloseRequest(conn)
		server.CloseRequest(conn)
		Expect(receiveAll(client)).To(Equal("hello"))
	})

	It("accepts no more than MaxConnections at once", func() {
		seen := &watch{}
		server := start(reference.Config{Listen: seen.listen, MaxConnections: 2})
		first, second := dial(server), dial(server)
		send(first, "1")
		send(second, "2")
		Expect(receive(first, "1")).To(Equal("1"))
		Expect(receive(second, "2")).To(Equal("2"))
		third := dial(server)
		send(third, "3")
		Expect(first.Close()).To(Succeed())
		Expect(receive(third, "3")).To(Equal("3"))
		Expect(seen.closed.Load()).To(BeEquivalentTo(1), "the third was accepted after the first was closed")
		Expect(seen.highest.Load()).To(BeEquivalentTo(2), "open at once")
	})

	It("stops waiting for a place when the server stops", func() {
		server := reference.NewTCPServer(reference.Config{MaxConnections: 1})
		Expect(server.Listen()).To(Succeed())
		served := serve(server)
		client := dial(server)
		send(client, "1")
		Expect(receive(client, "1")).To(Equal("1"))
		Expect(server.Shutdown(patiently())).To(Succeed())
		Eventually(served).Should(Receive(MatchError(reference.ErrServerClosed)))
	})
})

// failsFirst listens; the first n accepts fail.
func failsFirst(n int, err error) func(addr string) (net.Listener, error) {
	return func(addr string) (net.Listener, error) {
		l, listenErr := net.Listen("tcp", addr)
		if listenErr != nil {
			return nil, listenErr
		}
		return &failingListener{Listener: l, left: n, err: err}, nil
	}
}

type failingListener struct {
	net.Listener
	left int
	err  error
}

func (l *failingListener) Accept() (net.Conn, error) {
	if l.left > 0 {
		l.left--
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: l.err}
	}
	return l.Listener.Accept()
}

// countingListener counts the tries to accept.
type countingListener struct {
	net.Listener
	tried *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	l.tried.Add(1)
	return l.Listener.Accept()
}
