package judge_test

import (
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// BenchmarkRun is a whole run on the reference server, as the command line does it.
func BenchmarkRun(b *testing.B) {
	for _, d := range dialect.All() {
		b.Run(d.Name(), func(b *testing.B) {
			cfg := judgetest.InProcess(b, "right", d.Name())
			cuts := 0
			for b.Loop() {
				rep := judgetest.Judge(b, cfg)
				if rep.Conclusion != report.Conformant {
					b.Fatal(judgetest.Told(rep))
				}
				cuts += rep.Cuts.Made
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/run")
			b.ReportMetric(float64(cuts)/float64(b.N), "cuts/run")
		})
	}
}
