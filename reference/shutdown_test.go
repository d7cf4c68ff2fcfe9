//go:build unix

package reference_test

import (
	"context"
	"io"
	"net"
	"syscall"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Shutdown", Label("LIFE"), func() {
	var (
		seen   *watch
		server *reference.TCPServer
	)
	serving := func(handler reference.Handler) {
		seen = &watch{}
		server = start(reference.Config{Listen: seen.listen, Handler: handler, LingerTime: time.Hour})
	}
	// shutdown begins to shut down, and returns once
	// nothing more is accepted.
	shutdown := func() <-chan error {
		done := make(chan error, 1)
		ctx := patiently()
		go func() { done <- server.Shutdown(ctx) }()
		Eventually(server.Listen).Should(MatchError(reference.ErrServerClosed))
		return done
	}

	It("accepts nothing more", func() {
		serving(reference.Echo)
		Expect(server.Shutdown(patiently())).To(Succeed())
		_, err := net.Dial("tcp", server.Addr().String())
		Expect(err).To(MatchError(syscall.ECONNREFUSED))
	})

	It("ends connections between two requests at once", func() {
		serving(reference.Line)
		fresh, used := dial(server), dial(server)
		send(used, "a\n")
		Expect(receive(used, "a\n")).To(Equal("a\n"))
		Eventually(seen.waiting.Load).Should(BeEquivalentTo(3), "both wait for input")
		Expect(server.Shutdown(patiently())).To(Succeed())
		Expect(receiveAll(fresh)).To(BeEmpty())
		Expect(receiveAll(used)).To(BeEmpty())
	})

	It("takes what a client is still sending, until that has been silent", func() {
		inBubble(func(g Gomega) {
			server := inMemory(reference.Config{Handler: reference.Line, LingerTime: time.Hour}, nil)
			defer server.close()
			conn := server.dial()
			defer conn.Close()
			g.Expect(io.WriteString(conn, "a\n")).To(Equal(2))
			g.Expect(io.ReadFull(conn, make([]byte, 2))).To(Equal(2))
			synctest.Wait()
			done := make(chan error, 1)
			go func() { done <- server.Shutdown(context.Background()) }()
			g.Expect(io.ReadAll(conn)).To(BeEmpty(), "the server has ended its side")
			for range 20 {
				time.Sleep(90 * time.Millisecond)
				g.Expect(io.WriteString(conn, "b\n")).To(Equal(2))
			}
			last := time.Now()
			g.Expect(<-done).To(Succeed())
			g.Expect(time.Since(last)).To(Equal(100 * time.Millisecond))
			_, err := io.WriteString(conn, "b\n")
			g.Expect(err).To(MatchError(io.ErrClosedPipe))
		})
	})

	DescribeTable("tells handlers to finish, by their context, with", func(stop func(*reference.TCPServer) error, answer types.GomegaMatcher) {
		cause := make(chan error, 1)
		serving(reference.HandlerFunc(func(h *reference.StreamHandler) error {
			h.WriteContent("hello ")
			err := h.Send()
			<-h.Context().Done()
			cause <- context.Cause(h.Context())
			h.WriteContent("and goodbye")
			_ = h.Send()
			return err
		}))
		conn := dial(server)
		Expect(receive(conn, "hello ")).To(Equal("hello "))
		stopped := make(chan error, 1)
		go func() { stopped <- stop(server) }()
		Eventually(cause).Should(Receive(Equal(reference.ErrServerClosed)))
		Expect(receiveAll(conn)).To(answer)
		Expect(conn.Close()).To(Succeed())
		Eventually(stopped).Should(Receive(BeNil()))
	},
		Entry("Shutdown", func(s *reference.TCPServer) error { return s.Shutdown(context.Background()) }, Equal("and goodbye")),
		Entry("Close, which may be too fast for an answer", (*reference.TCPServer).Close, BeElementOf("", "and goodbye")),
	)

	It("answers what the kernel had received", func() {
		seen = &watch{gate: make(chan struct{}), looked: make(chan struct{}, 10)}
		server = start(reference.Config{Listen: seen.listen, Handler: reference.Line})
		conn := dial(server)
		send(conn, "a\nb\n")
		(<-seen.conns).awaitPending()
		Eventually(seen.waiting.Load).Should(BeEquivalentTo(1))
		done := shutdown()
		Eventually(seen.looked).Should(Receive())
		close(seen.gate)
		Expect(receiveAll(conn)).To(Equal("a\nb\n"))
		Eventually(done).Should(Receive(BeNil()))
	})

	It("lets a request that is half received be completed and answered", func() {
		serving(reference.Line)
		conn := dial(server)
		send(conn, "hel")
		Eventually(seen.received.Load).Should(BeEquivalentTo(3))
		done := shutdown()
		send(conn, "lo\n")
		Expect(receiveAll(conn)).To(Equal("hello\n"))
		Eventually(done).Should(Receive(BeNil()))
	})

	It("lets an answer of which a part was sent go on to its end", func() {
		serving(reference.HandlerFunc(func(h *reference.StreamHandler) error {
			h.WriteContent("go on\n")
			if err := h.SendPart(); err != nil {
				return err
			}
			line, err := h.ReadLine()
			if err != nil {
				return err
			}
			h.WriteContent(line)
			return h.Send()
		}))
		conn := dial(server)
		Expect(receive(conn, "go on\n")).To(Equal("go on\n"))
		Eventually(seen.waiting.Load).Should(BeEquivalentTo(1))
		done := shutdown()
		send(conn, "hello\n")
		Expect(receiveAll(conn)).To(Equal("hello"))
		Expect(conn.Close()).To(Succeed())
		Eventually(done).Should(Receive(BeNil()))
	})

	It("lets a session with unanswered input go on to its answer", func() {
		serving(reference.Script)
		conn := dial(server)
		send(conn, "READ 5\n")
		Eventually(seen.waiting.Load).Should(BeEquivalentTo(2), "it waits for the five bytes")
		done := shutdown()
		send(conn, "hello")
		Eventually(seen.waiting.Load).Should(BeEquivalentTo(3), "it waits for a command")
		send(conn, "SEND\n")
		Expect(receiveAll(conn)).To(Equal("5:hello,"))
		Eventually(done).Should(Receive(BeNil()))
	})

	It("lets a handler that computes answer", func() {
		release := make(chan struct{})
		serving(reference.HandlerFunc(func(h *reference.StreamHandler) error {
			text, err := h.ReadLine()
			<-release
			h.WriteContent(text)
			_ = h.Send()
			return err
		}))
		conn := dial(server)
		send(conn, "hello\n")
		Eventually(seen.received.Load).Should(BeEquivalentTo(6))
		done := shutdown()
		close(release)
		Expect(receiveAll(conn)).To(Equal("hello"))
		Expect(conn.Close()).To(Succeed())
		Eventually(done).Should(Receive(BeNil()))
	})

	It("lets a large answer to a slow reader finish", func() {
		serving(reference.HandlerFunc(func(h *reference.StreamHandler) error {
			_, err := h.ReadLine()
			h.WriteBytes(make([]byte, 8<<20))
			_ = h.Send()
			return err
		}))
		conn := dial(server)
		send(conn, "\n")
		_ = receive(conn, "0123456789")
		done := shutdown()
		Expect(receiveAll(conn)).To(HaveLen(8<<20 - 10))
		Expect(conn.Close()).To(Succeed())
		Eventually(done).Should(Receive(BeNil()))
	})

	It("closes what is left when its context ends", func() {
		serving(reference.Line)
		conn := dial(server)
		send(conn, "hel")
		Eventually(seen.received.Load).Should(BeEquivalentTo(3))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- server.Shutdown(ctx) }()
		Eventually(server.Listen).Should(MatchError(reference.ErrServerClosed))
		cancel()
		Eventually(done).Should(Receive(MatchError(context.Canceled)))
		_, err := io.ReadAll(conn)
		Expect(err).NotTo(HaveOccurred())
		Expect(server.Shutdown(patiently())).To(Succeed(), "once the handler has noticed")
	})

	It("ends lingering when its context ends", func() {
		serving(reference.Line)
		conn := dial(server)
		send(conn, "\n")
		Expect(receiveAll(conn)).To(BeEmpty())
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		Expect(server.Shutdown(ctx)).To(MatchError(context.Canceled))
		Eventually(seen.closed.Load).Should(BeNumerically(">=", 1))
		Expect(server.Shutdown(patiently())).To(Succeed())
	})

	It("is done at once where nothing is left to wait for, even without time", func() {
		server := reference.NewTCPServer(reference.Config{})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		Expect(server.Shutdown(ctx)).To(Succeed())
		Expect(server.Shutdown(ctx)).To(Succeed())
		Expect(server.Close()).To(Succeed())
	})
})

var _ = Describe("Close", Label("LIFE"), func() {
	It("closes every connection as it is", func() {
		seen := &watch{}
		server := start(reference.Config{Listen: seen.listen, Handler: reference.Line})
		conn := dial(server)
		send(conn, "hel")
		Eventually(seen.received.Load).Should(BeEquivalentTo(3))
		Expect(server.Close()).To(Succeed())
		Expect(receiveAll(conn)).To(BeEmpty())
	})
})
