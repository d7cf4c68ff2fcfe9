package player

import (
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Refuses says whether f, of the session, is that the server says each time that the message is longer than it takes, as its file lets it.
func Refuses(s dialect.Session, f *finding.Finding) bool {
	if s.Refused == nil || !f.Answered() || f.Evidence.Failed < f.Evidence.Runs {
		return false
	}
	came := f.Evidence.Actual
	return came.Offset == 0 && s.Refused.Begins(came.Text)
}
