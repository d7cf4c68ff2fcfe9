package coverage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of a folder. What is beyond them is refused.
const (
	MaxFiles   = 4096      // of counters
	MaxDirData = 256 << 20 // bytes in them together
)

// ErrNoCounters says that a folder holds no counters.
var ErrNoCounters = errors.New("no counters: a Go program writes them when it ends, if it was built with go build -cover (and its main package is in -coverpkg, where that is given), GOCOVERDIR names the folder, and it ends by itself, not by a signal that it does not handle")

// ReadDir returns the edges of all counters that a program wrote into the folder, which its environment variable
// GOCOVERDIR named. Each run of the program has written a file, and an edge is there when one of them has it. The error is
// [ErrNoCounters] when there is none, and says so when there are files of different builds.
func ReadDir(dir string) ([]Edge, error) {
	names, err := counterFiles(dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoCounters)
	}
	var all []Edge
	var first build
	left := MaxDirData
	for i, name := range names {
		data, err := readCounters(filepath.Join(dir, name), left)
		if err != nil {
			return nil, err
		}
		left -= len(data)
		of, edges, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
		if i == 0 {
			first = of
		}
		if of != first {
			return nil, fmt.Errorf("%s holds counters of more than one build: empty it before a new build is started", dir)
		}
		all = append(all, edges...)
		if i > 0 {
			slices.Sort(all)
			all = slices.Compact(all)
		}
	}
	return all, nil
}

// counterFiles returns the names of the folder's counter files, in order.
func counterFiles(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var names []string
	for {
		entries, err := d.ReadDir(256)
		for _, entry := range entries {
			if strings.HasPrefix(entry.Name(), "covcounters.") && entry.Type().IsRegular() {
				names = append(names, entry.Name())
			}
		}
		switch {
		case len(names) > MaxFiles:
			return nil, fmt.Errorf("%s holds more than %d files of counters", dir, MaxFiles)
		case err == io.EOF:
			slices.Sort(names)
			return names, nil
		case err != nil:
			return nil, err
		}
	}
}

// readCounters reads one file.
func readCounters(name string, left int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	most := min(left, MaxData)
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > MaxData:
		return nil, fmt.Errorf("%s has more than %d bytes", name, MaxData)
	case len(data) > left:
		return nil, fmt.Errorf("%s holds more than %d bytes of counters", filepath.Dir(name), MaxDirData)
	}
	return data, nil
}

// Empty removes the counters in the folder that [ReadDir] has read, and leaves what else is in it.
func Empty(dir string) error {
	names, err := counterFiles(dir)
	for _, name := range names {
		if removeErr := os.Remove(filepath.Join(dir, name)); err == nil {
			err = removeErr
		}
	}
	return err
}
