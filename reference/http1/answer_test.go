package http1_test

import (
	"errors"
	"io"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/streamspec/streamspec/reference/http1"
)

// serving is a handler of that function.
func serving(serve func(w *http1.Answer, r *http1.Request) error) http1.Handler {
	return http1.Handler{Serve: serve}
}

// old is a GET of HTTP/1.0.
const old = "GET / HTTP/1.0\r\n\r\n"

var _ = Describe("The answer", func() {
	It("is given to GET and HEAD", Label("HSEM-1"), func() {
		takes(200, get("/"))
		Expect(ask(http1.Demo, request("HEAD", "/", "")).answers("HEAD")[0].status).To(Equal(200))
	})

	It("has a status line with a space before an absent reason, and the server's own version", Label("HSEM-2"), func() {
		h := serving(func(w *http1.Answer, r *http1.Request) error { return w.Status(299) })
		for _, r := range []string{get("/"), old, "GET / HTTP/1.9\r\nHost: a\r\n\r\n"} {
			Expect(ask(h, r).text).To(HavePrefix("HTTP/1.1 299 \r\n"))
		}
	})

	// What a function may do with content, and what comes of it for HTTP/1.1 and HTTP/1.0.
	long := strings.Repeat("0123456789", 5000)
	DescribeTable("is framed by what is known of its content", Label("HSEM-3", "HSEM-4"), func(field, content string, serve func(w *http1.Answer) error) {
		h := serving(func(w *http1.Answer, r *http1.Request) error { return serve(w) })
		o := ask(h, get("/")+follow)
		for _, a := range o.answers() {
			Expect(a.content).To(Equal(content))
			Expect(a.fields).To(HaveKey(field))
			Expect(a.fields).NotTo(HaveKey("Connection"))
		}
		Expect(o.answers()).To(HaveLen(2))
		o = ask(h, request("HEAD", "/", "")+follow)
		all := o.answers("HEAD", "GET")
		Expect(all).To(HaveLen(2))
		Expect(all[0].fields).To(Equal(all[1].fields), "HEAD has the fields of GET")
		o = ask(h, old+follow)
		Expect(o.answers()).To(HaveLen(1))
		Expect(o.answers()[0].content).To(Equal(content))
		Expect(o.answers()[0].fields).NotTo(HaveKey("Transfer-Encoding"))
		o = ask(h, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"+old)
		if field == "Content-Length" {
			Expect(o.answers()).To(HaveLen(2))
		} else {
			Expect(o.answers()).To(HaveLen(1), "only the end of the connection ends it")
		}
	},
		Entry("none", "Content-Length", "", func(w *http1.Answer) error { return w.Length(0) }),
		Entry("short", "Content-Length", "hello", func(w *http1.Answer) error {
			_, err := io.WriteString(w, "he")
			_, err2 := w.Write([]byte("llo"))
			return errors.Join(err, err2)
		}),
		Entry("in characters of several bytes", "Content-Length", "héllo", func(w *http1.Answer) error { return w.Text(200, "héllo") }),
		Entry("long, of a length that was said", "Content-Length", long, func(w *http1.Answer) error {
			err := w.Length(int64(len(long)))
			_, err2 := io.Copy(w, strings.NewReader(long))
			return errors.Join(err, err2)
		}),
		Entry("long text", "Content-Length", long, func(w *http1.Answer) error { return w.Text(200, long) }),
		Entry("long, of no length that was said", "Transfer-Encoding", long, func(w *http1.Answer) error {
			_, err := w.WriteString(long)
			return err
		}),
		Entry("sent in parts", "Transfer-Encoding", "hello", func(w *http1.Answer) error {
			_, err := w.WriteString("hel")
			err = errors.Join(err, w.Flush(), w.Flush())
			_, err2 := w.WriteString("lo")
			return errors.Join(err, err2)
		}),
		Entry("sent in parts, of a length that was said", "Content-Length", "hello", func(w *http1.Answer) error {
			_, err := w.WriteString("hel")
			err = errors.Join(w.Length(5), err, w.Flush())
			_, err2 := w.WriteString("lo")
			return errors.Join(err, err2)
		}),
	)

	It("goes in chunks where the demonstration does not say its length", Label("HSEM-3", "HSEM-4"), func() {
		whole := takes(200, get("/"))
		o := ask(http1.Demo, get("/chunked")+request("HEAD", "/chunked", "")+"GET /chunked HTTP/1.0\r\n\r\n")
		all := o.answers("GET", "HEAD", "GET")
		Expect(all).To(HaveLen(3))
		Expect(all[0].fields).To(HaveKeyWithValue("Transfer-Encoding", "chunked"))
		Expect(all[1].fields).To(HaveKeyWithValue("Transfer-Encoding", "chunked"))
		Expect(all[0].content).To(Equal(whole))
		Expect(all[2].content).To(Equal(whole))
	})

	It("has no content where its status has none", Label("HSEM-5"), func() {
		for status, length := range map[int]types.GomegaMatcher{204: Not(HaveKey("Content-Length")), 205: HaveKeyWithValue("Content-Length", "0"), 304: Not(HaveKey("Content-Length"))} {
			for _, flush := range []bool{false, true} {
				all := ask(serving(func(w *http1.Answer, r *http1.Request) error {
					if err := w.Status(status); err != nil || !flush {
						return err
					}
					return w.Flush()
				}), get("/")+follow).answers()
				Expect(all).To(HaveLen(2))
				Expect(all[0].status).To(Equal(status))
				Expect(all[0].content).To(BeEmpty())
				Expect(all[0].fields).To(length)
				Expect(all[0].fields).NotTo(HaveKey("Transfer-Encoding"))
			}
		}
		tag := ask(http1.Demo, get("/")).answers()[0].fields["ETag"]
		for _, value := range []string{tag, "*", `"x", ` + tag, "W/" + tag} {
			o := ask(http1.Demo, get("/", "If-None-Match: "+value)+follow)
			Expect(o.answers()[0].status).To(Equal(304))
			Expect(o.answers()).To(HaveLen(2))
			Expect(o.answers()[0].fields).To(HaveKeyWithValue("ETag", tag))
		}
		takes(200, get("/", `If-None-Match: "x"`))
		takes(204, request("OPTIONS", "/", ""))
		takes(204, request("OPTIONS", "*", ""))
	})

	It("says which methods there are where the method is none of them", Label("HSEM-6"), func() {
		for target, want := range map[string]string{"/": "GET, HEAD, OPTIONS", "/echo": "POST, OPTIONS"} {
			a := ask(http1.Demo, request("DELETE", target, "")).answers()[0]
			Expect(a.status).To(Equal(405))
			Expect(a.fields).To(HaveKeyWithValue("Allow", want))
		}
	})

	It("has a date", Label("HSEM-7"), func() {
		for _, r := range []string{get("/"), get("/x"), "GET /\r\n\r\n", get("/", "If-None-Match: *")} {
			c := &client{left: []string{r}}
			Expect(http1.Demo.Handle(over(c))).To(Succeed())
			Expect(dates.FindAllString(c.got.String(), -1)).To(HaveLen(1), "%q", c.got.String())
		}
		c := &client{left: []string{get("/")}}
		Expect(serving(func(w *http1.Answer, r *http1.Request) error { return w.Set("Date", "x") }).Handle(over(c))).To(Succeed())
		Expect(c.got.String()).To(Equal("HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 0\r\n\r\n"))
	})

	DescribeTable("cannot be broken by a field", Label("HSEM-8"), func(name, value string) {
		var failed error
		o := ask(serving(func(w *http1.Answer, r *http1.Request) error {
			failed = w.Set(name, value)
			return w.Text(200, "hello")
		}), get("/"))
		Expect(failed).To(MatchError(http1.ErrField))
		Expect(o.answers()[0].status).To(Equal(500))
		Expect(o.text).NotTo(ContainSubstring("injected"))
		Expect(o.failed).To(ContainSubstring(http1.ErrField.Error()))
	},
		Entry("with CR LF", "X", "a\r\nX-injected: b"),
		Entry("with LF", "X", "a\nX-injected: b"),
		Entry("with CR", "X", "a\rX-injected: b"),
		Entry("with NUL", "X", "injected\x00"),
		Entry("whose name is none", "X-injected: a\r\nY", "b"),
		Entry("whose name ends in a space", "X-injected ", "b"),
		Entry("without a name", "", "injected"),
		Entry("that says its length", "Content-Length", "1"),
		Entry("that says its coding", "transfer-encoding", "chunked"),
		Entry("that says whether the connection goes on", "Connection", "keep-alive"),
		Entry("that switches to another protocol", "Upgrade", "injected"),
	)

	It("has no field broken by what a client sends", Label("HSEM-8"), func() {
		Expect(takes(200, get("/inspect?%0d%0aX:%20b", "X-Probe: %0d%0aX: b"))).To(HaveSuffix("target: /inspect?%0d%0aX:%20b\nhost: a\nx-probe: %0d%0aX: b\n"))
	})

	It("has the fields of GET for HEAD, but for what is not known", Label("HSEM-9"), func() {
		for _, target := range []string{"/", "/inspect", "/x"} {
			headed := ask(http1.Demo, request("HEAD", target, "")).answers("HEAD")[0]
			got := ask(http1.Demo, get(target)).answers()[0]
			if target == "/inspect" { // whose content has the method
				delete(headed.fields, "Content-Length")
				delete(got.fields, "Content-Length")
			}
			Expect(headed.fields).To(Equal(got.fields))
		}
		o := ask(serving(func(w *http1.Answer, r *http1.Request) error { return nil }), request("HEAD", "/", ""))
		Expect(o.answers("HEAD")[0].fields).NotTo(HaveKey("Content-Length"))
		o = ask(serving(func(w *http1.Answer, r *http1.Request) error { return w.Length(5) }), request("HEAD", "/", "")+request("HEAD", "/", ""))
		Expect(o.answers("HEAD", "HEAD")[1].fields).To(HaveKeyWithValue("Content-Length", "5"))
	})

	It("does not say what a TRACE said", Label("HSEM-10"), func() {
		o := ask(http1.Demo, request("TRACE", "/", "", "Authorization: secret", "Cookie: secret"))
		Expect(o.answers()[0].status).To(Equal(405))
		Expect(o.text).NotTo(ContainSubstring("secret"))
	})
})
