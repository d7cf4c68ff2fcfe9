package faulty

// The faults of FLOW.
var flowFaults = []Fault{}
