package grammar

import (
	"fmt"
	"strings"
)

// coded is a POST of a body in chunks, as it is written.
func (x text) coded(body string) string { return x.post("Transfer-Encoding: chunked"+crlf, body) }

// parted is a body of one chunk whose line is written of how long it is, and whose data is a request behind what leads another reading to it.
func (x text) parted(line, lead string) string {
	data := lead + x.hidden
	return x.coded(numbered(line, len(data)) + crlf + data + crlf + "0" + crlf + crlf)
}

// sized is a body of one chunk whose size is the value.
func (x text) sized() string {
	data := x.data()
	return x.coded(x.numbers(data) + crlf + data + crlf + "0" + crlf + crlf)
}

var chunked = []*Class{
	{Requirement: "HCHK-4", Source: "12 §7.1.1", Name: "a chunk's size with something behind it that is no extension", Ways: lax, of: OfPost, values: []string{"{x} ", "{x}\t", "{x};", "{x};\x01", "{x} a", "{x};;a"},
		write: text.sized},
	{Requirement: "HCHK-5", Source: "12 §7.1", Name: "a chunk's size that is no number", Ways: lax, of: OfPost,
		values: []string{"+{x}", "-{x}", "0x{x}", "{x}_", "0_{x}", "{x}.", "{x},", "{x}h", "g", "", " {x}", "\v{x}", "{x}\v", "\x00{x}", "{x}\x00"},
		write:  text.sized},
	{Requirement: "HCHK-5", Source: "12 §7.1", Name: "a chunk's size that another reading takes for 0, before a request", Ways: lax, of: OfPost, values: []string{"0x{x}", "0_{x}"},
		write: func(x text) string { return x.parted(x.value, crlf) }},
	{Requirement: "HCHK-5", Source: "12 §7.1", Name: "a last chunk whose size is no number", Ways: lax, of: OfPost, values: []string{"-0", "+0", "0x0", "0_0"},
		write: func(x text) string { return x.coded("5\r\nhello\r\n" + x.value + "\r\n\r\n") }},
	{Requirement: "HCHK-6", Source: "12 §7.1", Name: "a chunk's size that overflows", Ways: waits, of: OfPost, values: []string{"{x32}", "{x63}", "{x64}", "{x132}"},
		write: text.sized},
	{Requirement: "HCHK-7", Source: "12 §7.1", Name: "data of a chunk that CR LF does not follow", Ways: lax, of: OfPost, values: []string{"XX", "", "!\r\n", "\rX", "X\n"},
		write: func(x text) string { return x.coded("5\r\nhello" + x.value + "0\r\n\r\n") }},
	{Requirement: "HCHK-7", Source: "12 §7.1", Name: "a chunk's size that is one too small", Ways: lax, of: OfPost,
		write: func(x text) string { return x.coded("4\r\nhello\r\n0\r\n\r\n") }},
	{Requirement: "HCHK-8", Source: "12 §7.1", Name: "a lone LF in chunks", Ways: lax, of: OfPost, values: []string{"5\nhello\r\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\r\n", "5\r\nhello\r\n0\r\n\n", "5\nhello\n0\n\n"},
		write: func(x text) string { return x.coded(x.value) }},
	{Requirement: "HCHK-8", Source: "12 §7.1", Name: "a lone LF in an extension, before a request", Ways: lax, of: OfPost,
		write: func(x text) string { return x.extended("\n") }},
	{Requirement: "HCHK-9", Source: "12 §2.2", Name: "a lone CR in chunks", Ways: waits, of: OfPost, values: []string{"5\rhello\r\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5\r\nhello\r\n0\r\r", "5\rhello\r0\r\r"},
		write: func(x text) string { return x.coded(x.value) }},
	{Requirement: "HCHK-9", Source: "12 §2.2", Name: "a lone CR in an extension, before a request", Ways: lax, of: OfPost,
		write: func(x text) string { return x.extended("\r") }},
	{Requirement: "HCHK-11", Source: "12 §7.1.2", Name: "a trailer that is no field", Ways: lax, of: OfPost, values: []string{"X-Probe", "X-Probe : a", "X-Probe: a\r\n b", " X: y"},
		write: func(x text) string { return x.coded("5\r\nhello\r\n0\r\n" + x.value + "\r\n\r\n") }},
}

// extended is a body whose chunk line has such a byte in its extension: who ends the line there takes what is behind it for the data, and then
// ends the body before a request.
func (x text) extended(byte string) string {
	const lead = "\r\n0\r\n\r\n"
	n := len(lead) + len(x.hidden)
	fill := strings.Repeat("x", n)
	return x.coded(fmt.Sprintf("%x;a%s%s\r\n0\r\n\r\n%s", n, byte, fill, x.hidden) + strings.Repeat("y", n-len("0\r\n\r\n")-len(x.hidden)) + "\r\n0\r\n\r\n")
}

var conduct = []*Class{
	{Requirement: "HCON-4", Source: "12 §9.6", Name: "a request behind one with close", Ways: Take | Refuse | End | Late, values: []string{"close", "CLOSE", "x, close"}, closes: true,
		write: func(x text) string { return x.with("Connection: "+x.value) + x.hidden }},
	{Requirement: "SMUG-6", Source: "10 §10.1.1", Name: "an Expect that is not 100-continue", Ways: open | Late, of: OfPost, values: []string{"\v100-continue", "100-continue, x", "100-continued", "x"},
		write: func(x text) string {
			return x.post(fmt.Sprintf("Content-Length: %d\r\nExpect: %s\r\n", len(x.data()), x.value), x.data())
		}},
}
