package http1

import "math"

// frame finds out how long the body of a request is (RFC 9112, section 6.3), and how it is
// read. What might be framed in two ways is refused (section 11.2; SMUG-1 to SMUG-3).
func (c *conn) frame(r *Request) error {
	length, hasLength, err := contentLength(r.Fields)
	if err != nil {
		return err
	}
	chunked := r.Fields.Has("Transfer-Encoding")
	switch {
	case chunked && r.Minor == 0: // RFC 9112, section 6.1 (HLEN-13)
		return malformed("A request of HTTP/1.0 has a Transfer-Encoding.")
	case chunked && hasLength: // section 6.3, point 3 (HLEN-11, HLEN-12)
		return malformed("The request has a Content-Length and a Transfer-Encoding.")
	case chunked:
		if err := checkCodings(r.Fields); err != nil {
			return err
		}
	case length > c.limits.Body:
		return errLongContent
	}
	expects, err := expectsContinue(r)
	if err != nil {
		return err
	}
	r.Length = length
	r.body = body{conn: c, left: length}
	if chunked {
		r.Length = -1
		r.body = body{conn: c, chunked: true}
	}
	r.body.ended = length == 0 && !chunked
	r.body.expects = expects && !r.body.ended
	r.Body = &r.body
	return nil
}

// contentLength returns the value of Content-Length: one number in decimal digits
// (RFC 9110, section 8.6; HLEN-1 to HLEN-6). That a list of equal numbers may be taken for one is not made use of.
// What is larger than any int64 is as large as the largest.
func contentLength(fields Fields) (length int64, found bool, err error) {
	for value := range fields.Values("Content-Length") {
		if found {
			return 0, true, malformed("The request has two Content-Length fields.")
		}
		if found = true; value == "" || !all(value, digitOctet) {
			return 0, true, malformed("The Content-Length is not a number in decimal digits.")
		}
		for i := range len(value) {
			digit := int64(value[i] - '0')
			if length > (math.MaxInt64-digit)/10 {
				length = math.MaxInt64
				break
			}
			length = length*10 + digit
		}
	}
	return length, found, nil
}

// checkCodings says why Transfer-Encoding does not say that the body is chunked and
// nothing else: chunked is the one coding of all its lines (RFC 9112, sections 6.1 and 7;
// HLEN-9, HLEN-10, HLEN-14 to HLEN-16).
func checkCodings(fields Fields) error {
	codings, last := 0, ""
	for coding := range fields.Members("Transfer-Encoding") {
		if equalFold(last, "chunked") {
			return malformed("The Transfer-Encoding does not end with its first chunked.")
		}
		codings++
		last = coding
	}
	switch {
	case !equalFold(last, "chunked"):
		return malformed("The Transfer-Encoding does not end with chunked.")
	case codings > 1:
		return &Refusal{501, "This server knows no transfer coding but chunked."}
	}
	return nil
}

// expectsContinue says whether the client waits for "100 Continue" before it sends the content
// (RFC 9110, section 10.1.1; HCON-10, HCON-11). One of HTTP/1.0 never does (HCON-13).
func expectsContinue(r *Request) (expects bool, err error) {
	if r.Minor == 0 {
		return false, nil
	}
	for member := range r.Fields.Members("Expect") {
		if !equalFold(member, "100-continue") {
			return false, &Refusal{417, "This server meets no expectation but 100-continue."}
		}
		expects = true
	}
	return expects, nil
}

// persists says whether the client lets the connection go on behind the answer
// (RFC 9112, section 9.3; HCON-1, HCON-3, HCON-6).
func persists(r *Request) bool {
	if r.Fields.hasMember("Connection", "close") {
		return false
	}
	return r.Minor > 0 || r.Fields.hasMember("Connection", "keep-alive")
}
