//go:build unix

package reference_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("CloseRequest", Label("CLOS"), func() {
	It("ends by FIN after a half-close, never by RST", func() {
		server := start(reference.Config{Handler: reference.Line})
		for range 100 {
			Expect(exchange(server, "a\nb")).To(Equal("a\nb\n"))
		}
	})

	It("keeps a large answer safe from input left unread", func() {
		server := start(reference.Config{Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
			_, err := h.Read(1)
			h.WriteBytes(make([]byte, 8<<20))
			return errors.Join(err, h.Send())
		})})
		conn := dial(server)
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(conn, strings.Repeat("x", 4<<20))
			sent <- err
		}()
		answer := make([]byte, 0, 8<<20)
		for piece := make([]byte, 64<<10); ; {
			n, err := conn.Read(piece)
			answer = append(answer, piece[:n]...)
			if err == io.EOF {
				break
			}
			Expect(err).NotTo(HaveOccurred(), "after %d bytes", len(answer))
		}
		Expect(answer).To(HaveLen(8 << 20))
		Eventually(sent).Should(Receive(BeNil()))
	})

	It("ends a failing handler's connection as well", func() {
		server := start(reference.Config{Handler: reference.Script})
		conn := dial(server)
		send(conn, "WRITE a\nSEND\nRAISE\n"+strings.Repeat("unread", 1<<16))
		Expect(receiveAll(conn)).To(Equal("a"))
	})

	It("does not hold the end of the stream back while it lingers", func() {
		seen := &watch{}
		server := start(reference.Config{Listen: seen.listen, Handler: reference.Line, LingerTime: time.Hour})
		conn := dial(server)
		send(conn, "a\n\n")
		Expect(receiveAll(conn)).To(Equal("a\n"))
		Expect(seen.closed.Load()).To(BeZero(), "it lingers")
		Expect(conn.Close()).To(Succeed())
		Eventually(seen.closed.Load).Should(BeEquivalentTo(1))
	})

	It("lets Close of the handler end the stream before the handler returns", func() {
		release := make(chan struct{})
		server := start(reference.Config{Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
			defer func() { <-release }()
			return h.Close()
		})})
		Expect(receiveAll(dial(server))).To(BeEmpty())
		close(release)
	})

	DescribeTable("lingers no longer than LingerTime, and logs nothing of a close that succeeded", func(linger, closed time.Duration) {
		inBubble(func(g Gomega) {
			logged := gbytes.NewBuffer()
			logger := slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
			server := inMemory(reference.Config{Handler: reference.Line, LingerTime: linger, Logger: logger}, nil)
			defer server.close()
			conn := server.dial()
			defer conn.Close()
			began := time.Now()
			g.Expect(io.WriteString(conn, "\n")).To(Equal(1))
			g.Expect(io.ReadAll(conn)).To(BeEmpty())
			g.Expect(time.Since(began)).To(BeZero(), "the end is not held back")
			var err error
			for err == nil {
				time.Sleep(300 * time.Millisecond)
				_, err = io.WriteString(conn, "unread")
			}
			g.Expect(err).To(MatchError(io.ErrClosedPipe))
			g.Expect(time.Since(began)).To(Equal(closed))
			synctest.Wait()
			g.Expect(string(logged.Contents())).NotTo(ContainSubstring("closing failed"))
		})
	},
		Entry("of a second", time.Second, 1200*time.Millisecond),
		Entry("of two seconds, where none is given", time.Duration(0), 2100*time.Millisecond),
	)

	It("discards no more than LingerBytes", func() {
		seen := &watch{}
		server := start(reference.Config{
			Listen: seen.listen, Handler: reference.Line, LingerTime: time.Hour, LingerBytes: 1 << 20,
		})
		conn := dial(server)
		send(conn, "\n")
		Expect(receiveAll(conn)).To(BeEmpty())
		_, err := io.Copy(conn, repeating('x'))
		Expect(err).To(Or(MatchError(syscall.EPIPE), MatchError(syscall.ECONNRESET)))
		Expect(seen.received.Load()).To(BeNumerically("<=", 1<<20+16<<10))
	})

	It("only closes a connection that cannot be closed in one direction", func() {
		l := pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := start(reference.Config{
			Listen:  func(string) (net.Listener, error) { return l, nil },
			Handler: reference.Line,
		})
		client, conn := net.Pipe()
		l.conns <- conn
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(client, "a\n\n")
			sent <- err
		}()
		Expect(receiveAll(client)).To(Equal("a\n"))
		Eventually(sent).Should(Receive(BeNil()))
		Expect(client.Close()).To(Succeed())
		Expect(server.Addr().String()).To(Equal("pipe"))
	})
})

// pipeListener accepts what is sent to conns.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (pipeListener) Addr() net.Addr {
	return &net.UnixAddr{Name: "pipe", Net: "pipe"}
}
