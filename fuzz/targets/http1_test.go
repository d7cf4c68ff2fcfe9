package targets

import "testing"

// FuzzHTTP1 plays what a client may send to the reference's HTTP/1.1, as seed says.
func FuzzHTTP1(f *testing.F) {
	const next = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"
	for _, input := range []string{
		"", "\r\n", next, "\r\n" + next, next + next,
		"HEAD /?a=%20 HTTP/1.0\r\n\r\n", "GET http://b/c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + next, "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + next,
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 05\r\nExpect: 100-continue\r\n\r\nhello" + next,
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n" + next,
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: , chunked\r\n\r\n000A ; a = b\r\nhello\r\n000\r\n0\r\n\r\n" + next,
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + next,
		"POST / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nContent-Length: +5\r\n\r\nhello" + next,
		"GET / HTTP/1.1\nHost: a\n\n" + next, "G@T / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "\x16\x03\x01",
	} {
		for seed := range uint64(4) {
			f.Add([]byte(input), seed)
		}
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		if len(input) > mostHTTP {
			return
		}
		if err := exchangeHTTP(input, seed); err != nil {
			t.Fatal(err)
		}
	})
}
