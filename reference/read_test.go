package reference_test

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing/iotest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
)

var _ = Describe("Read", Label("READ"), func() {
	It("returns exactly n bytes, however many segments bring them", Label("READ-1"), func() {
		h := over(newSegments("he", "l", "lo wor", "ld"), io.Discard)
		Expect(h.Read(5)).To(Equal("hello"))
		Expect(h.Read(6)).To(Equal(" world"))
	})

	It("returns fewer only at the end of the stream, then io.EOF", Label("READ-2"), func() {
		h := reading("abc")
		Expect(h.Read(9)).To(Equal("abc"))
		for range 2 {
			text, err := h.Read(9)
			Expect(text).To(BeEmpty())
			Expect(err).To(Equal(io.EOF))
		}
	})

	It("reads a pipe to its end when its other side was closed", func() {
		client, conn := net.Pipe()
		go func() {
			defer GinkgoRecover()
			defer client.Close()
			_, err := client.Write([]byte("abc"))
			Expect(err).NotTo(HaveOccurred())
		}()
		h := reference.NewStreamHandler(conn, reference.Config{})
		Expect(h.Read(3)).To(Equal("abc"))
		Eventually(func() error { return conn.SetReadDeadline(time.Time{}) }).Should(MatchError(io.ErrClosedPipe), "the other side was closed")
		_, err := h.Read(3)
		Expect(err).To(Equal(io.EOF))
	})

	It("does not touch the connection for nothing", Label("READ-3"), func() {
		h := over(iotest.ErrReader(io.ErrClosedPipe), io.Discard)
		Expect(h.Read(0)).To(BeEmpty())
		Expect(h.ReadBytes(0)).To(BeEmpty())
	})

	It("leaves what follows for the next operation", Label("READ-4"), func() {
		h := reading("abcde\nf")
		Expect(h.Read(3)).To(Equal("abc"))
		Expect(h.ReadLine()).To(Equal("de"))
		Expect(h.ReadSome()).To(BeEquivalentTo("f"))
	})

	It("counts bytes, and consumes a character that it cuts", Label("READ-6", "CODE-6"), func() {
		h := reading("aé!")
		_, err := h.Read(2)
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
		_, err = h.Read(1)
		Expect(err).To(MatchError(reference.ErrInvalidUTF8))
		Expect(h.Read(1)).To(Equal("!"))
	})

	DescribeTable("reads", Label("READ-5"), func(size int) {
		whole := strings.Repeat("0123456789abcdef", size/16)
		h := reading(whole + "tail")
		text, err := h.Read(size)
		Expect(err).NotTo(HaveOccurred())
		Expect(text == whole).To(BeTrue(), "the text differs")
		Expect(h.Read(4)).To(Equal("tail"))
	},
		Entry("1 MiB", 1<<20),
		Entry("16 MiB", 16<<20),
	)

	It("allocates for what came, not for what was announced", func() {
		h := reading("five!")
		allocated := allocation(func() {
			Expect(h.Read(reference.DefaultReadLimit)).To(Equal("five!"))
		})
		Expect(allocated).To(BeNumerically("<", 64<<10))
	})

	DescribeTable("refuses", func(n int) {
		h := reading("abc")
		_, err := h.Read(n)
		Expect(err).To(MatchError(reference.ErrLimit))
		Expect(h.Read(3)).To(Equal("abc"))
	},
		Entry("less than nothing", -1),
		Entry("more than the limit", reference.DefaultReadLimit+1),
	)

	It("loses nothing to an error that passes", func() {
		h := over(iotest.TimeoutReader(newSegments("ab", "cd")), io.Discard)
		_, err := h.Read(4)
		Expect(err).To(Equal(iotest.ErrTimeout))
		Expect(h.Read(4)).To(Equal("abcd"))
	})

	It("returns bytes that came with an error, then the error once", func() {
		h := over(io.MultiReader(withError{"ab", io.ErrClosedPipe}, strings.NewReader("cd")), io.Discard)
		Expect(h.ReadSome()).To(BeEquivalentTo("ab"))
		_, err := h.Read(1)
		Expect(err).To(Equal(io.ErrClosedPipe))
	})

	It("gives a large buffer back when it is read", func() {
		h := over(io.LimitReader(repeating('a'), 16<<20+1), io.Discard)
		before := liveHeap()
		Expect(h.ReadBytes(16 << 20)).To(HaveLen(16 << 20))
		Expect(liveHeap() - before).To(BeNumerically("<", 1<<20))
		Expect(h.Read(1)).To(Equal("a"))
	})

	It("gives up on a reader that never brings anything", func() {
		_, err := over(idleReader{}, io.Discard).Read(1)
		Expect(err).To(Equal(io.ErrNoProgress))
	})
})

var _ = Describe("ReadSome", Label("READ"), func() {
	It("returns what is there", func() {
		h := over(newSegments("abc", "de"), io.Discard)
		Expect(h.ReadSome()).To(BeEquivalentTo("abc"))
		Expect(h.Read(1)).To(Equal("d"))
		Expect(h.ReadSome()).To(BeEquivalentTo("e"))
		_, err := h.ReadSome()
		Expect(err).To(Equal(io.EOF))
	})

	It("takes larger pieces as more arrives", func() {
		h := over(repeating('a'), io.Discard)
		largest := 0
		for range 10 {
			some, err := h.ReadSome()
			Expect(err).NotTo(HaveOccurred())
			largest = max(largest, len(some))
		}
		Expect(largest).To(Equal(64 << 10))
	})
})

// withError returns its text and its error in one read.
type withError struct {
	text string
	err  error
}

func (r withError) Read(p []byte) (int, error) { return copy(p, r.text), r.err }

// idleReader brings nothing, not even an error.
type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// allocation returns how many bytes f allocates.
func allocation(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// liveHeap returns the size of what is alive on the heap.
func liveHeap() int64 {
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return int64(now.HeapAlloc)
}
