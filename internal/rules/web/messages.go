package web

import (
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// borders are the families whose messages two readers may end in different places.
var borders = []string{"HFLD", "HLEN", "HCHK", "SMUG"}

// Messages are those by which a front end and a server behind it may part (SMUG-8), each with the requirement that it shows of a single
// server in its name.
func Messages(s *service.Service) (all []http1.Message) {
	for _, r := range Rules() {
		if family, _, _ := strings.Cut(r.Requirement, "-"); !slices.Contains(borders, family) {
			continue
		}
		for _, h := range r.Shapes {
			if h.alone || h.ends {
				continue
			}
			m := h.question(s).Message
			m.Name = r.Requirement + " " + m.Name
			if len(m.Bytes) <= mostCut {
				all = append(all, m)
			}
		}
	}
	return all
}
