package http1_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference/http1"
)

var _ = Describe("The fields", func() {
	// bare is a GET with these lines alone.
	bare := func(lines ...string) string { return "GET /inspect HTTP/1.1\r\n" + joined(lines) + "\r\n" }

	It("have one Host in HTTP/1.1", Label("HFLD-1", "HFLD-2"), func() {
		refuses(400, bare())
		refuses(400, bare("Host: a", "Host: b"))
		refuses(400, bare("Host: a", "host: a"))
		refuses(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n")
	})

	It("have a Host that is a host, with or without a port", Label("HFLD-3", "HFLD-4"), func() {
		for _, host := range []string{
			"a b", "a, b", "a/b", "a?b", "a#b", `a\b`, `a"b`, "u@a", "a:8x", "a:1:1", "[::1", "[::1]x", "[a]", "[::1%25eth0]", "[1.2.3.4]", "a:65536", "\xe9", "a%4", "", ":80", "[v1]", "[vg.a]",
		} {
			refuses(400, bare("Host: "+host))
		}
		for _, host := range []string{"a", "a:", "a:80", "127.0.0.1:65535", "[::1]:80", "[::ffff:1.2.3.4]", "[v1.a:b]", "a_b-c.d~!$&'()*+;=", "%41"} {
			Expect(takes(200, bare("Host: "+host))).To(ContainSubstring("host: " + host + "\n"))
		}
		o := ask(http1.Demo, "GET /inspect HTTP/1.0\r\n\r\n")
		Expect(o.answers()[0].content).To(ContainSubstring("host: \n"))
	})

	It("have no white space before the colon, nor before the name", Label("HFLD-5", "HFLD-6"), func() {
		for _, l := range []string{"X-Probe : a", "X-Probe\t: a", "Content-Length : 5", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked"} {
			refuses(400, bare("Host: a", l))
		}
		refuses(400, bare("Host : a"))
		refuses(400, bare(" Host: a"))
		refuses(400, bare(" X: y", "Host: a"))
		refuses(400, bare(" ", "Host: a"))
		refuses(400, bare("\tContent-Length: 5", "Host: a")+"hello")
	})

	It("are not folded", Label("HFLD-7"), func() {
		for _, fold := range []string{" b", "\tb", " Content-Length: 10", " ", " chunked"} {
			Expect(refuses(400, bare("Host: a", "X-Probe: a", fold))).To(Equal("A field line begins with white space.\n"))
		}
		refuses(400, post("hello", "Content-Length:", " 5"))
		refuses(400, post(inChunks("hello"), "Transfer-Encoding:", " chunked"))
	})

	It("have values without control bytes", Label("HFLD-8", "HFLD-9", "HFLD-10"), func() {
		for _, value := range []string{"a\rb", "a\rContent-Length: 10", "a\r", "a\x00b", "a\x01b", "a\x7fb", "\x00", "a\x0bb", "a\x0cb", "\r"} {
			refuses(400, bare("Host: a", "X-Probe: "+value))
		}
	})

	It("have values whose bytes above 7F are opaque", Label("HFLD-11"), func() {
		Expect(takes(200, bare("Host: a", "X-Probe: a\xe9\xffb"))).To(ContainSubstring("x-probe: a\xe9\xffb\n"))
	})

	It("are a token, a colon and a value", Label("HFLD-12"), func() {
		for _, l := range []string{": v", "X Y: v", "X[]: v", "X(y): v", `"X": v`, "X@: v", "X/Y: v", "X\x01: v", "X\x00: v", "X\xe9: v", "X-Probe", "X\r: v"} {
			refuses(400, bare("Host: a", l))
		}
	})

	It("have names without regard to case", Label("HFLD-13"), func() {
		takes(200, "GET / HTTP/1.1\r\nhOsT: a\r\n\r\n")
		Expect(takes(200, post("hello", "cOnTeNt-LeNgTh: 5"))).To(Equal("hello"))
		Expect(takes(200, post(inChunks("hello"), "tRaNsFeR-eNcOdInG: chunked"))).To(Equal("hello"))
		Expect(takes(200, bare("Host: a", "x-pRoBe: b"))).To(ContainSubstring("x-probe: b\n"))
	})

	It("have values without the white space around them, which may be empty", Label("HFLD-14", "HFLD-15"), func() {
		for sent, value := range map[string]string{"b": "b", "  b  c  ": "b  c", "\tb\tc\t": "b\tc", "": "", " ": "", " \t ": ""} {
			Expect(takes(200, bare("Host: a", "X-Probe:"+sent))).To(HaveSuffix("x-probe: " + value + "\n"))
		}
		Expect(takes(200, post("hello", "Content-Length:  5  "))).To(Equal("hello"))
	})

	It("are limited in size and number, and none is dropped", Label("HFLD-16"), func() {
		of := func(n int) string { return "X-Probe: " + strings.Repeat("b", n-len("X-Probe: \r\n")) }
		rest := len("Host: a\r\n")
		Expect(takes(200, bare("Host: a", of(http1.DefaultFields-rest)))).To(HaveLen(http1.DefaultFields - rest - len("\r\n") + len("method: GET\ntarget: /inspect\nhost: a\n\n")))
		refuses(431, bare("Host: a", of(http1.DefaultFields-rest+1)))
		refuses(431, bare("Host: a", of(1<<20)))
		many := func(n int) (lines []string) {
			for i := range n {
				lines = append(lines, fmt.Sprintf("X-%d: b", i))
			}
			return lines
		}
		for _, n := range []int{101, 150, http1.DefaultFieldCount - 2} {
			Expect(takes(200, bare(append(append([]string{"Host: a"}, many(n)...), "X-Probe: last")...))).To(HaveSuffix("x-probe: last\n"))
		}
		refuses(431, bare(append([]string{"Host: a"}, many(http1.DefaultFieldCount)...)...))
		refuses(431, bare(append([]string{"Host: a"}, many(2000)...)...))
	})

	It("may be unknown ones", Label("HFLD-17"), func() {
		lines := []string{"Host: a", "X-Long: " + strings.Repeat("c", 3<<10)}
		for i := range 49 {
			lines = append(lines, fmt.Sprintf("X-Unknown-%d: b", i))
		}
		takes(200, bare(lines...))
	})

	It("are found by name, in order", func() {
		fields := http1.Fields{{Name: "A", Value: "1, ,2"}, {Name: "b", Value: ""}, {Name: "a", Value: "3"}}
		Expect(fields.Get("a")).To(Equal("1, ,2"))
		Expect(fields.Get("c")).To(BeEmpty())
		Expect(fields.Has("B")).To(BeTrue())
		Expect(fields.Has("c")).To(BeFalse())
		var values, members []string
		for v := range fields.Values("A") {
			values = append(values, v)
		}
		for m := range fields.Members("A") {
			members = append(members, m)
		}
		Expect(values).To(Equal([]string{"1, ,2", "3"}))
		Expect(members).To(Equal([]string{"1", "2", "3"}))
	})
})
