//go:build unix

package reference_test

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Listen", Label("LIFE"), func() {
	It("binds a free port of the loopback interface by default, once", func() {
		server := reference.NewTCPServer(reference.Config{})
		Expect(server.Addr()).To(BeNil())
		Expect(server.Listen()).To(Succeed())
		DeferCleanup(server.Close)
		addr := server.Addr().(*net.TCPAddr)
		Expect(addr.IP.IsLoopback()).To(BeTrue())
		Expect(server.Listen()).To(Succeed())
		Expect(server.Addr()).To(Equal(addr))
	})

	It("says that the address is taken", func() {
		addr := start(reference.Config{}).Addr().String()
		err := reference.NewTCPServer(reference.Config{Addr: addr}).ServeForever()
		Expect(err).To(MatchError(reference.ErrAddressTaken))
		Expect(err).To(MatchError(ContainSubstring(addr)))
	})

	It("rebinds after connections that the server closed first", func() {
		server := start(reference.Config{Handler: reference.Line})
		addr := server.Addr().String()
		conn := dial(server)
		send(conn, "\n")
		Expect(receiveAll(conn)).To(BeEmpty())
		Expect(conn.Close()).To(Succeed())
		Expect(server.Shutdown(patiently())).To(Succeed())
		again := start(reference.Config{Addr: addr})
		Expect(exchange(again, "again")).To(Equal("again"))
	})

	It("is refused after Close", func() {
		server := reference.NewTCPServer(reference.Config{})
		Expect(server.Close()).To(Succeed())
		Expect(server.Listen()).To(MatchError(reference.ErrServerClosed))
		Expect(server.ServeForever()).To(MatchError(reference.ErrServerClosed))
	})
})

var _ = Describe("Serve", Label("LIFE"), func() {
	It("serves on a listener that is open already, and closes it", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		server := reference.NewTCPServer(reference.Config{})
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		Eventually(server.Addr).Should(Equal(l.Addr()))
		Expect(exchange(server, "hello")).To(Equal("hello"))
		Expect(server.Close()).To(Succeed())
		Eventually(served).Should(Receive(MatchError(reference.ErrServerClosed)))
		_, err = l.Accept()
		Expect(err).To(MatchError(net.ErrClosed))
	})

	It("refuses a second listener, and closes it", func() {
		server := start(reference.Config{})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		Expect(server.Serve(l)).To(MatchError(ContainSubstring("already listening")))
		_, err = l.Accept()
		Expect(err).To(MatchError(net.ErrClosed))
	})
})

