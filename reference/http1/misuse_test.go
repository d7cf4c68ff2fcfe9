package http1_test

import (
	"errors"
	"io"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// over returns a stream handler of a client with the default limits.
func over(c *client) *reference.StreamHandler {
	return reference.NewStreamHandler(c, reference.Config{})
}

var _ = Describe("A function that serves", func() {
	boom := errors.New("boom")

	// Nothing has left: the client is told, and so is the server's log.
	DescribeTable("that fails before its answer has begun is answered for", func(status int, logged string, serve func(w *http1.Answer, r *http1.Request) error) {
		o := ask(serving(serve), get("/")+follow)
		if logged == "" {
			Expect(o.answers()).To(HaveLen(2))
		} else { // a failure costs the connection, and the answer says so
			Expect(o.answers()).To(HaveLen(1))
			Expect(o.answers()[0].fields).To(HaveKeyWithValue("Connection", "close"))
		}
		for _, a := range o.answers() {
			Expect(a.status).To(Equal(status))
			Expect(a.content).NotTo(ContainSubstring("half"))
		}
		Expect(o.text).NotTo(ContainSubstring("X-Half"))
		Expect(o.failed).To(ContainSubstring(logged))
		Expect(o.failed == "").To(Equal(logged == ""))
	},
		Entry("by an error", 500, "boom", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Set("X-Half", "half")
			_ = w.Text(201, "half")
			return boom
		}),
		Entry("by a refusal", 403, "", func(w *http1.Answer, r *http1.Request) error { return http1.Refuse(403, "No.") }),
		Entry("by a refusal that is none", 500, "200", func(w *http1.Answer, r *http1.Request) error { return http1.Refuse(200, "Yes.") }),
		Entry("by a status that none is", 500, "no final status: 99", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Status(99)
			return nil
		}),
		Entry("by a field that is none, whatever it returns", 500, "no such field can be sent", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Set("a b", "c")
			return http1.Refuse(404, "No.")
		}),
		Entry("by a field that is none, and an error", 500, "boom", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Set("a b", "c")
			return boom
		}),
		Entry("by a status above all", 500, "no final status: 600", func(w *http1.Answer, r *http1.Request) error { return w.Status(600) }),
		Entry("by a status that is not final", 500, "no final status: 101", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Status(101)
			return nil
		}),
		Entry("by content for 204", 500, "no content: 204", func(w *http1.Answer, r *http1.Request) error { return w.Text(204, "half") }),
		Entry("by content, and then 304", 500, "no content: 304", func(w *http1.Answer, r *http1.Request) error {
			_, _ = w.WriteString("half")
			_ = w.Status(304)
			return nil
		}),
		Entry("by too little content", 500, "2 bytes, not 5", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Length(5)
			_, err := w.WriteString("he")
			return err
		}),
		Entry("by too much content", 500, "more than 5 bytes", func(w *http1.Answer, r *http1.Request) error {
			_ = w.Length(5)
			_, _ = w.WriteString("hello!")
			return nil
		}),
		Entry("by a length that is too small already", 500, "1 bytes, and 2 are written", func(w *http1.Answer, r *http1.Request) error {
			_, _ = w.WriteString("he")
			_ = w.Length(1)
			return nil
		}),
		Entry("by a text that is not all", 500, "more than 5 bytes", func(w *http1.Answer, r *http1.Request) error {
			_, _ = w.WriteString("half")
			return w.Text(200, "hello")
		}),
		Entry("by a length below zero", 500, "-1 bytes, and 0 are written", func(w *http1.Answer, r *http1.Request) error { return w.Length(-1) }),
	)

	It("that fails when its answer has begun has it cut short, and the connection closed", func() {
		for _, serve := range []func(w *http1.Answer, r *http1.Request) error{
			func(w *http1.Answer, r *http1.Request) error { return boom },
			func(w *http1.Answer, r *http1.Request) error { return http1.Refuse(404, "No.") },
			func(w *http1.Answer, r *http1.Request) error { return w.Set("X", "y") },
			func(w *http1.Answer, r *http1.Request) error { return w.Status(404) },
			func(w *http1.Answer, r *http1.Request) error { return w.CloseAfter() },
		} {
			o := ask(serving(func(w *http1.Answer, r *http1.Request) error {
				_, _ = w.WriteString("half")
				_ = w.Flush()
				return serve(w, r)
			}), get("/")+follow)
			Expect(o.text).To(HaveSuffix("\r\n\r\n4\r\nhalf\r\n"), "there is no last chunk")
			Expect(o.waited).To(BeFalse())
			Expect(o.failed).NotTo(BeEmpty())
		}
		o := ask(serving(func(w *http1.Answer, r *http1.Request) error {
			_ = w.Length(5)
			_, _ = w.WriteString("half")
			return w.Flush()
		}), get("/")+follow)
		Expect(o.text).To(HaveSuffix("Content-Length: 5\r\n\r\nhalf"))
		Expect(o.failed).To(ContainSubstring("4 bytes, not 5"))
		Expect(o.waited).To(BeFalse())
	})

	It("that fails leaves nothing for the answers of other connections", func() {
		for range 100 { // what a connection has used, another uses
			play(serving(func(w *http1.Answer, r *http1.Request) error {
				_ = w.Flush()
				_, _ = w.WriteString("secret")
				return boom
			}), get("/"))
			Expect(play(serving(func(w *http1.Answer, r *http1.Request) error {
				_, err := w.WriteString("hello")
				return err
			}), get("/")).answers()[0].content).To(Equal("hello"))
		}
	})

	It("that panics is answered for, and the panic goes on", func() {
		c := &client{left: []string{get("/") + follow}}
		Expect(func() {
			_ = serving(func(w *http1.Answer, r *http1.Request) error { panic("boom") }).Handle(over(c))
		}).To(PanicWith("boom"))
		Expect(c.got.String()).To(HavePrefix("HTTP/1.1 500 "))
		Expect(c.got.String()).To(ContainSubstring("\r\nConnection: close\r\n"))
		Expect(c.asked).To(BeFalse())
	})

	It("takes no part of a body for the whole, whatever it makes of the error", func() {
		for sent, status := range map[string]int{
			post("hell", "Content-Length: 5"): 400, post("5\r\nhelloXX0\r\n\r\n", chunked): 400, post("5\r\nhello\r\n", chunked): 400, post("9999999\r\nhello\r\n", chunked): 413,
		} {
			for _, err := range []error{nil, boom} {
				o := ask(serving(func(w *http1.Answer, r *http1.Request) error {
					_, _ = io.ReadAll(r.Body)
					_ = w.Text(200, "all of it")
					return err
				}), sent)
				Expect(o.answers()).To(HaveLen(1))
				Expect(o.answers()[0].status).To(Equal(status))
				Expect(o.answers()[0].fields).To(HaveKeyWithValue("Connection", "close"))
				Expect(o.failed == "").To(Equal(err == nil), "the log hears of the function's own errors: %q", o.failed)
			}
		}
	})

	It("is not heard any more when it has returned", func() {
		var w *http1.Answer
		var r *http1.Request
		play(serving(func(answer *http1.Answer, request *http1.Request) error {
			w, r = answer, request
			return nil
		}), post("hello", "Content-Length: 5"))
		Expect(w.Set("X", "y")).To(Equal(http1.ErrServed))
		Expect(w.Flush()).To(Equal(http1.ErrServed))
		Expect(w.Text(200, "x")).To(Equal(http1.ErrServed))
		_, err := w.Write([]byte("x"))
		Expect(err).To(Equal(http1.ErrServed))
		_, err = r.Body.Read(make([]byte, 1))
		Expect(err).To(Equal(http1.ErrServed))
	})

	It("may be none", func() {
		Expect(ask(http1.Handler{}, get("/")).answers()[0].status).To(Equal(404))
	})

	It("may have the connection closed", func() {
		o := ask(serving(func(w *http1.Answer, r *http1.Request) error { return w.CloseAfter() }), get("/")+follow)
		Expect(o.answers()).To(HaveLen(1))
		Expect(o.answers()[0].fields).To(HaveKeyWithValue("Connection", "close"))
		Expect(o.waited).To(BeFalse())
	})

	It("sets and adds fields", func() {
		o := ask(serving(func(w *http1.Answer, r *http1.Request) error {
			return errors.Join(w.Add("A", "1"), w.Add("B", " 2 "), w.Add("a", "3"), w.Set("A", "4"), w.Add("C", ""))
		}), get("/"))
		Expect(o.text).To(ContainSubstring("\r\nB: 2\r\nA: 4\r\nC: \r\n"))
	})

	It("reads what it may know of a request", func() {
		var seen http1.Request
		var body string
		ask(serving(func(w *http1.Answer, r *http1.Request) error {
			text, err := io.ReadAll(r.Body)
			seen, body = *r, string(text)
			Expect(r.Path()).To(Equal("/a%20b"))
			Expect(r.RemoteAddr()).To(BeNil())
			Expect(r.Context().Err()).NotTo(HaveOccurred())
			n, again := r.Body.Read(make([]byte, 1))
			Expect(n).To(BeZero())
			Expect(again).To(Equal(io.EOF))
			return err
		}), strings.Replace(request("PUT", "/a%20b?c", "hello", "X: y", "Content-Length: 5"), "HTTP/1.1", "HTTP/1.7", 1))
		Expect(seen.Method).To(Equal("PUT"))
		Expect(seen.Target).To(Equal("/a%20b?c"))
		Expect(seen.Authority).To(Equal("a"))
		Expect(seen.Minor).To(Equal(7))
		Expect(seen.Length).To(BeEquivalentTo(5))
		Expect(seen.Fields).To(Equal(http1.Fields{{Name: "Host", Value: "a"}, {Name: "X", Value: "y"}, {Name: "Content-Length", Value: "5"}}))
		Expect(body).To(Equal("hello"))
	})
})
