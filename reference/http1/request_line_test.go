package http1_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference/http1"
)

var _ = Describe("The request line", func() {
	line := func(line string) string { return line + "\r\nHost: a\r\n\r\n" }

	It("may have one empty line before it", Label("HREQ-1"), func() {
		takes(200, "\r\n"+get("/"))
		Expect(ask(http1.Demo, "\r\n")).To(Equal(outcome{waited: true}))
		refuses(400, "\r\n\r\n"+get("/"))
		refuses(400, "\n"+get("/"))
		refuses(400, "\r"+get("/"))
	})

	It("may have a target in absolute form, whose authority is the host that is asked", Label("HREQ-2", "HREQ-3"), func() {
		for target, want := range map[string]string{
			"http://other/inspect?a=b": "target: /inspect?a=b\nhost: other\n",
			"HTTP://o:80/inspect":      "target: /inspect\nhost: o:80\n",
			"http://[::1]:8/inspect":   "target: /inspect\nhost: [::1]:8\n",
		} {
			Expect(takes(200, get(target))).To(ContainSubstring(want))
		}
		takes(200, get("http://other"))
		takes(200, get("http://other?a"))
		for r, want := range map[string]string{get("http://other"): "/", get("http://other?a"): "/?a", request("OPTIONS", "http://other", ""): "*", request("OPTIONS", "http://other/", ""): "/", request("OPTIONS", "*", ""): "*"} {
			ask(serving(func(w *http1.Answer, r *http1.Request) error {
				Expect(r.Target).To(Equal(want))
				return nil
			}), r)
		}
		for _, target := range []string{"http://", "http:///inspect", "http://u@o/", "http://o:x/", "http://[::1/", "http:/inspect", "http:inspect", "://o/", "http://o o/"} {
			refuses(400, get(target))
		}
		refuses(421, get("https://other/"))
		refuses(421, get("ftp://other/"))
		refuses(400, "GET http://other/ HTTP/1.1\r\n\r\n")
	})

	It("is for the scheme that is served", func() {
		h := http1.Demo
		h.Scheme = "https"
		Expect(ask(h, get("https://a/")).answers()[0].status).To(Equal(200))
		Expect(ask(h, get("http://a/")).answers()[0].status).To(Equal(421))
	})

	It("has a method that is compared to the end and by case", Label("HREQ-4", "HREQ-5"), func() {
		for _, method := range []string{"get", "Get", "GETX", "GE", "ZQXJ", strings.Repeat("Z", 300)} {
			takes(501, request(method, "/", ""))
		}
		refuses(501, request(strings.Repeat("Z", 64<<10), "/", ""))
	})

	It("may have 8,000 octets, and gets 414 beyond the limit", Label("HREQ-6", "HREQ-7"), func() {
		fill := func(n int) string {
			return "GET /inspect?" + strings.Repeat("a", n-len("GET /inspect? HTTP/1.1")) + " HTTP/1.1"
		}
		Expect(takes(200, line(fill(8000)))).To(ContainSubstring(strings.Repeat("a", 7900)))
		takes(200, line(fill(http1.DefaultLine)))
		refuses(414, line(fill(http1.DefaultLine+1)))
		refuses(414, line(fill(64<<10)))
		refuses(414, line(fill(1<<20)))
	})

	It("is divided at single spaces alone", Label("HREQ-8", "HREQ-9"), func() {
		for _, l := range []string{
			"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET\v/ HTTP/1.1", "GET /\fHTTP/1.1",
			"GET\r/ HTTP/1.1", "GET /\rHTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET / x HTTP/1.1", "GET /\tx HTTP/1.1",
		} {
			refuses(400, line(l))
		}
	})

	It("has a version", Label("HREQ-10"), func() {
		refuses(400, line("GET /"))
		refuses(400, "GET /\r\n\r\n")
		refuses(400, line("GET"))
		refuses(400, line("GET / "))
		refuses(400, line("GET  HTTP/1.1"))
	})

	It("has a version that is HTTP/ digit . digit", Label("HREQ-11"), func() {
		for _, version := range []string{
			"http/1.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/01.1", "HTTP/1.01", "HTTP/1.10", "HTTP/1.1x", "HTTP/1,1", "HTTP/ 1.1", "HTTQ/1.1", "HTTP/1.x", "HTTP/x.1", "HTTP/1.1\x00",
		} {
			refuses(400, line("GET / "+version))
		}
	})

	It("is of HTTP/1", Label("HREQ-12"), func() {
		takes(200, line("GET / HTTP/1.2"))
		takes(200, line("GET / HTTP/1.9"))
		for _, version := range []string{"HTTP/2.0", "HTTP/3.1", "HTTP/0.9"} {
			refuses(505, line("GET / "+version))
		}
	})

	It("has a target of octets that URIs have", Label("HREQ-13"), func() {
		for _, target := range []string{
			"/\x00", "/\x01", "/\x7f", "x", "*", "/*\x80", "host:80", "/#frag", "/\xff", "/\"", "/<", "/>", "/\\", "/^", "/`", "/{", "/|", "/}", "/%", "/%4", "/%4g", "/[", "/?[",
		} {
			refuses(400, get(target))
		}
		Expect(takes(200, get("/inspect?-._~!$&'()*+,;=:@/?%4a%FF"))).To(ContainSubstring("target: /inspect?-._~!$&'()*+,;=:@/?%4a%FF\n"))
		takes(404, get("/inspec%74"))
		takes(204, request("OPTIONS", "*", ""))
		takes(204, request("OPTIONS", "/", ""))
	})

	It("is never taken for a tunnel", Label("HREQ-14"), func() {
		for _, target := range []string{"a:", "a:x", "a", ":80", "a:80:80", "a:65536", "/", "[::1", "u@a:80"} {
			refuses(400, request("CONNECT", target, ""))
		}
		refuses(501, request("CONNECT", "a:80", ""))
		refuses(501, request("CONNECT", "[::1]:80", ""))
	})

	It("has a method that is a token", Label("HREQ-15"), func() {
		for _, method := range []string{"", "G@T", "G(T", "G\x00T", "G\xe9T", "\x16\x03\x01", "{"} {
			refuses(400, request(method, "/", ""))
		}
	})

	It("ends in CR LF, and so does each field line", Label("HREQ-16", "HREQ-17"), func() {
		r := "GET / HTTP/1.1\r\nHost: a\r\nX-Probe: b\r\n\r\n"
		for i := range len(r) {
			if r[i] == '\n' {
				refuses(400, r[:i-1]+r[i:])
			}
			if r[i] == '\r' && i < len(r)-2 {
				refuses(400, r[:i+1]+r[i+2:])
			}
		}
		refuses(400, strings.ReplaceAll(r, "\r\n", "\n"))
		o := ask(http1.Demo, strings.ReplaceAll(r, "\r\n", "\r"))
		Expect(o).To(Equal(outcome{waited: true}), "a line that has no LF has not ended")
	})

	It("is refused at its first byte where that begins no request", func() {
		for _, first := range []string{"\x16", "\x00", "\n", " ", "\xff", "("} {
			o := play(http1.Demo, first)
			Expect(o.answers()[0].status).To(Equal(400))
			Expect(o.waited).To(BeFalse())
		}
	})
})
