package judgetest

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
)

// pageSize is how long the answer to one of the messages of PageFile is, which has eleven bytes.
const pageSize = 1 << 20

// PageFile is a protocol with short answers, and a long one to a short message.
var PageFile = `protocol: pages
pipelines: true
exchanges:
  - {name: ask, send: "ask {{conn}}\n", expect: "` + answerOfHundred + `{{conn}}\n"}
  - {name: page, send: "page {{conn}}\n"}
`

// answerOfHundred begins the answer to ask: so many copies of it are more bytes than one page.
var answerOfHundred = strings.Repeat("0123456789", 10)

// page is an answer to page.
func page(name string) []byte { return append(PageBody()[:pageSize:pageSize], name+"\n"...) }

// PageBody is what all pages begin with.
var PageBody = sync.OnceValue(func() []byte {
	b := make([]byte, 0, pageSize)
	for i := 0; len(b) < pageSize; i++ {
		b = fmt.Appendf(b, "%07d ", i)
	}
	return b
})

// Pages serves PageFile: write has the answer, and whether it is a page, and says whether the connection goes on.
func Pages(c io.Reader, write func(answer []byte, page bool) bool) {
	for lines := bufio.NewScanner(c); lines.Scan(); {
		what, name, _ := strings.Cut(lines.Text(), " ")
		answer := []byte(answerOfHundred + name + "\n")
		if what == "page" {
			answer = page(name)
		}
		if !write(answer, what == "page") {
			return
		}
	}
}
