package http1_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// An answer is a message that a server has sent.
type answer struct {
	status  int
	fields  map[string]string
	content string
}

var (
	statusLine = regexp.MustCompile(`^HTTP/1\.1 [1-5]\d\d [A-Za-z -]*$`)
	fieldLine  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~]*$")
	lengthText = regexp.MustCompile(`^(0|[1-9]\d*)$`)
	chunkLine  = regexp.MustCompile(`^(0|[1-9a-f][0-9a-f]*)$`)
)

// readAnswers reads the answers to requests of these methods, GET where none is left, by the
// letter of RFC 9112, and fails at what this server need never send.
func readAnswers(text string, methods []string) (all []answer, err error) {
	for text != "" {
		head, behind, found := strings.Cut(text, "\r\n\r\n")
		if !found {
			return all, fmt.Errorf("no head ends in %.300q", text)
		}
		a, err := readHead(head)
		if err != nil {
			return all, err
		}
		method := "GET"
		if a.status >= 200 && len(methods) > 0 {
			method, methods = methods[0], methods[1:]
		}
		if a.content, text, err = contentOf(a, method, behind); err != nil {
			return all, fmt.Errorf("behind %q: %w", head, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// readHead reads a status line and field lines, of which no two have one name.
func readHead(head string) (a answer, err error) {
	lines := strings.Split(head, "\r\n")
	if !statusLine.MatchString(lines[0]) {
		return a, fmt.Errorf("the status line is %q", lines[0])
	}
	a.status, _ = strconv.Atoi(lines[0][9:12])
	a.fields = map[string]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if _, twice := a.fields[name]; twice || !fieldLine.MatchString(line) {
			return a, fmt.Errorf("a field line is %q", line)
		}
		a.fields[name] = value
	}
	return a, nil
}

// contentOf divides what is behind a head into the content and the rest.
func contentOf(a answer, method, behind string) (content, rest string, err error) {
	length, hasLength := a.fields["Content-Length"]
	coding, hasCoding := a.fields["Transfer-Encoding"]
	switch n, _ := strconv.Atoi(length); {
	case hasLength && hasCoding, (a.status < 200 || a.status == 204) && (hasLength || hasCoding), hasLength && !lengthText.MatchString(length), hasCoding && coding != "chunked":
		return "", "", fmt.Errorf("the length is %q, the coding %q", length, coding)
	case method == "HEAD" || a.status < 200 || a.status == 204 || a.status == 304:
		return "", behind, nil
	case hasCoding:
		return chunksOf(behind)
	case !hasLength && a.fields["Connection"] != "close":
		return "", "", fmt.Errorf("nothing ends the content")
	case !hasLength:
		return behind, "", nil
	case n > len(behind):
		return "", "", fmt.Errorf("the content has %d bytes, not %d", len(behind), n)
	default:
		return behind[:n], behind[n:], nil
	}
}

// chunksOf divides chunks into their content and the rest.
func chunksOf(s string) (content, rest string, err error) {
	for {
		size, behind, _ := strings.Cut(s, "\r\n")
		n, _ := strconv.ParseInt(size, 16, 32)
		if !chunkLine.MatchString(size) || len(behind) < int(n)+2 || behind[n:n+2] != "\r\n" {
			return "", "", fmt.Errorf("no chunk is in %.300q", s)
		}
		if s = behind[n+2:]; n == 0 {
			return content, s, nil
		}
		content += behind[:n]
	}
}
