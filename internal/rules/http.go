package rules

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
	"github.com/streamspec/streamspec/suite/dialect"
)

// asked is a dialect of HTTP/1.1: what was learned of the server is what its messages are judged by.
type asked interface {
	dialect.Dialect
	Asked() *service.Service
}

// mostCarried is about how many bytes a table has sent: a message of 1 MiB is cut at some tens of places.
const mostCarried = 64 << 20

// http are the cases of HTTP/1.1, one for each of the tables of package web; and short requests, cut in three in every way.
func http() []Case { return ofTables(append(web.Rules(), web.Pairs())) }

// ofTables has each table be a case, which is found at the table.
func ofTables(tables []ask.Rule) (cases []Case) {
	for _, r := range tables {
		cases = append(cases, Case{
			ID: "messages", Requirement: r.Requirement, Takes: speaksHTTP, Private: true, Bytes: mostCarried,
			Place: func() (file string, line int) { return web.Place(r.Requirement) },
			Run: func(ctx context.Context, b *bench.Bench) *finding.Finding {
				s := b.Dialect.(asked).Asked()
				if s == nil {
					return finding.NewNotShown("nothing was learned of how the server answers plain requests")
				}
				return r.Show(ctx, b, s)
			},
		})
	}
	return cases
}
