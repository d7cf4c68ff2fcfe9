package http1_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

var _ = Describe("The connection", func() {
	It("goes on behind an answer", Label("HCON-1"), func() {
		o := ask(http1.Demo, get("/")+get("/")+get("/"))
		Expect(o.answers()).To(HaveLen(3))
		Expect(o.waited).To(BeTrue())
		Expect(o.text).NotTo(ContainSubstring("Connection:"))
	})

	It("is closed behind the answer to a request that says close, which says it too", Label("HCON-2", "HCON-3", "HCON-4", "HCON-5"), func() {
		for _, lines := range [][]string{{"Connection: close"}, {"Connection: CLOSE"}, {"Connection: x, close"}, {"Connection: x", "Connection: close"}, {"Connection: keep-alive, close"}, {"connection:close,"}} {
			refuses(200, get("/", lines...))
			refuses(200, post("hello", append(lines, "Content-Length: 5")...))
			Expect(play(http1.Demo, get("/", lines...)).waited).To(BeFalse(), "with nothing behind it")
		}
		takes(200, get("/", "Connection: closed, x-close"))
	})

	It("is closed behind the answer to HTTP/1.0, unless that asks to keep it", Label("HCON-6"), func() {
		refuses(200, "GET / HTTP/1.0\r\n\r\n")
		refuses(200, "POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello")
		refuses(200, "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n")
		o := ask(http1.Demo, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"+follow)
		Expect(o.answers()).To(HaveLen(2))
		Expect(o.answers()[0].fields).To(HaveKeyWithValue("Connection", "keep-alive"))
		Expect(o.waited).To(BeTrue())
	})

	It("answers pipelined requests, all and in order, before a refusal too", Label("HCON-7"), func() {
		pipeline, methods := "", []string{}
		for i := range 20 {
			target := fmt.Sprintf("/inspect?%d", i)
			r := []string{get(target), request("HEAD", target, ""), request("POST", target, hidden, sized(hidden)), request("POST", target, inChunks(hidden), chunked)}[i%4]
			method, _, _ := strings.Cut(r, " ")
			pipeline, methods = pipeline+r, append(methods, method)
		}
		all := ask(http1.Demo, pipeline).answers(methods...)
		Expect(all).To(HaveLen(20))
		for i, a := range all {
			Expect(a.status).To(Equal(200))
			if methods[i] != "HEAD" {
				Expect(a.content).To(ContainSubstring("target: /inspect?%d\n", i))
			}
		}
		Expect(statuses(get("/") + get("/x") + "GET / HTTP/1.1\r\n\r\n")).To(Equal([]int{200, 404, 400}))
	})

	It("answers a complete request without more input", Label("HCON-7"), func() {
		for _, r := range []string{get("/"), post("hello", "Content-Length: 5"), post(inChunks("hello"), chunked), "\r\n" + get("/")} {
			had := stepwise(http1.Demo, r)
			Expect(had).To(HaveLen(3))
			Expect(had[1]).To(Equal(had[2]), "all was answered when it waited for more")
			Expect(had[1]).To(HavePrefix("HTTP/1.1 200 OK\r\n"))
			for i := 1; i < len(r); i++ {
				had := stepwise(http1.Demo, r[:i], r[i:])
				Expect(had[2]).To(HavePrefix("HTTP/1.1 200 OK\r\n"), "cut at %d: %q", i, had)
			}
		}
	})

	It("has no content behind the answer to HEAD", Label("HCON-8"), func() {
		for _, target := range []string{"/", "/x", "/inspect", "/echo"} {
			all := ask(http1.Demo, request("HEAD", target, "")+follow).answers("HEAD", "GET")
			Expect(all).To(HaveLen(2))
			Expect(all[1].content).To(ContainSubstring("?follow"))
		}
		o := ask(http1.Demo, "HEAD / HTTP/1.1\r\n\r\n")
		Expect(o.answers("HEAD")[0].status).To(Equal(400))
		Expect(o.text).To(HaveSuffix("\r\n\r\n"))
	})

	It("has each request read by itself", Label("HCON-9"), func() {
		shapes := []string{
			get("/"), request("HEAD", "/", ""), post("hello", "Content-Length: 5"), post("", "Content-Length: 0"), post(inChunks("hello"), chunked),
			post("0\r\nX-Probe: t\r\n\r\n", chunked), post("hello", "Content-Length: 5", "Expect: 100-continue"), get("http://other/inspect"), get("/inspect", "X-Probe: b"),
			"GET /inspect HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", get("/inspect"), get("/x"), get("/", "If-None-Match: *"), get("/", "Connection: close"), "GET /inspect HTTP/1.0\r\n\r\n",
		}
		alone := func(r string) string { return play(http1.Demo, r).text }
		for _, first := range shapes {
			for _, second := range shapes {
				want := alone(first)
				if !strings.Contains(want, "Connection: close") {
					want += alone(second)
				}
				Expect(alone(first+second)).To(Equal(want), "%q, then %q", first, second)
			}
		}
	})

	const goOn = "HTTP/1.1 100 Continue\r\n\r\n"

	It("asks a client that waits for it for the content, once, when it is read first", Label("HCON-10", "HCON-11"), func() {
		for _, expect := range []string{"100-continue", "100-Continue", "100-continue, 100-continue"} {
			for body, line := range map[string]string{"hello": "Content-Length: 5", inChunks("hello"): chunked} {
				head := post("", line, "Expect: "+expect)
				had := stepwise(http1.Demo, head, body, follow)
				Expect(had[1]).To(Equal(goOn), "before the content")
				Expect(outcome{text: had[2]}.answers()).To(HaveLen(2), "one final answer")
				Expect(ask(http1.Demo, head+body+follow).text).To(Equal(had[4]), "whether the content comes at once or not")
			}
		}
		for _, r := range []string{get("/", "Expect: 100-continue"), get("/inspect", "Expect: 100-continue"), post("", "Content-Length: 0", "Expect: 100-continue")} {
			takes(200, r) // by one answer: there is no content
		}
		refuses(417, post("hello", "Content-Length: 5", "Expect: 200-ok"))
	})

	It("asks no client for content of which nothing is to be read", Label("HCON-10"), func() {
		o := ask(serving(func(w *http1.Answer, r *http1.Request) error {
			n, err := r.Body.Read(nil)
			Expect(n).To(BeZero())
			return err
		}), post("hello", "Content-Length: 5", "Expect: 100-continue"))
		Expect(o.answers()).To(HaveLen(1))
	})

	It("is closed where such a client was answered without being asked", Label("HCON-10", "HCON-12"), func() {
		refuses(404, request("POST", "/x", hidden, sized(hidden), "Expect: 100-continue"))
		refuses(413, post("hello", "Content-Length: 99999999", "Expect: 100-continue"))
		var failed error
		o := ask(http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
			_, _ = w.WriteString("early")
			_ = w.Flush()
			_, failed = io.ReadAll(r.Body)
			return nil
		}}, post("hello", "Content-Length: 5", "Expect: 100-continue"))
		Expect(o.text).NotTo(ContainSubstring(goOn))
		Expect(o.answers()[0].content).To(Equal("early"))
		Expect(failed).To(HaveOccurred())
	})

	It("has a body read that was answered early, up to a limit", Label("HCON-12"), func() {
		for _, r := range []string{request("POST", "/x", hidden, sized(hidden)), request("POST", "/x", inChunks(hidden), chunked)} {
			head := strings.Index(r, "\r\n\r\n") + 4
			had := stepwise(http1.Demo, r[:head], r[head:], follow)
			Expect(had[1]).To(HavePrefix("HTTP/1.1 404 "), "it is answered early")
			takes(404, r)
		}
		long := strings.Repeat("b", http1.DefaultDrain)
		takes(404, request("POST", "/x", long, sized(long)))
		refuses(404, request("POST", "/x", long+"b", sized(long+"b")))
		o := play(http1.Demo, request("POST", "/x", inChunks(long+"b"), chunked), follow)
		Expect(o.answers()).To(HaveLen(1))
		Expect(o.waited).To(BeFalse())
		o = ask(http1.Demo, request("POST", "/x", "5\r\nhelloXX", chunked)+follow)
		Expect(o.answers()).To(HaveLen(1), "it is closed behind a body that is malformed")
		Expect(o.waited).To(BeFalse())
	})

	It("has no 1xx sent to HTTP/1.0", Label("HCON-13"), func() {
		o := ask(http1.Demo, "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
		Expect(o.answers()).To(HaveLen(1))
		Expect(o.answers()[0].content).To(Equal("hello"))
		Expect(ask(http1.Demo, "GET / HTTP/1.0\r\nExpect: x\r\n\r\n").answers()[0].status).To(Equal(200))
	})

	It("is never switched to another protocol", Label("HCON-14"), func() {
		for _, protocol := range []string{"x", "websocket", "h2c"} {
			takes(200, get("/", "Connection: Upgrade", "Upgrade: "+protocol))
		}
		refuses(200, "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	})

	It("is closed behind whatever is refused", Label("HCON-17"), func() {
		for _, r := range []string{"GET / x HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", get("/", "X : y"), get("/", "X"), "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"} {
			Expect(statuses(r + hidden)).To(HaveLen(1))
		}
	})

	Context("of TCP", func() {
		var server *reference.TCPServer
		dial := func() *net.TCPConn {
			conn, err := net.Dial("tcp", server.Addr().String())
			Expect(err).NotTo(HaveOccurred())
			Expect(conn.SetDeadline(time.Now().Add(patience))).To(Succeed())
			DeferCleanup(func() { _ = conn.Close() })
			return conn.(*net.TCPConn)
		}
		BeforeEach(func() {
			server = reference.NewTCPServer(reference.Config{Handler: http1.Demo, LingerTime: time.Hour})
			Expect(server.Listen()).To(Succeed())
			served := make(chan error, 1)
			go func() { served <- server.ServeForever() }()
			DeferCleanup(func() {
				_ = server.Close()
				Eventually(served).Should(Receive(MatchError(reference.ErrServerClosed)))
			})
		})

		It("ends behind the answer to a client that has half-closed", Label("HCON-15"), func() {
			conn := dial()
			_, err := io.WriteString(conn, get("/"))
			Expect(err).NotTo(HaveOccurred())
			Expect(conn.CloseWrite()).To(Succeed())
			text, err := io.ReadAll(conn)
			Expect(err).NotTo(HaveOccurred())
			Expect(outcome{text: string(text)}.answers()[0].status).To(Equal(200))
		})

		DescribeTable("ends so that a refusal can be read", Label("HCON-16"), func(request string, status int) {
			conn := dial()
			sent := make(chan error, 1)
			go func() {
				_, err := io.WriteString(conn, request+strings.Repeat("b", 2<<20))
				sent <- errors.Join(err, conn.CloseWrite())
			}()
			text, err := io.ReadAll(conn)
			Expect(err).NotTo(HaveOccurred(), "no reset comes before the end")
			Expect(outcome{text: string(text)}.answers()[0].status).To(Equal(status))
			Eventually(sent).Should(Receive(BeNil()))
		},
			Entry("of a target", "GET /", 414),
			Entry("of a field", "GET / HTTP/1.1\r\nHost: a\r\nX-Probe: ", 431),
			Entry("of a body to nowhere", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2097152\r\n\r\n", 404),
			Entry("of a length", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 209715200\r\n\r\n", 413),
		)
	})
})
