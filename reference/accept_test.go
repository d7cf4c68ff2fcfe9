//go:build unix

package reference_test

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("GetRequest", Label("LIFE"), func() {
	DescribeTable("waits out", func(passing syscall.Errno) {
		inBubble(func(g Gomega) {
			logged := gbytes.NewBuffer()
			server := inMemory(reference.Config{Logger: slog.New(slog.NewTextHandler(logged, nil))}, failsFirst(3, passing))
			defer server.close()
			began := time.Now()
			conn := server.dial()
			defer conn.Close()
			g.Expect(time.Since(began)).To(Equal((5 + 10 + 20) * time.Millisecond))
			g.Expect(io.WriteString(conn, "hello")).To(Equal(5))
			g.Expect(io.ReadFull(conn, make([]byte, 5))).To(Equal(5))
			g.Expect(strings.Count(string(logged.Contents()), "level=WARN msg=\"accept failed")).To(Equal(3))
		})
	},
		Entry("a lack of descriptors", syscall.EMFILE),
		Entry("a lack of descriptors in the whole system", syscall.ENFILE),
		Entry("a lack of buffers", syscall.ENOBUFS),
		Entry("a client that left in the queue", syscall.ECONNABORTED),
	)

	It("returns an error that stays", func() {
		inBubble(func(g Gomega) {
			server := inMemory(reference.Config{}, failsFirst(1, syscall.EINVAL))
			g.Expect(<-server.served).To(MatchError(syscall.EINVAL))
			g.Expect(server.Close()).To(Succeed())
		})
	})

	It("stops waiting when the server stops, and tries no more", func() {
		inBubble(func(g Gomega) {
			logged := gbytes.NewBuffer()
			var tried atomic.Int64
			server := inMemory(reference.Config{Logger: slog.New(slog.NewTextHandler(logged, nil))}, func(l net.Listener) net.Listener {
				return countingListener{failsFirst(math.MaxInt, syscall.EMFILE)(l), &tried}
			})
			time.Sleep(time.Minute)
			g.Expect(string(logged.Contents())).To(HaveSuffix("wait=1s error=\"accept tcp: too many open files\"\n"))
			before, stopped := tried.Load(), time.Now()
			g.Expect(server.Shutdown(context.Background())).To(Succeed())
			g.Expect(<-server.served).To(MatchError(reference.ErrServerClosed))
			g.Expect(time.Since(stopped)).To(BeZero())
			time.Sleep(time.Minute)
			g.Expect(tried.Load()).To(Equal(before))
		})
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

// failsFirst wraps a listener so that its first n accepts fail.
func failsFirst(n int, err error) func(net.Listener) net.Listener {
	return func(l net.Listener) net.Listener { return &failingListener{Listener: l, left: n, err: err} }
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
