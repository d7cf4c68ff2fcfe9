// Package packets holds the tests that compare timelines with the packets of the same connections.
package packets
