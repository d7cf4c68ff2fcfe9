package http1_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference/http1"
)

var _ = Describe("A body with a length", func() {
	It("is exactly that long", Label("HLEN-1"), func() {
		for _, n := range []int{0, 1, 5, 8191, 8192, 8193, 65536} {
			body := strings.Repeat("b", n)
			Expect(takes(200, post(body, sized(body)))).To(Equal(body))
		}
		body := strings.Repeat("b", 1<<20)
		o := play(http1.Demo, post(body, sized(body)), follow)
		Expect(o.answers()[0].content).To(Equal(body))
		Expect(o.answers()).To(HaveLen(2))
	})

	It("is as long as decimal digits say", Label("HLEN-2"), func() {
		Expect(takes(200, post("hello", "Content-Length: 005"))).To(Equal("hello"))
		Expect(takes(200, post("hellohello", "Content-Length: 010"))).To(Equal("hellohello"))
		Expect(takes(200, post("hello", "Content-Length: "+strings.Repeat("0", 60)+"5"))).To(Equal("hello"))
	})

	It("has no other length", Label("HLEN-3"), func() {
		for _, value := range []string{
			"+5", "-5", "-0", "5x", "0x5", "5.0", "5e0", "1_0", `"5"`, "abc", "5 5", "5;", "", "\v5", "5\x00", "\uff15", "5,", "5\x0c", "0x", "5 ",
		} {
			if trimmed := strings.TrimSpace(value); trimmed == "5" && !strings.ContainsAny(value, "\v\f") {
				continue // white space around a value is none of it
			}
			refuses(400, post("hello", "Content-Length: "+value))
		}
	})

	It("has one length", Label("HLEN-4", "HLEN-5"), func() {
		for _, lengths := range [][]string{{"5", "6"}, {"6", "5"}, {"5", "x"}, {"x", "5"}, {"5", "5"}, {"5", "05"}, {"5", ""}} {
			refuses(400, post("hello", "Content-Length: "+lengths[0], "Content-Length: "+lengths[1]))
		}
		refuses(400, post("hello", "Content-Length: 5, 6"))
		refuses(400, post("hello", "Content-Length: 5, 5"))
	})

	It("is no longer than the limit, however large the number", Label("HLEN-6"), func() {
		for _, value := range []string{"4294967301", "9223372036854775813", "18446744073709551621", "340282366920938463463374607431768211461", strings.Repeat("9", 400), "16777217"} {
			refuses(413, post("hello", "Content-Length: "+value))
		}
		h := http1.Demo
		h.Limits.Body = -1
		for _, value := range []string{"18446744073709551621", strings.Repeat("9", 400)} {
			Expect(ask(h, post("hello", "Content-Length: "+value)).answers()[0].status).To(Equal(413), "no number is larger than any limit")
		}
		h.Limits.Body = 5
		Expect(ask(h, post("hello", "Content-Length: 5")).answers()[0].content).To(Equal("hello"))
		Expect(ask(h, post("hello!", "Content-Length: 6")).answers()[0].status).To(Equal(413))
	})

	It("is empty without a length and a coding", Label("HLEN-7"), func() {
		Expect(takes(200, post(""))).To(BeEmpty())
	})

	It("is not complete where the stream ends", Label("HLEN-8"), func() {
		whole := post("hello", "Content-Length: 5")
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

	It("is read whatever the method and whatever becomes of the request", Label("HLEN-17", "SMUG-5"), func() {
		for method, status := range map[string]int{"GET": 200, "HEAD": 200, "DELETE": 405, "OPTIONS": 204, "PUT": 405, "PATCH": 405, "POST": 405, "ZQXJ": 501} {
			for _, r := range []string{request(method, "/", hidden, sized(hidden)), request(method, "/", inChunks(hidden), chunked)} {
				all := ask(http1.Demo, r+follow).answers(method)
				Expect(all).To(HaveLen(2), "%q", r)
				Expect(all[0].status).To(Equal(status))
				Expect(all[1].content).To(ContainSubstring("target: /inspect?follow"))
			}
		}
		takes(404, request("POST", "/nowhere", hidden, sized(hidden)))
	})
})

var _ = Describe("A body with a transfer coding", func() {
	It("is of no coding but chunked", Label("HLEN-9"), func() {
		for _, value := range []string{"foo, chunked", "gzip, chunked", "identity, chunked", "chunke d, chunked"} {
			refuses(501, post(inChunks("hello"), "Transfer-Encoding: "+value))
		}
		refuses(501, post(inChunks("hello"), "Transfer-Encoding: foo", chunked))
	})

	It("ends with chunked", Label("HLEN-10", "HLEN-16"), func() {
		for _, value := range []string{
			"chunked, gzip", "gzip", "identity", "chunked, identity", "xchunked", "chunkedx", `"chunked"`, "chunked foo", "\vchunked", "chunked\x0c", "chunked\x00", "", ",",
			"chunked, chunked", "chunked;q=1", "chunked;", "chun\u212aed",
		} {
			refuses(400, post(inChunks("hello"), "Transfer-Encoding: "+value))
		}
		refuses(400, post(inChunks("hello"), chunked, "Transfer-Encoding: identity"))
		refuses(400, post(inChunks("hello"), chunked, chunked))
	})

	It("has no length beside it", Label("HLEN-11", "HLEN-12", "SMUG-1"), func() {
		for _, length := range []string{"5", "0", "100"} {
			refuses(400, post(inChunks(hidden), chunked, "Content-Length: "+length))
			refuses(400, post(inChunks(hidden), "Content-Length: "+length, chunked))
		}
	})

	It("is none of HTTP/1.0", Label("HLEN-13"), func() {
		refuses(400, "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\n"+chunked+"\r\n\r\n"+inChunks("hello"))
	})

	It("has names without regard to case, in a list", Label("HLEN-14", "HLEN-15"), func() {
		for _, value := range []string{"CHUNKED", "ChUnKeD", " chunked ", "\tchunked", ", chunked", "chunked,", "chunked ,,"} {
			Expect(takes(200, post(inChunks("hello"), "Transfer-Encoding:"+value))).To(Equal("hello"))
		}
		Expect(takes(200, post(inChunks("hello"), "Transfer-Encoding:", chunked))).To(Equal("hello"))
	})
})
