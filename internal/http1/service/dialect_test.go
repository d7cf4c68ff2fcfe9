package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// TestAnswersThatDiffer: who has a page that is another each time is told which flag helps, and not what a file would say, which there is none of.
func TestAnswersThatDiffer(t *testing.T) {
	t.Parallel()
	d, err := service.NewDialect(service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := exchange.NewLearner(d.File)
	for i := range d.File.Messages {
		for n := range 2 {
			conn := fmt.Sprintf("cab%07d", n)
			for _, p := range l.Conversation(i, conn) {
				page := []string{"yes\nyes\n", "no\n"}[n]
				l.Heard(p.Place, exchange.Names{"conn": conn}, fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(page), page))
			}
		}
	}
	if _, err := l.Dialect(service.Name); err == nil || !strings.HasSuffix(err.Error(), "; if they may, name by --path what is answered the same each time") {
		t.Errorf("%v", err)
	}
}
