package faulty

// The faults of ROBU.
var robuFaults = []Fault{}
