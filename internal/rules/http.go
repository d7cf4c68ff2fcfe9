package rules

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web"
)

// http shows the families about HTTP/1.1: each requirement by one case, which asks by the table of its rule.
var http = asking(web.Rules())

// asks is the ability to be asked in HTTP/1.1.
var asks = []Ability{can[interface{ Asked() *service.Service }]}

func asking(all []web.Rule) (cases []Case) {
	for _, r := range all {
		cases = append(cases, Case{Requirement: r.Requirement, ID: "requests", Takes: asks, Table: r.Location, Run: func(ctx context.Context, b *bench.Bench) *finding.Finding {
			return r.Show(ctx, b, b.Dialect.(interface{ Asked() *service.Service }).Asked())
		}})
	}
	return cases
}
