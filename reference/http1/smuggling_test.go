package http1_test

import (
	. "github.com/onsi/ginkgo/v2"
)

// Each request hides another where one reading ends the message before it and another
// does not.
var _ = Describe("What two readers may read differently", func() {
	It("is refused where it is a Transfer-Encoding in disguise", Label("SMUG-2"), func() {
		for _, lines := range [][]string{
			{"Transfer-Encoding : chunked"}, {"Transfer-Encoding\t: chunked"}, {" Transfer-Encoding: chunked"}, {"Transfer-Encoding: \vchunked"}, {"Transfer-Encoding: \fchunked"},
			{"Transfer-Encoding: chunked\x00"}, {"Transfer-Encoding: \u00a0chunked"}, {`Transfer-Encoding: "chunked"`}, {"Transfer-Encoding: xchunked"}, {"Transfer-Encoding: identity"},
			{"Transfer-Encoding: chunked, identity"}, {"Transfer-Encoding: identity", "Transfer-Encoding: chunked"}, {"X: a\rTransfer-Encoding: chunked"}, {"X: a\nTransfer-Encoding: chunked"},
			{"Transfer-Encoding; : chunked"}, {"Transfer-Encoding:", " chunked"}, {"Transfer-Encoding: chunked\r"},
		} {
			refuses(400, post(inChunks(hidden), append(lines, sized(inChunks(hidden)))...))
			refuses(400, post(inChunks(hidden), append([]string{sized(inChunks(hidden))}, lines...)...))
		}
		takes(200, post(inChunks(hidden), sized(inChunks(hidden)), "Transfer_Encoding: chunked")) // which is no such field
	})

	It("is refused where it is a Content-Length in disguise", Label("SMUG-3"), func() {
		for _, lines := range [][]string{
			{"Content-Length : 5"}, {"Content-Length: +5"}, {" Content-Length: 5"}, {"X: a\rContent-Length: 5"}, {"X: a\nContent-Length: 5"}, {"Content-Length:", " 5"},
			{"Content-Length: 5, 0"}, {"Content-Length: 5", "Content-Length: 0"}, {"Content-Length: \v5"}, {"Content-Length: 0x5"}, {"Content-Length: 5.0"},
		} {
			refuses(400, post(hidden, lines...))
		}
		refuses(400, post(hidden, "Content-Length: 0", "Content-Length: "+sized(hidden)[16:]))
		takes(200, post("", "Content_Length: 5"))
	})

	It("is refused where it is a chunk line", Label("SMUG-4"), func() {
		for _, body := range []string{
			"0x5\r\nhello\r\n0\r\n\r\n", "5;\nhello\r\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n", "5;a\rhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "5_0\r\nhello\r\n0\r\n\r\n",
			"5 \r\nhello\r\n0\r\n\r\n", "0\r\n" + hidden,
		} {
			refuses(400, post(body, chunked))
		}
	})

	It("is one message where an expectation is in disguise", Label("SMUG-6"), func() {
		refuses(400, post(hidden, sized(hidden), "Expect: \v100-continue"))
		refuses(417, post(hidden, sized(hidden), "Expect: 100-continue, x"))
		takes(405, request("POST", "/", "", "Content-Length: 0", "Expect: 100-continue"))
		takes(405, request("POST", "/", "", "Content-Length: 0", "Expect: 100-continue", "Expect: 100-continue"))
		refuses(405, request("POST", "/", hidden, sized(hidden), "Expect: 100-continue, 100-continue"))
	})

	It("ends the connection where its framing is refused", Label("SMUG-7"), func() {
		for _, lines := range [][]string{{"Content-Length: x"}, {"Content-Length: 5", "Content-Length: 6"}, {"Transfer-Encoding: gzip"}, {"Transfer-Encoding: gzip, chunked"}, {chunked, "Content-Length: 5"}} {
			all := statuses(post("\r\n\r\n"+hidden, lines...))
			if len(all) != 1 || all[0] < 400 {
				Fail("the hidden request was answered")
			}
		}
	})
})
