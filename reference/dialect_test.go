package reference_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("HandlerFor", func() {
	It("knows the contract's dialects and no other", func() {
		for _, name := range []string{"echo", "greet", "line", "script"} {
			handler, ok := reference.HandlerFor(name)
			Expect(ok).To(BeTrue(), name)
			Expect(handler).NotTo(BeNil(), name)
		}
		handler, ok := reference.HandlerFor("exchange")
		Expect(ok).To(BeFalse())
		Expect(handler).To(BeNil())
	})
})

var _ = DescribeTable("a session that is cut in two at any byte gets what is due to the whole", Label("FRAM", "FRAM-2"), func(name, request string) {
	handler, _ := reference.HandlerFor(name)
	want := oracle.ByName(name)(*oracle.Whole(request))
	Expect(want.State).To(Equal(oracle.Over))
	for at := range len(request) + 1 {
		Expect(play(handler, request[:at], request[at:])).To(Equal(want.Sent), "cut at %d", at)
	}
},
	Entry("of echo", "echo", "a\xff\n"),
	Entry("of greet", "greet", "hello"),
	Entry("of line", "line", " one\r\ncafé 日\n\u00a0two\t\nlast"),
	Entry("of script", "script", "READ 7\r\né\r\n日READLINE\n café\r\nREADLINE 4\n😀WRITE a b\nBYTES 00 ff\nSEND\nATEND\nREAD 9\nabc"),
)

var _ = Describe("Echo", Label("echo"), func() {
	It("answers the bytes received, whatever they are", func() {
		Expect(play(reference.Echo, "a\xff", "\x00", "\n\n")).To(Equal("a\xff\x00\n\n"))
	})

	It("answers nothing with nothing", func() {
		Expect(play(reference.Echo)).To(BeEmpty())
	})
})

var _ = Describe("Greet", Label("greet"), func() {
	It("greets once, before the first bytes", func() {
		Expect(play(reference.Greet, "He", "llo")).To(Equal("I am the server,I have got it:\nHello"))
	})

	It("answers nothing with nothing", func() {
		Expect(play(reference.Greet)).To(BeEmpty())
	})
})

var _ = Describe("Line", Label("line"), func() {
	It("answers every line, and a last one without LF", func() {
		Expect(play(reference.Line, " a", "b \r", "\nc\rd\n", "caf\xc3", "\xa9")).To(Equal("ab\nc\rd\ncafé\n"))
	})

	It("ends at an empty line", Label("LINE-8"), func() {
		Expect(play(reference.Line, "a\n \r\nb\n")).To(Equal("a\n"))
	})

	It("fails at a line that is not UTF-8, after answering those before it", func() {
		answer, err := play(reference.Line, "a\n\xc0\xaf\nb\n")
		Expect(answer).To(Equal("a\n"))
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
	})
})

var _ = Describe("Script", Label("script"), func() {
	DescribeTable("answers", func(request, want string) {
		Expect(play(reference.Script, request)).To(Equal(want))
		Expect(oracle.Script(*oracle.Whole(request)).Sent).To(Equal(want), "the oracle")
	},
		Entry("the contract's example", "READ 5\nhelloREADLINE\n  café\r\nSEND\n", "5:hello,5:café,"),
		Entry("the contract's example of ATEND", "ATEND\nREAD 9\nabc", "3:abc,"),
		Entry("READ 0", Label("READ-3"), "READ 0\nSEND\n", "0:,"),
		Entry("READ with leading zeros", "READ 003\nabcSEND\n", "3:abc,"),

		Entry("READLINE 0", Label("LINE-6"), "READLINE 0\nSEND\n", "0:,"),
		Entry("the length in bytes", Label("READ-6"), "READ 3\n€SEND\n", "3:€,"),
		Entry("reads at the end of the stream as empty", "ATEND\nREAD 9", "0:,"),
		Entry("WRITE with the rest of the line", "WRITE  a  b \nSEND\n", " a  b"),
		Entry("WRITE of nothing", "WRITE\nWRITE \nSEND\n", ""),
		Entry("BYTES in either case, white space between pairs", Label("CODE-2"), "BYTES ff00 C3 a9\nSEND\n", "\xff\x00é"),
		Entry("BYTES of nothing", "BYTES\nSEND\n", ""),
		Entry("no content that was never sent", Label("SEND-7"), "WRITE a\nSEND\nWRITE b\n", "a"),
		Entry("content at an empty line after ATEND", "ATEND\nWRITE a\n\nWRITE b\n", "a"),
		Entry("content once after ATEND twice", "ATEND\nATEND\nWRITE a\n", "a"),
		Entry("nothing more after CLOSE, not even after ATEND", "ATEND\nWRITE a\nSEND\nWRITE b\nCLOSE\nWRITE c\nSEND\n", "a"),
		Entry("nothing to nothing", "", ""),
	)

	It("hands what lies past a limit to the next operation", func() {
		Expect(play(reference.Script, "READLINE 2\nabREADLINE 3\nc\nSEND\n")).To(Equal("2:ab,1:c,"))
	})

	DescribeTable("fails, with nothing of the command done, at", func(command string) {
		answer, err := play(reference.Script, "WRITE a\nSEND\n"+command+"\nWRITE b\nSEND\n")
		Expect(err).To(HaveOccurred())
		Expect(answer).To(Equal("a"))
	},
		Entry("RAISE", "RAISE"),
		Entry("a lower-case command", "send"),
		Entry("a command with an argument too many", "SEND 1"),
		Entry("READ without a number", "READ"),
		Entry("READ with a sign", "READ +1"),
		Entry("READ below zero", "READ -1"),
		Entry("READ with two spaces", "READ  1"),
		Entry("READ with other digits", "READ ١"),
		Entry("READ with an underscore", "READ 1_0"),
		Entry("READ above the limit", "READ 16777217"),
		Entry("READ above any number", "READ "+strings.Repeat("9", 100)),
		Entry("READLINE with no number", "READLINE x"),
		Entry("READLINE above the limit", "READLINE 16777217"),
		Entry("BYTES with half a pair", "BYTES 616"),
		Entry("BYTES with a split pair", "BYTES 6 1"),
		Entry("BYTES with no digits", "BYTES xx"),
		Entry("BYTES with a Unicode space", "BYTES 61\u00a062"),
		Entry("what is not UTF-8", "WRITE \xff"),
	)
})
