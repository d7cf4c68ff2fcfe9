package exchange

// Alike says whether the server answers all messages of the file with the same, so that nothing tells its answers apart from those of
// a server that says one thing to whatever it is sent; of how many messages, too. Where the file says by itself what every answer must
// be, or has one message alone, that is no matter.
func (d *Dialect) Alike() (messages int, alike bool) {
	sent := map[string]bool{} // what is sent twice is to be answered alike
	learned := false
	stable := d.stable()
	for _, i := range stable {
		sent[string(d.File.Messages[i].Send.Bytes(unnamed))] = true
		learned = learned || len(d.File.Messages[i].Expect) == 0
		if !d.known[stable[0]].answer.Alike(d.known[i].answer, unnamed) {
			return len(sent), false
		}
	}
	return len(sent), learned && len(sent) > 1
}
