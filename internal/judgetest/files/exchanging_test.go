package files

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// exchanging is a server that is judged by an exchange file, and what it comes to.
type exchanging struct {
	file, only string
	serve      func(judgetest.Conn, int)
	want       report.Conclusion
	says       string // in the sentence, a reason, the trouble or a note
}

func (c exchanging) hold(t *testing.T) {
	t.Helper()
	cfg := judgetest.Serving(t, "test.yaml", c.serve)
	cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, c.file), c.only
	r := judgetest.Judge(t, cfg)
	said := strings.Join(append([]string{r.Sentence, r.Trouble, judgetest.Reasons(r)}, r.Notes...), "\n")
	if r.Conclusion != c.want || !strings.Contains(said, c.says) {
		t.Errorf("%s, want %s and %q:\n%s", r.Conclusion, c.want, c.says, said)
	}
}
