// Package literal reads and writes bytes as text of an exchange file, and says in words what is wrong with one.
package literal

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Unescape reads a text with the escapes \r \n \t \0 \\ \" and \xHH, which is a byte.
func Unescape(text string) ([]byte, error) {
	var b []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b = append(b, text[i])
			continue
		}
		i++
		if i == len(text) {
			return nil, fmt.Errorf(`the text ends in a \: write \\ for one`)
		}
		switch text[i] {
		case 'r':
			b = append(b, '\r')
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case '0':
			b = append(b, 0)
		case '\\', '"', '\'':
			b = append(b, text[i])
		case 'x':
			var v [1]byte
			if i+3 > len(text) {
				return nil, fmt.Errorf(`\x wants two hexadecimal digits`)
			}
			if _, err := hex.Decode(v[:], []byte(text[i+1:i+3])); err != nil {
				return nil, fmt.Errorf(`\x wants two hexadecimal digits, not %q`, text[i+1:i+3])
			}
			b = append(b, v[0])
			i += 2
		default:
			return nil, fmt.Errorf(`\%c is no escape: \r \n \t \0 \\ \" and \xHH are`, text[i])
		}
	}
	return b, nil
}

// Hex reads hexadecimal digits, two for each byte; white space does not count.
func Hex(text string) ([]byte, error) {
	text = strings.Join(strings.Fields(text), "")
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("this is no hexadecimal: %s", notHex(text))
	}
	return b, nil
}

// Base64 reads what RFC 4648, section 4, has; white space does not count.
func Base64(text string) ([]byte, error) {
	text = strings.Join(strings.Fields(text), "")
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("this is no base64 (RFC 4648, section 4): %s", notBase64(text, err))
	}
	return b, nil
}

// notHex says why a text is no hexadecimal.
func notHex(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	if i < 0 {
		return fmt.Sprintf("a byte has two digits, and there are %d", len(text))
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	return fmt.Sprintf("%q, its character %d, is no digit", r, 1+utf8.RuneCountInString(text[:i]))
}

// notBase64 says why a text is no base64, by the error of its decoding.
func notBase64(text string, err error) string {
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	if i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(characters, r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Sprintf("%q, its character %d, is none of its characters", r, 1+utf8.RuneCountInString(text[:i]))
	}
	var at base64.CorruptInputError
	if len(text)%4 > 0 || !errors.As(err, &at) {
		return "it ends in the middle of a group of four characters: fill it up with ="
	}
	return fmt.Sprintf("it goes wrong at its character %d", at+1)
}
