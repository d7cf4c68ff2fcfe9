package oracle

// A span is a range of byte values, both ends included.
type span struct{ low, high byte }

// tail is UTF8-tail of RFC 3629, section 4.
var tail = span{0x80, 0xBF}

// characters is the syntax of RFC 3629, section 4: UTF8-1, and each line of
// UTF8-2, UTF8-3 and UTF8-4.
var characters = [][]span{
	{{0x00, 0x7F}},
	{{0xC2, 0xDF}, tail},
	{{0xE0, 0xE0}, {0xA0, 0xBF}, tail},
	{{0xE1, 0xEC}, tail, tail},
	{{0xED, 0xED}, {0x80, 0x9F}, tail},
	{{0xEE, 0xEF}, tail, tail},
	{{0xF0, 0xF0}, {0x90, 0xBF}, tail, tail},
	{{0xF1, 0xF3}, tail, tail, tail},
	{{0xF4, 0xF4}, {0x80, 0x8F}, tail, tail},
}

// Decode is decode(msg): the text, or ErrText where msg is not UTF-8.
func Decode(msg string) (string, error) {
	if WrongByte(msg) >= 0 {
		return "", ErrText
	}
	return msg, nil
}

// WrongByte returns the offset of the first byte of msg that begins no character,
// and -1 where all of msg is UTF-8.
func WrongByte(msg string) int {
	for at := 0; at < len(msg); {
		size := characterSize(msg[at:])
		if size == 0 {
			return at
		}
		at += size
	}
	return -1
}

// characterSize is how many bytes the character has that msg begins with; 0 where
// it begins with none.
func characterSize(msg string) int {
	for _, spans := range characters {
		size := 0
		for size < len(spans) && size < len(msg) && spans[size].low <= msg[size] && msg[size] <= spans[size].high {
			size++
		}
		if size == len(spans) {
			return size
		}
	}
	return 0
}
