package http1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// read reads a stream whole.
func read(stream string, ended bool, asked ...Asked) *Reader {
	r := &Reader{Asked: asked, Limit: 1 << 20}
	_, _ = r.Write([]byte(stream))
	if ended {
		r.End()
	}
	return r
}

// crlf writes LF as CR LF.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// shape says what was read, shortly: status, framing, content, and what is wrong.
func shape(r *Reader) string {
	var all []string
	for _, a := range r.Answers() {
		s := fmt.Sprintf("%d %d %q", a.Status, a.Framing, a.Content)
		if !a.Whole {
			s += " part"
		}
		for _, f := range a.Flaws {
			s += fmt.Sprintf(" !%d@%d", f.Kind, f.At)
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func TestReader(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"
	head, old, connect := Asked{Head: true}, Asked{Old: true}, Asked{Connect: true}
	for _, c := range []struct {
		name, stream string
		ended        bool
		asked        []Asked
		want         string
	}{
		{"a length", ok, false, nil, `200 1 "hi"`},
		{"two answers", ok + ok, false, nil, `200 1 "hi"; 200 1 "hi"`},
		{"an answer and a part", ok + "HTTP/1.1 2", false, nil, `200 1 "hi"; 0 0 "" part`},
		{"which the end cuts short", ok + "HTTP/1.1 2", true, nil, `200 1 "hi"; 0 0 "" part !13@50`},
		{"a length of nothing", "HTTP/1.1 200 \nContent-Length: 0\n\n", false, nil, `200 1 ""`},
		{"chunks", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n00A;x=\"y\"\n0123456789\n0\n\n" + ok, false, nil, `200 2 "hi0123456789"; 200 1 "hi"`},
		{"trailers", "HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n0\nA: b\nC: d\n\n" + ok, false, nil, `200 2 ""; 200 1 "hi"`},
		{"up to the end", "HTTP/1.1 200 OK\n\nhi", true, nil, `200 3 "hi"`},
		{"up to an end that has not come", "HTTP/1.1 200 OK\n\nhi", false, nil, `200 3 "hi" part`},
		{"a length that was not kept", "HTTP/1.1 200 OK\nContent-Length: 3\n\nhi", true, nil, `200 1 "hi" part !13@40`},
		{"HEAD", "HTTP/1.1 200 OK\nContent-Length: 2\n\n" + ok, false, []Asked{head}, `200 0 ""; 200 1 "hi"`},
		{"HEAD with content", ok + ok, false, []Asked{head}, `200 0 ""; 0 0 "" part !1@38`},
		{"204", "HTTP/1.1 204 No\n\n" + ok, false, nil, `204 0 ""; 200 1 "hi"`},
		{"204 with a length", "HTTP/1.1 204 No\nContent-Length: 0\n\n", false, nil, `204 0 "" !11@0`},
		{"304 with a length", "HTTP/1.1 304 No\nContent-Length: 7\n\n" + ok, false, nil, `304 0 ""; 200 1 "hi"`},
		{"interim", "HTTP/1.1 100 Continue\n\n" + ok, false, []Asked{head, {}}, `100 0 ""; 200 0 ""; 0 0 "" part !1@63`},
		{"interim to 1.0", "HTTP/1.1 100 Continue\n\n" + ok, false, []Asked{old}, `100 0 "" !12@0; 200 1 "hi"`},
		{"interim for ever", strings.Repeat("HTTP/1.1 102 On\n\n", 70), false, nil, strings.Repeat(`102 0 ""; `, 64) + `102 0 "" !14@1216`},
		{"switched", "HTTP/1.1 101 Switched\n\nanything", false, nil, `101 0 ""`},
		{"connected", "HTTP/1.1 200 Yes\nContent-Length: 9\n\nanything", false, []Asked{connect}, `200 0 ""`},
		{"no answer", "hello", false, nil, `0 0 "" part !1@0`},
		{"a line before it", "\n" + ok, false, nil, `0 0 "" part !1@0`},
		{"no space behind the status", "HTTP/1.1 200\n\n", false, nil, `200 3 "" part !2@0`},
		{"two digits", "HTTP/1.1 20 OK\n\n", false, nil, `0 0 "" part !2@0`},
		{"a sign", "HTTP/1.1 +20 OK\n\n", false, nil, `0 0 "" part !2@0`},
		{"three spaces", "HTTP/1.1   200 OK\n\n", false, nil, `0 0 "" part !2@0`},
		{"a control in the reason", "HTTP/1.1 200 O\x00K\n\n", false, nil, `200 3 "" part !2@0`},
		{"the client's version", "HTTP/3.1 200 OK\nContent-Length: 0\n\n", false, nil, `200 1 "" !3@0`},
		{"1.0", "HTTP/1.0 200 OK\nContent-Length: 0\n\n", false, nil, `200 1 ""`},
		{"a fold", "HTTP/1.1 200 OK\nA: b\n c\nContent-Length: 0\n\n", false, nil, `200 1 "" !4@23`},
		{"space before the colon", "HTTP/1.1 200 OK\nA : b\nContent-Length: 0\n\n", false, nil, `200 1 "" !4@17`},
		{"no colon", "HTTP/1.1 200 OK\nAb\nContent-Length: 0\n\n", false, nil, `200 1 "" !4@17`},
		{"a lone CR", "HTTP/1.1 200 OK\nA: b\rc\nContent-Length: 0\n\n", false, nil, `200 1 "" !4@17`},
		{"NUL", "HTTP/1.1 200 OK\nA: b\x00c\nContent-Length: 0\n\n", false, nil, `200 1 "" !4@17`},
		{"both", "HTTP/1.1 200 OK\nContent-Length: 2\nTransfer-Encoding: chunked\n\n2\nhi\n0\n\n", false, nil, `200 2 "hi" !6@0`},
		{"two lengths", "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nhi", false, nil, `200 1 "hi" !7@0`},
		{"no length", "HTTP/1.1 200 OK\nContent-Length: x\n\nhi", true, nil, `200 3 "hi" !7@0`},
		{"a length with a sign", "HTTP/1.1 200 OK\nContent-Length: +2\n\nhi", true, nil, `200 3 "hi" !7@0`},
		{"a length of 2^64", "HTTP/1.1 200 OK\nContent-Length: 18446744073709551616\n\nhi", true, nil, `200 3 "hi" !7@0`},
		{"a coding that is none", "HTTP/1.1 200 OK\nTransfer-Encoding: identity\n\nhi", true, nil, `200 3 "hi" !8@0`},
		{"chunked before another", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked, gzip\n\nhi", true, nil, `200 3 "hi"`},
		{"chunked twice over", "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\nTransfer-Encoding: , chunked\n\n0\n\n", false, nil, `200 2 "" !8@0`},
		{"coded to 1.0", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n\n", false, []Asked{old}, `200 2 "" !10@0`},
		{"a size that is none", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nx\n", false, nil, `200 2 "" part !9@47`},
		{"a size with a sign", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n+2\nhi\n", false, nil, `200 2 "" part !9@47`},
		{"a size of 2^64", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n10000000000000002\nhi\n", false, nil, `200 2 "" part !9@47`},
		{"a size of 2^63", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n8000000000000002\nhi\n", false, nil, `200 2 "" part !9@47`},
		{"white space before extensions", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2 \t; a = \"b\"\nhi\n0 ;c\n\n" + ok, false, nil, `200 2 "hi"; 200 1 "hi"`},
		{"white space behind the size", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2 \nhi\n", false, nil, `200 2 "" part !9@47`},
		{"data that goes on", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhix\n0\n\n", false, nil, `200 2 "hi" part !9@52`},
	} {
		if got := shape(read(crlf(c.stream), c.ended, c.asked...)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if got := shape(read("HTTP/1.1 200 OK\nContent-Length: 0\r\n\n", false)); got != `200 1 "" !5@15` {
		t.Errorf("lone LFs: %s", got)
	}
}

// TestReaderIsBounded: what has no end is given up, and what is kept of a content is what the reader was given room for.
func TestReaderIsBounded(t *testing.T) {
	t.Parallel()
	endless := func(prefix, more string) *Reader {
		r := &Reader{Limit: 1000}
		_, _ = r.Write([]byte(crlf(prefix)))
		block := []byte(crlf(strings.Repeat(more, 1000)))
		for range 2000 {
			_, _ = r.Write(block)
		}
		if kept := cap(r.line); kept > 4*mostHead {
			t.Errorf("%q: %d bytes of a line are kept", more, kept)
		}
		return r
	}
	for _, c := range []struct{ prefix, more string }{
		{"HTTP/1.1 200 ", "x"},
		{"HTTP/1.1 200 OK\nA: ", "x"},
		{"HTTP/1.1 200 OK\n", "A: b\n"},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "0"},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n", "A: b\n"},
		{"", "HTTP/1.1 100 Continue\n\n"},
	} {
		if r := endless(c.prefix, c.more); !r.Lost() || r.current().Flawed(TooMuch) == nil {
			t.Errorf("%q, %q for ever: %s", c.prefix, c.more, shape(r)[:100])
		}
	}
	for _, c := range []struct{ prefix, more string }{
		{"HTTP/1.1 200 OK\n\n", "x"},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "1\nx\n"},
		{"HTTP/1.1 200 OK\nContent-Length: 9223372036854775807\n\n", "x"},
	} {
		if a := endless(c.prefix, c.more).current(); len(a.Content) != 1000 || a.Size != 2_000_000 || len(a.Flaws) > 0 {
			t.Errorf("%q, %q for ever: %d of %d bytes, %v", c.prefix, c.more, len(a.Content), a.Size, a.Flaws)
		}
	}
}

// divided reads a stream in the pieces between cuts.
func divided(stream []byte, cuts []int, asked []Asked, ended bool) *Reader {
	r := &Reader{Asked: asked, Limit: 1 << 16}
	from := 0
	for _, at := range append(cuts, len(stream)) {
		if at > from {
			_, _ = r.Write(stream[from:at])
			from = at
		}
	}
	if ended {
		r.End()
	}
	return r
}

// drawAnswer draws an answer that is formed rightly, and what was asked.
func drawAnswer(t *rapid.T) (stream string, asked Asked, content string) {
	asked.Head = rapid.Bool().Draw(t, "head")
	status := rapid.SampledFrom([]int{200, 201, 204, 304, 400, 404, 500}).Draw(t, "status")
	content = rapid.StringN(0, 60, 300).Draw(t, "content")
	var b strings.Builder
	if rapid.Bool().Draw(t, "interim") {
		b.WriteString("HTTP/1.1 100 Continue\r\n\r\n")
	}
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, rapid.SampledFrom([]string{"", "OK", "Not OK"}).Draw(t, "reason"))
	for range rapid.IntRange(0, 3).Draw(t, "fields") {
		fmt.Fprintf(&b, "X-%s:%s%s\r\n", rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(t, "name"), rapid.SampledFrom([]string{"", " ", "\t "}).Draw(t, "space"), rapid.StringMatching(`([!-~é]([!-~ ]{0,20}[!-~])?)?`).Draw(t, "value"))
	}
	none := asked.Head || status == 204 || status == 304
	switch chunked := rapid.Bool().Draw(t, "chunked"); {
	case status == 204:
		b.WriteString("\r\n")
	case !chunked:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(content))
		if !none {
			b.WriteString(content)
		}
	default:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		for rest := content; !none; {
			n := min(len(rest), rapid.IntRange(1, 40).Draw(t, "chunk"))
			fmt.Fprintf(&b, "%x\r\n", n)
			if n == 0 {
				b.WriteString("\r\n")
				break
			}
			b.WriteString(rest[:n] + "\r\n")
			rest = rest[n:]
		}
	}
	if none {
		content = ""
	}
	return b.String(), asked, content
}

// TestAnswersReadBack: answers that are formed rightly are read as net/http reads them, whatever the cuts, and nothing is wrong with them.
func TestAnswersReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var stream string
		var all []Asked
		var contents []string
		for range rapid.IntRange(1, 4).Draw(t, "answers") {
			one, asked, content := drawAnswer(t)
			stream, all, contents = stream+one, append(all, asked), append(contents, content)
		}
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(stream)), 0, 20).Draw(t, "cuts")
		r := divided([]byte(stream), cuts, all, rapid.Bool().Draw(t, "ended"))
		if r.Final() != len(all) || r.At() != len(stream) || r.Lost() {
			t.Fatalf("%d answers of %d, %d bytes of %d: %s", r.Final(), len(all), r.At(), len(stream), shape(r))
		}
		buffered, i := bufio.NewReader(strings.NewReader(stream)), 0
		for _, a := range r.Answers() {
			if len(a.Flaws) > 0 || !a.Whole {
				t.Fatalf("%+v", a)
			}
			method := "GET"
			if all[i].Head {
				method = "HEAD"
			}
			theirs, err := http.ReadResponse(buffered, &http.Request{Method: method})
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(theirs.Body)
			if err != nil || theirs.StatusCode != a.Status || !bytes.Equal(body, a.Content) {
				t.Fatalf("%v: %d %q, and here %d %q", err, theirs.StatusCode, body, a.Status, a.Content)
			}
			if a.Interim() {
				continue
			}
			if string(a.Content) != contents[i] {
				t.Fatalf("%q, want %q", a.Content, contents[i])
			}
			i++
		}
	})
}

// FuzzReader reads any bytes: whatever they are, the cuts make no difference, and what is said stands in the stream.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n0\nA: b\n\n", "HTTP/1.1 100 \n\nHTTP/1.1 204 \n\n",
		"HTTP/1.1 200 OK\nA: b\n c\n\nx", "HTTP/1.1 200", "HTTP/1.1 101 Switched\n\nx", "x", "\n",
	} {
		f.Add([]byte(crlf(s)), uint16(3), true, false)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut uint16, head, old bool) {
		asked := []Asked{{Head: head, Old: old}, {Connect: old}}
		whole := divided(stream, nil, asked, true)
		each := make([]int, len(stream))
		for i := range each {
			each[i] = i
		}
		for _, cuts := range [][]int{{int(cut)}, each} {
			if len(cuts) == 1 && cuts[0] > len(stream) {
				continue
			}
			if other := divided(stream, cuts, asked, true); !reflect.DeepEqual(whole.Answers(), other.Answers()) || whole.Final() != other.Final() || whole.Lost() != other.Lost() {
				t.Fatalf("cut at %v:\n%+v\nwhole:\n%+v", cuts, other.Answers(), whole.Answers())
			}
		}
		at := 0
		for _, a := range whole.Answers() {
			if a.Start < at || a.End < a.Start || a.End > len(stream) || a.Whole && a.Body == 0 && a.Start < a.End && len(a.Flaws) == 0 {
				t.Fatalf("%d bytes: %+v", len(stream), a)
			}
			at = a.End
			for _, flaw := range a.Flaws {
				if flaw.At < a.Start || flaw.At > len(stream) || flaw.Text == "" || strings.ContainsFunc(flaw.Text, func(r rune) bool { return r < ' ' }) {
					t.Fatalf("%+v", flaw)
				}
			}
		}
	})
}

// BenchmarkReader reads an answer of 1 MiB, in chunks of 1 KiB and in pieces of 64 KiB.
func BenchmarkReader(b *testing.B) {
	var stream bytes.Buffer
	stream.WriteString(crlf("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"))
	for range 1024 {
		stream.WriteString("400\r\n" + strings.Repeat("x", 1024) + "\r\n")
	}
	stream.WriteString("0\r\n\r\n")
	b.SetBytes(int64(stream.Len()))
	for b.Loop() {
		r := Reader{Limit: 4096}
		for rest := stream.Bytes(); len(rest) > 0; {
			n := min(len(rest), 64<<10)
			_, _ = r.Write(rest[:n])
			rest = rest[n:]
		}
		if r.Final() != 1 {
			b.Fatal(shape(&r))
		}
	}
}
