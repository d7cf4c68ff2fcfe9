//go:build unix

package reference_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("a server on a listener of TLS", func() {
	var serverTLS, clientTLS *tls.Config
	BeforeEach(func() { serverTLS, clientTLS = selfMade() })

	var seen *watch // what happens below TLS
	serving := func(cfg reference.Config) *reference.TCPServer {
		GinkgoHelper()
		seen = &watch{}
		cfg.Listen = func(addr string) (net.Listener, error) {
			l, err := seen.listen(addr)
			return tls.NewListener(l, serverTLS), err
		}
		return start(cfg)
	}
	inMemory := func(cfg reference.Config) memoryServer {
		serverTLS.SessionTicketsDisabled = true // with them a handshake in memory waits for the client to read
		return inMemory(cfg, func(l net.Listener) net.Listener { return tls.NewListener(l, serverTLS) })
	}
	over := func(conn net.Conn) *tls.Conn { return tls.Client(conn, clientTLS) }

	It("answers as over TCP, and ends behind the last answer", func() {
		server := serving(reference.Config{Handler: reference.Line})
		for range 20 {
			conn := over(dial(server))
			send(conn, "a\r\n")
			Expect(receive(conn, "a\n")).To(Equal("a\n"))
			send(conn, "b")
			Expect(conn.CloseWrite()).To(Succeed())
			Expect(receiveAll(conn)).To(Equal("b\n"))
		}
	})

	It("carries 4 MiB in both directions at once", func() {
		server := serving(reference.Config{Handler: reference.Echo})
		conn := over(dial(server))
		Expect(conn.Handshake()).To(Succeed())
		request := strings.Repeat("0123456789abcdef", 1<<18)
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(conn, request)
			sent <- errors.Join(err, conn.CloseWrite())
		}()
		Expect(receiveAll(conn) == request).To(BeTrue(), "the answer differs")
		Eventually(sent).Should(Receive(BeNil()))
	})

	It("keeps an answer safe from input left unread", func() {
		server := serving(reference.Config{Handler: reference.Script})
		conn := over(dial(server))
		send(conn, "WRITE a\nSEND\nCLOSE\n"+strings.Repeat("unread", 1<<17))
		Expect(receiveAll(conn)).To(Equal("a"))
	})

	It("ends connections between two requests, and before their handshake, when it shuts down", func() {
		server := serving(reference.Config{Handler: reference.Line})
		silent, tcp := dial(server), dial(server)
		conn := over(tcp)
		send(conn, "a\n")
		Expect(receive(conn, "a\n")).To(Equal("a\n"))
		Expect(server.Shutdown(patiently())).To(Succeed())
		Expect(receiveAll(conn)).To(BeEmpty())
		Expect(receiveAll(tcp)).To(BeEmpty(), "behind the end of TLS comes that of TCP")
		Expect(receiveAll(silent)).To(BeEmpty())
	})

	It("lets a request that is half received be completed and answered when it shuts down", func() {
		half := make(chan struct{})
		server := serving(reference.Config{Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
			text, err := h.Read(3)
			close(half)
			rest, restErr := h.ReadLine()
			h.WriteContent(text + rest)
			return errors.Join(err, restErr, h.Send())
		})})
		conn := over(dial(server))
		send(conn, "hel")
		<-half
		done := make(chan error, 1)
		ctx := patiently()
		go func() { done <- server.Shutdown(ctx) }()
		Eventually(server.Listen).Should(MatchError(reference.ErrServerClosed))
		send(conn, "lo\n")
		Expect(receiveAll(conn)).To(Equal("hello"))
		Expect(conn.Close()).To(Succeed())
		Eventually(done).Should(Receive(BeNil()))
	})

	It("answers what the kernel had received when it shuts down", func() {
		gate := gated{came: make(chan struct{}, 2), gate: make(chan struct{})}
		server := serving(reference.Config{Handler: gate})
		conn := over(dial(server))
		send(conn, "a\n")
		below := <-seen.conns
		Eventually(gate.came).Should(Receive(), "the first line was read")
		send(conn, "b\n")
		below.awaitPending()
		done := make(chan error, 1)
		ctx := patiently()
		go func() { done <- server.Shutdown(ctx) }()
		Eventually(server.Listen).Should(MatchError(reference.ErrServerClosed))
		close(gate.gate)
		Expect(receiveAll(conn)).To(Equal("a\nb\n"))
		Expect(conn.Close()).To(Succeed())
		Eventually(done).Should(Receive(BeNil()))
	})

	It("answers what TLS had received when it shuts down", func() {
		inBubble(func(g Gomega) {
			gate := gated{came: make(chan struct{}, 2), gate: make(chan struct{})}
			server := inMemory(reference.Config{Handler: gate})
			defer server.close()
			held := &holding{Conn: server.dial()}
			conn := over(held)
			defer conn.Close()
			g.Expect(conn.Handshake()).To(Succeed())
			held.hold = true
			g.Expect(io.WriteString(conn, "a\n")).To(Equal(2))
			g.Expect(io.WriteString(conn, "b\n")).To(Equal(2))
			g.Expect(held.release()).To(Succeed()) // two records in one segment
			done := make(chan error, 1)
			go func() { done <- server.Shutdown(context.Background()) }()
			<-gate.came
			synctest.Wait()
			close(gate.gate)
			g.Expect(io.ReadAll(conn)).To(BeEquivalentTo("a\nb\n"))
			g.Expect(<-done).To(Succeed())
		})
	})

	It("refuses what is not TLS, and serves on", func() {
		logged := gbytes.NewBuffer()
		server := serving(reference.Config{Handler: reference.Line, Logger: slog.New(slog.NewTextHandler(logged, nil))})
		plain := dial(server)
		request := "GET / HTTP/1.1\r\n" + strings.Repeat("unread", 1<<15)
		send(plain, request)
		Expect(receiveAll(plain)).To(BeEmpty())
		Eventually(seen.received.Load).Should(BeEquivalentTo(len(request)), "all is taken, and no reset sent")
		Expect(seen.closed.Load()).To(BeZero())
		Eventually(logged).Should(gbytes.Say(`level=WARN msg="handshake failed" client=` + plain.LocalAddr().String()))
		conn := over(dial(server))
		send(conn, "a\n")
		Expect(receive(conn, "a\n")).To(Equal("a\n"))
	})

	It("has no complaint about clients that leave before their handshake", func() {
		logged := gbytes.NewBuffer()
		server := serving(reference.Config{Logger: slog.New(slog.NewTextHandler(logged, nil))})
		for i := range 4 {
			conn := dial(server)
			if i%2 == 0 {
				send(conn, "\x16\x03\x01") // the beginning of a record
			}
			Expect(conn.Close()).To(Succeed())
		}
		Eventually(seen.closed.Load).Should(BeEquivalentTo(4))
		Expect(logged.Contents()).To(BeEmpty())
	})

	It("waits no longer than IdleTime for a handshake", func() {
		inBubble(func(g Gomega) {
			server := inMemory(reference.Config{IdleTime: time.Minute})
			defer server.close()
			began := time.Now()
			conn := server.dial()
			defer conn.Close()
			g.Expect(io.ReadAll(conn)).To(BeEmpty())
			g.Expect(time.Since(began)).To(Equal(time.Minute))
		})
	})

	It("goes on with a Send while there is progress", func() {
		serverTLS.SessionTicketsDisabled = true
		inBubble(func(g Gomega) {
			near, far := inmemory.Pipe()
			conn := tls.Server(far, serverTLS)
			h := reference.NewStreamHandler(conn, reference.Config{WriteTime: time.Second})
			sent := make(chan error, 1)
			go func() {
				h.WriteBytes(make([]byte, 400<<10))
				sent <- errors.Join(h.Send(), h.Close(), conn.Close())
			}()
			defer near.Close()
			slow := over(slowReader{near})
			began := time.Now()
			answer, err := io.ReadAll(slow)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(answer).To(HaveLen(400 << 10))
			g.Expect(<-sent).To(Succeed())
			g.Expect(time.Since(began)).To(BeNumerically(">", 2*time.Second))
		})
	})

	It("closes at once, though clients that do not read could not be said goodbye to", func() {
		inBubble(func(g Gomega) {
			server := inMemory(reference.Config{Handler: reference.Line})
			defer server.close()
			conn := over(server.dial())
			g.Expect(io.WriteString(conn, "hel")).To(Equal(3))
			began := time.Now()
			g.Expect(server.Close()).To(Succeed())
			g.Expect(time.Since(began)).To(BeZero())
			_, err := conn.Read(make([]byte, 1))
			g.Expect(err).To(HaveOccurred())
			_ = conn.Close()
		})
	})
})

// gated is the dialect line, which says when it has read a line, and answers once
// its gate is open.
type gated struct{ came, gate chan struct{} }

func (g gated) Handle(h *reference.StreamHandler) error {
	return reference.Line(gatedStream{h, g})
}

type gatedStream struct {
	reference.Stream
	gated
}

func (s gatedStream) Send() error {
	s.came <- struct{}{}
	<-s.gate
	return s.Stream.Send()
}

// holding is a connection that holds back what is written, when it is told to.
type holding struct {
	net.Conn
	hold bool
	held bytes.Buffer
}

func (c *holding) Write(p []byte) (int, error) {
	if c.hold {
		return c.held.Write(p)
	}
	return c.Conn.Write(p)
}

// release writes what was held back, in one piece.
func (c *holding) release() error {
	c.hold = false
	_, err := c.held.WriteTo(c.Conn)
	return err
}

// slowReader takes its time for each read.
type slowReader struct{ net.Conn }

func (r slowReader) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	return r.Conn.Read(p)
}
