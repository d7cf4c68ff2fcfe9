package conduct

import (
	"bytes"
	"net"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantHistoryKept(changes *plant.Changes) {
	changes.Conn = (&plant.History{Most: mostKept, Full: true}).Of
}

func plantBeginningsKept(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		var line []byte
		var beginnings [][]byte
		kept := 0
		return &watched{Conn: conn, onRead: func(got []byte, _ error) {
			if i := bytes.LastIndexByte(got, '\n'); i >= 0 {
				line, beginnings, kept, got = nil, nil, 0, got[i+1:]
			}
			if len(got) > 0 && kept+len(line)+len(got) <= mostKept {
				line = append(line, got...)
				beginnings = append(beginnings, bytes.Clone(line))
				kept += len(line)
			}
		}}
	}
}