var _ = Describe("ProcessRequest", Label("LIFE", "CONC"), func() {
	It("serves clients side by side", func() {
		server := start(reference.Config{Handler: reference.Line})
		silent, other := dial(server), dial(server)
		send(silent, "in the mid")
		send(other, "hello\n")
		Expect(receive(other, "hello\n")).To(Equal("hello\n"))
		send(silent, "dle\n")
		Expect(receive(silent, "in the middle\n")).To(Equal("in the middle\n"))
	})

	It("lets a failing handler cost its own connection alone", func() {
		server := start(reference.Config{Handler: reference.Script})
		other := dial(server)
		send(other, "WRITE o\nSEND\n")
		Expect(receive(other, "o")).To(Equal("o"))
		Expect(exchange(server, "WRITE a\nSEND\nRAISE\nWRITE b\nSEND\n")).To(Equal("a"))
		send(other, "WRITE p\nSEND\n")
		Expect(receive(other, "p")).To(Equal("p"))
		Expect(exchange(server, "WRITE c\nSEND\n")).To(Equal("c"))
	})

	It("closes the connection of a client that sends what is not UTF-8, makes nothing up, and serves on", Label("CODE-3"), func() {
		server := start(reference.Config{Handler: reference.Line})
		Expect(exchange(server, "a\n\xff\nb\n")).To(Equal("a\n"))
		Expect(exchange(server, "c\n")).To(Equal("c\n"))
	})

	It("lets a panic cost its own connection alone, after what was sent", func() {
		logged := gbytes.NewBuffer()
		server := start(reference.Config{
			Logger: slog.New(slog.NewTextHandler(logged, nil)),
			Handler: reference.HandlerFunc(func(h *reference.StreamHandler) error {
				text, err := h.ReadLine()
				if text == "panic" {
					h.WriteContent("sent")
					_ = h.Send()
					panic("planned")
				}
				return err
			}),
		})
		conn := dial(server)
		send(conn, "panic\nleft unread")
		Expect(receiveAll(conn)).To(Equal("sent"))
		Eventually(logged).Should(gbytes.Say(`level=ERROR.*client=` + conn.LocalAddr().String() + ` panic=planned`))
		Expect(logged.Contents()).NotTo(ContainSubstring("goroutine"))
		Expect(exchange(server, "fine\n")).To(BeEmpty())
	})

	It("logs a panic's stack at the debug level", func() {
		logged := gbytes.NewBuffer()
		server := start(reference.Config{
			Logger:  slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Handler: reference.HandlerFunc(func(*reference.StreamHandler) error { panic("planned") }),
		})
		Expect(exchange(server, "")).To(BeEmpty())
		Eventually(logged).Should(gbytes.Say(`level=DEBUG.*stack=.*server_test.go`))
	})

	It("logs why a handler failed, with the client's address", func() {
		logged := gbytes.NewBuffer()
		server := start(reference.Config{
			Handler: reference.Script,
			Logger:  slog.New(slog.NewTextHandler(logged, nil)),
		})
		conn := dial(server)
		send(conn, "RAISE\n")
		Expect(receiveAll(conn)).To(BeEmpty())
		Eventually(logged).Should(gbytes.Say(`level=WARN.*client=` + conn.LocalAddr().String() + `.*RAISE`))
	})

	It("has no complaint about clients that leave without a word", func() {
		logged := gbytes.NewBuffer()
		seen := &watch{}
		server := start(reference.Config{
			Listen:  seen.listen,
			Handler: reference.Line,
			Logger:  slog.New(slog.NewTextHandler(logged, nil)),
		})
		for i := range 20 {
			conn := dial(server)
			send(conn, "in the middle")
			if i%2 == 0 {
				Expect(conn.SetLinger(0)).To(Succeed())
			}
			Expect(conn.Close()).To(Succeed())
		}
		Eventually(seen.closed.Load).Should(BeEquivalentTo(20))
		Expect(logged.Contents()).To(BeEmpty())
		Expect(exchange(server, "a\n")).To(Equal("a\n"))
	})

	It("gives every descriptor back", func() {
		if _, err := os.ReadDir("/proc/self/fd"); err != nil {
			Skip("descriptors cannot be counted here: " + err.Error())
		}
		server := start(reference.Config{Handler: reference.Script})
		Expect(exchange(server, "WRITE a\nSEND\n")).To(Equal("a"))
		before := descriptors()
		for _, request := range []string{"", "\n", "WRITE a\nSEND\nCLOSE\nunread", "RAISE\n", "READ 5\nabc"} {
			for range 10 {
				exchange(server, request)
			}
		}
		// The client's own are closed when the spec ends: one a dial.
		Eventually(func() int { return descriptors() - 50 }).Should(BeNumerically("<=", before))
	})
})

// descriptors returns how many descriptors this process has open.
func descriptors() int {
	open, err := os.ReadDir("/proc/self/fd")
	Expect(err).NotTo(HaveOccurred())
	return len(open)
}

var _ = Describe("a session over a socket", Label("FRAM", "FLOW"), func() {
	It("carries 16 MiB in both directions at once", func() {
		server := start(reference.Config{Handler: reference.Echo})
		request := strings.Repeat("0123456789abcdef", 1<<20)
		Expect(exchange(server, request) == request).To(BeTrue(), "the answer differs")
	})

	It("reads and answers 16 MiB in one piece", func() {
		server := start(reference.Config{Handler: reference.Script})
		content := strings.Repeat("0123456789abcdef", 1<<20)
		answer := exchange(server, "READ 16777216\n"+content+"SEND\n")
		Expect(answer == "16777216:"+content+",").To(BeTrue(), "the answer differs")
	})

	It("keeps 50 clients at once apart", func() {
		server := start(reference.Config{Handler: reference.Line})
		answers := make([]string, 50)
		errs := make([]error, 50)
		var clients sync.WaitGroup
		for i := range answers {
			clients.Go(func() { answers[i], errs[i] = chat(server.Addr().String(), i) })
		}
		clients.Wait()
		for i, answer := range answers {
			Expect(errs[i]).NotTo(HaveOccurred())
			Expect(answer).To(Equal(strings.Repeat(strings.Repeat("x", i+1)+"\n", 20)))
		}
	})
})

// chat sends the same line 20 times, each after the answer to the one before.
func chat(addr string, i int) (string, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	var answers bytes.Buffer
	h := reference.NewStreamHandler(conn, reference.Config{IdleTime: patience})
	for range 20 {
		h.WriteContent(strings.Repeat("x", i+1) + "\n")
		if err := h.Send(); err != nil {
			return "", err
		}
		answer, err := h.ReadLine()
		if err != nil {
			return "", err
		}
		answers.WriteString(answer + "\n")
	}
	return answers.String(), nil
}
