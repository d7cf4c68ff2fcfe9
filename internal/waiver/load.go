package waiver

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/streamspec/streamspec/internal/exchange/outline"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
)

// mostReport is how many bytes the report of a baseline may have.
const mostReport = 64 << 20

// Load reads what is known of a server that speaks a dialect: from a file of waivers, and from the JSON report of an earlier run; "" is
// none of either. Under strict each waiver must have a reason that somebody has given, unless the file is to be updated: then it need not
// be there yet either. The error is one sentence, with the file, and the line where there is one.
func Load(expect, baseline, dialect string, strict, update bool) (k Known, err error) {
	if expect != "" {
		text, err := readFile(expect, outline.MostFile+1)
		if update && errors.Is(err, fs.ErrNotExist) {
			text, err = []byte(heading+" []"), nil
		}
		if err != nil {
			return k, fmt.Errorf("the file of what is expected cannot be read: %w", err)
		}
		if k.Waivers, err = Parse(expect, text); err != nil {
			return k, err
		}
		if ids := k.Waivers.Unreasoned(); strict && !update && len(ids) > 0 {
			return k, fmt.Errorf("%s: the reason is still %s: say why these may be broken, or leave out strict (%s)", show.Prose(expect), Unreasoned, show.Prose(strings.Join(ids, ", ")))
		}
	}
	if baseline != "" {
		text, err := readFile(baseline, mostReport+1)
		if err != nil {
			return k, fmt.Errorf("the baseline cannot be read: %w", err)
		}
		r, err := report.ReadJSON(strings.NewReader(string(text)))
		if err != nil {
			return k, fmt.Errorf("the baseline %s is no report of a run: %w", show.Prose(baseline), err)
		}
		if r.Dialect != dialect {
			return k, fmt.Errorf("the baseline %s is of a server that speaks %s, and not %s: give the report of a run in the same dialect", show.Prose(baseline), show.Prose(r.Dialect), show.Prose(dialect))
		}
		if r.Trouble != "" || r.Interrupted {
			return k, fmt.Errorf("the baseline %s is of a run that came to no end: give one that did", show.Prose(baseline))
		}
		k.Baseline = NewBaseline(baseline, r)
	}
	return k, nil
}

// readFile reads a file, and no more than so many bytes of it.
func readFile(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("it is no regular file")}
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}
