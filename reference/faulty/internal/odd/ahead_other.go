//go:build !unix

package odd

// take waits for input and reads once. The reference server cannot look here
// whether more has been received, and does not ask.
func (c *ahead) take() error {
	buf := make([]byte, aheadBytes)
	n, err := c.tcp.Read(buf)
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 {
		c.put(buf[:n])
	}
	return err
}
