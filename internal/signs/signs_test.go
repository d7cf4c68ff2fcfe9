package signs

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// TestBreaks: what is left in a plan that was made as small as it still fails is what the failure needs, and that names the requirement.
func TestBreaks(t *testing.T) {
	more := report.Failure{FirstDifference: 3, Expected: report.Bytes{Total: 3}, Actual: report.Bytes{Total: 6}}
	for _, c := range []struct {
		dialect, plan string
		came          report.Failure
		died          bool
		want          string
	}{
		{"echo", `request "a"`, report.Failure{}, false, "FRAM-1"},
		{"echo", `request "a"` + "\nend half-close-with-data", report.Failure{}, false, "CLOS-1"},
		{"echo", `request "a\x00b"`, report.Failure{}, false, "FRAM-8"},
		{"echo", `request "é"`, report.Failure{}, false, "FRAM-8"},
		{"greet", `request text(300, 1)`, report.Failure{}, false, "FRAM-8"},
		{"greet", `request text(256, 1)`, report.Failure{}, false, "FRAM-1"},
		{"echo", `request "ab"` + "\ncut 1", report.Failure{}, false, "FRAM-2"},
		{"echo", `request "abc"` + "\ncut 1\ncut 2", report.Failure{}, false, "FRAM-3"},
		{"echo", `request "ab"` + "\ncut 1 pause 20ms", report.Failure{}, false, "FRAM-7"},
		{"line", `request "é\n"` + "\ncut 1", report.Failure{}, false, "FRAM-6"},
		{"line", `request "a\r\n"` + "\ncut 2", report.Failure{}, false, "FRAM-6"},
		{"line", `request "a\r\n"` + "\ncut 1\ncut 2", report.Failure{}, false, "FRAM-3"},
		{"line", `request "a"` + "\nend reset", report.Failure{}, false, "LIFE-5"},
		{"line", `request "a"` + "\nend reset", report.Failure{Actual: report.Bytes{Total: 1}}, false, "CONC-1"},
		{"line", `request "a"` + "\nclient\n" + `request "b"`, report.Failure{}, false, "CONC-1"},
		{"line", `request "\xff\n"`, report.Failure{}, false, "CODE-3"},
		{"script", `request "RAISE\n"`, report.Failure{}, false, "LIFE-4"},
		{"script", `request "READ 1\né"`, report.Failure{}, false, "CODE-6"},
		{"line", `request "a\n"`, report.Failure{}, false, "FRAM-1"},
		{"line", `request "a"`, report.Failure{}, false, "LINE-4"},
		{"line", `request "a\nb\n"`, report.Failure{}, false, "FRAM-4"},
		{"line", `request " a\n"`, report.Failure{}, false, "LINE-2"},
		{"line", `request "a\tb\n"`, report.Failure{}, false, "LINE-2"},
		{"line", `request "a\r\n"`, report.Failure{}, false, "LINE-3"},
		{"line", `request "a\rb\n"`, report.Failure{}, false, "LINE-9"},
		{"line", `request "a\x00b\n"`, report.Failure{}, false, "LINE-7"},
		{"line", `request "é\n"`, report.Failure{}, false, "CODE-1"},
		{"line", `request "😀\n"`, report.Failure{}, false, "CODE-4"},
		{"line", `request "é\u0301\n"`, report.Failure{}, false, "CODE-5"},
		{"line", `request "a\u0085b\n"`, report.Failure{}, false, "LINE-10"},
		{"line", `request text(300, 1) "\n"`, report.Failure{}, false, "FRAM-8"},
		{"line", `request text(65536, 1) "\n"`, report.Failure{}, false, "LINE-5"},
		{"script", `request "READ 1\na" "SEND\n"`, report.Failure{}, false, "READ-1"},
		{"script", `request "WRITE a\nSEND\nSEND\n"`, more, false, "SEND-3"},
		{"script", `request "WRITE a\nSEND\nSEND\n"`, report.Failure{}, false, "SEND-2"},
		{"script", `request "WRITE a\nSEND\n"`, report.Failure{}, false, "FRAM-1"},
		{"test.yaml", `exchange "a"`, report.Failure{}, false, "FRAM-1"},
		{"test.yaml", `exchange "a"` + "\n" + `exchange "b"`, report.Failure{}, false, "FRAM-4"},
		{"test.yaml", `exchange "a"` + "\ncut 1\ncut 2", report.Failure{}, false, "FRAM-2"},
		{"line", `request "a\n"`, report.Failure{}, true, "LIFE-2"},
		{"line", `request "\xff\n"`, report.Failure{}, true, "LIFE-4"},
		{"line", `request "a"` + "\nclient\n" + `request "b"` + "\nend reset", report.Failure{}, true, "LIFE-5"},
	} {
		text := "streamspec plan 1\ndialect " + c.dialect
		for _, client := range strings.Split(c.plan, "\nclient\n") {
			text += "\nclient\n" + client
			if !strings.Contains(client, "end ") {
				text += "\nend half-close"
			}
		}
		p, err := plan.Parse([]byte(text + "\n"))
		if err != nil {
			t.Fatalf("%s: %v", strings.ReplaceAll(text, "\n", "; "), err)
		}
		var d dialect.Dialect = exchange.New(nil, "exchange")
		if m, ok := dialect.Lookup(c.dialect); ok {
			d = m
		}
		if got := Breaks(Shrunk{Plan: p, Dialect: d, Came: c.came, Died: c.died}); got != c.want {
			t.Errorf("%s, died %t: %s, want %s", strings.ReplaceAll(c.plan, "\n", "; "), c.died, got, c.want)
		}
	}
}
