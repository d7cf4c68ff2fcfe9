// Package player plays sessions and plans to a server, and says what it found: what is due, what was sent and received, and
// whether it was right. It knows the rule of retries, and nothing of requirements.
package player
