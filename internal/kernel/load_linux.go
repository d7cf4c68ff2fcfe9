package kernel

import (
	"os"
	"strconv"
	"strings"
)

// Load returns the machine's load average over the last minute (proc_loadavg(5)): how many processes ran, or waited for a processor or a disk.
// It is not ok where the system does not tell.
func Load() (load float64, ok bool) {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(b), " ")
	load, err = strconv.ParseFloat(first, 64)
	return load, err == nil
}
