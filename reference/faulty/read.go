package faulty

// The faults of READ.
var readFaults = []Fault{}
