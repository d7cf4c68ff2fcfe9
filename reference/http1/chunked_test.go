package http1_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference/http1"
)

var _ = Describe("A body in chunks", func() {
	echoed := func(body string) string {
		GinkgoHelper()
		return takes(200, post(body, chunked))
	}
	refused := func(body string) {
		GinkgoHelper()
		refuses(400, post(body, chunked))
	}

	It("is the data of its chunks", Label("HCHK-1"), func() {
		Expect(echoed("5\r\nhello\r\n0\r\n\r\n")).To(Equal("hello"))
		Expect(echoed("5\r\nhello\r\n3\r\n, w\r\n6\r\n\r\n0\r\n\r\r\n0\r\n\r\n")).To(Equal("hello, w\r\n0\r\n\r"))
		Expect(echoed("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n")).To(Equal("abc"))
		Expect(echoed("0\r\n\r\n")).To(BeEmpty())
	})

	It("has sizes in hexadecimal digits of either case", Label("HCHK-2"), func() {
		for _, size := range []string{"a", "A", "0A", "0000a", strings.Repeat("0", 30) + "A"} {
			Expect(echoed(size + "\r\n0123456789\r\n000\r\n\r\n")).To(Equal("0123456789"))
		}
		long := strings.Repeat("b", 0xbcDE)
		Expect(echoed("bcDE\r\n" + long + "\r\n0\r\n\r\n")).To(Equal(long))
	})

	It("may have extensions, which mean nothing", Label("HCHK-3", "HCHK-4"), func() {
		for _, ext := range []string{";a", ";a=b", ";a;b=c", `;a="q;\"x"`, " ; a = b", "\t;\ta\t=\t\"\"", `;a="\\"`, ";a=\"\xe9\\\xe9\""} {
			Expect(echoed("5" + ext + "\r\nhello\r\n0" + ext + "\r\n\r\n")).To(Equal("hello"))
		}
		for _, ext := range []string{" ", "\t", ";", ";\x01", ";a=", ";a b", `;a="`, `;a="b`, `;a="b"c`, ";=b", " a", ";a;", ";a\x00", ";a=\"\r\"", ";a=\"\\\x01\"", ";a "} {
			refused("5" + ext + "\r\nhello\r\n0\r\n\r\n")
			refused("5\r\nhello\r\n0" + ext + "\r\n\r\n")
		}
	})

	It("has sizes that are nothing but digits", Label("HCHK-5", "SMUG-4"), func() {
		for _, size := range []string{"+5", "-5", "0x5", "5_", "0_5", "5.", "5,", "5h", "g", "-0", "0x0", "", " 5", "\v5", "5\x00", "\t5", "5\x0b"} {
			refused(size + "\r\nhello\r\n0\r\n\r\n")
		}
		refused("\r\n\r\n") // no digits are not a last chunk
		refused(";a\r\n\r\n")
	})

	It("has no size that is larger than the limit, however large the number", Label("HCHK-6"), func() {
		for _, size := range []string{"100000005", "8000000000000005", "10000000000000005", strings.Repeat("1", 33), strings.Repeat("f", 200), "1000001"} {
			refuses(413, post(size+"\r\nhello\r\n0\r\n\r\n", chunked))
		}
		h := http1.Demo
		h.Limits.Body = -1
		Expect(ask(h, post("10000000000000005\r\nhello\r\n0\r\n\r\n", chunked)).answers()[0].status).To(Equal(413))
		h.Limits.Body = 5
		Expect(ask(h, post("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", chunked)).answers()[0].content).To(Equal("hello"))
		Expect(ask(h, post("3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", chunked)).answers()[0].status).To(Equal(413))
	})

	It("has CR LF behind the data", Label("HCHK-7"), func() {
		for _, body := range []string{"5\r\nhelloXX0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello!\r\n0\r\n\r\n", "4\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\r\n0\r\n\r\n"} {
			refused(body)
		}
	})

	It("has lines that end in CR LF", Label("HCHK-8", "HCHK-9"), func() {
		whole := "5;a=b\r\nhello\r\n0\r\nX-Probe: b\r\n\r\n"
		for i := range len(whole) {
			if whole[i] == '\n' {
				refused(whole[:i-1] + whole[i:])
				refused(whole[:i] + "\r" + whole[i:])
			}
			if whole[i] == '\r' && i < len(whole)-2 {
				refused(whole[:i+1] + whole[i+2:])
			}
		}
		refused(strings.ReplaceAll(whole, "\r\n", "\n"))
		refused("5;a\n\r\nhello\r\n0\r\n\r\n")
		refused("5;a\rb\r\nhello\r\n0\r\n\r\n")
	})

	It("has a trailer section, which is kept apart", Label("HCHK-10"), func() {
		twenty := ""
		for i := range 20 {
			twenty += fmt.Sprintf("X-%d: b\r\n", i)
		}
		for _, section := range []string{"X-Probe: b\r\n", twenty, "Content-Length: 5\r\n", "Host: b\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n"} {
			content := takes(200, request("POST", "/inspect", "0\r\n"+section+"\r\n", chunked))
			Expect(content).To(Equal("method: POST\ntarget: /inspect\nhost: a\n"))
		}
		var early, late http1.Fields
		ask(http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
			early = r.Trailers()
			for n, p := 1, make([]byte, 2); n > 0; {
				n, _ = r.Body.Read(p)
			}
			late = r.Trailers()
			return nil
		}}, post("5\r\nhello\r\n0\r\nX-Probe: b\r\nY:\r\n\r\n", chunked))
		Expect(early).To(BeEmpty())
		Expect(late).To(Equal(http1.Fields{{Name: "X-Probe", Value: "b"}, {Name: "Y", Value: ""}}))
	})

	It("has a trailer section of fields", Label("HCHK-11"), func() {
		for _, line := range []string{"X-Probe", "X-Probe : b", "X-Probe: b\r\n c", " X-Probe: b", "X-Probe: \x00", ": b"} {
			refused("5\r\nhello\r\n0\r\n" + line + "\r\n\r\n")
		}
	})

	It("is not complete where the stream ends", Label("HCHK-12"), func() {
		whole := post("5\r\nhello\r\n0\r\nX-Probe: b\r\n\r\n", chunked)
		for i := range whole {
			o := ask(http1.Demo, whole[:i])
			Expect(o.failed).To(BeEmpty())
			if head := strings.Index(whole, "\r\n\r\n") + 4; i < head {
				Expect(o.text).To(BeEmpty(), "cut short at %d", i)
				continue
			}
			Expect(o.answers()).To(HaveLen(1))
			Expect(o.answers()[0].status).To(Equal(400), "cut short at %d", i)
		}
	})

	It("may be a chunk of 1 MiB, and 5,000 of one byte", Label("HCHK-13"), func() {
		long := strings.Repeat("b", 1<<20)
		Expect(play(http1.Demo, post(inChunks(long), chunked), follow).answers()[0].content).To(Equal(long))
		Expect(echoed(strings.Repeat("1\r\nb\r\n", 5000) + "0\r\n\r\n")).To(HaveLen(5000))
	})

	It("has limits for extensions and trailers", Label("HCHK-14"), func() {
		refuses(413, post("5;a="+strings.Repeat("b", 64<<10)+"\r\nhello\r\n0\r\n\r\n", chunked))
		refuses(413, post(strings.Repeat("1;abcdef\r\nb\r\n", http1.DefaultExtensions/7+1)+"0\r\n\r\n", chunked))
		refuses(413, post(strings.Repeat("0000000000000001\r\nb\r\n", http1.DefaultExtensions/15+1)+"0\r\n\r\n", chunked))
		Expect(echoed(strings.Repeat("1;abcdef\r\nb\r\n", http1.DefaultExtensions/7) + "0\r\n\r\n")).To(HaveLen(http1.DefaultExtensions / 7))
		refuses(431, post("0\r\nX-Probe: "+strings.Repeat("b", 64<<10)+"\r\n\r\n", chunked))
		refuses(431, post("0\r\n"+strings.Repeat("A:\r\n", http1.DefaultFieldCount+1)+"\r\n", chunked))
	})
})
