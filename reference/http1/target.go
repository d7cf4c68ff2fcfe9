package http1

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseRequestLine reads a request line without its CR LF into r: exactly a method, SP, a target, SP and
// a version (RFC 9112, section 3; HREQ-8 to HREQ-17). authority is that of a target in absolute form.
func parseRequestLine(line, scheme string, r *Request) (authority string, err error) {
	method, rest, _ := strings.Cut(line, " ")
	if !isToken(method) {
		return "", malformed("The request line does not begin with a method and a space.")
	}
	r.Method = method
	target, version, found := strings.Cut(rest, " ")
	if !found {
		return "", malformed("The request line is not a method, a target and a version with a space between them.")
	}
	if len(version) != len("HTTP/1.1") || version[:5] != "HTTP/" || !all(version[5:6], digitOctet) || version[6] != '.' || !all(version[7:], digitOctet) {
		return "", malformed("The request line does not end in HTTP/1.1, or a like version, behind one space.")
	}
	if version[5] != '1' {
		return "", &Refusal{505, "This server speaks HTTP/1.1."}
	}
	r.Minor = int(version[7] - '0')
	return parseTarget(target, scheme, r)
}

// parseTarget reads a target in any of its forms (RFC 9112, section 3.2).
func parseTarget(target, scheme string, r *Request) (authority string, err error) {
	switch {
	case r.Method == "CONNECT":
		if host, port, found := cutPort(target); !found || port == "" || !isHost(host) || !isPort(port) {
			return "", malformed("The target of CONNECT is not a host and a port.")
		}
		return "", &Refusal{501, "This server is no proxy."}
	case target == "*" && r.Method == "OPTIONS":
		r.Target = target
		return "", nil
	case strings.HasPrefix(target, "/"):
		r.Target = target
	default:
		if authority, err = parseAbsolute(target, scheme, r); err != nil {
			return "", err
		}
	}
	if r.Target != "*" && !isEncoded(r.Target, targetOctet) {
		return "", malformed("The target has an octet that no URI has, or a % without two digits.")
	}
	return authority, nil
}

// parseAbsolute reads a target in absolute form (RFC 9112, section 3.2.2).
func parseAbsolute(target, scheme string, r *Request) (authority string, err error) {
	given, rest, found := strings.Cut(target, "://")
	if !found || !isScheme(given) {
		return "", malformed("The target is neither a path that begins with a slash nor a URI.")
	}
	if !equalFold(given, scheme) {
		return "", &Refusal{421, "This server does not serve URIs of that scheme here."} // RFC 9110, section 7.4
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, r.Target = rest[:end], rest[end:]
	if !isAuthority(authority) {
		return "", malformed("The target's authority is not a host with or without a port.")
	}
	switch {
	case r.Target == "" && r.Method == "OPTIONS":
		r.Target = "*" // RFC 9112, section 3.2.4
	case !strings.HasPrefix(r.Target, "/"):
		r.Target = "/" + r.Target
	}
	return authority, nil
}

// isScheme says whether s is the scheme of a URI (RFC 3986, section 3.1).
func isScheme(s string) bool {
	return s != "" && strings.Trim(s, alpha+digits+"+-.") == "" && strings.Contains(alpha, s[:1])
}

// isAuthority says whether s is a host, with or without a port, of the http scheme: it
// is not empty (RFC 9110, section 4.2.1) and has no user information (HFLD-3).
func isAuthority(s string) bool {
	host, port, _ := cutPort(s)
	return isHost(host) && isPort(port)
}

// cutPort divides an authority at the colon before its port.
func cutPort(s string) (host, port string, found bool) {
	if strings.HasPrefix(s, "[") {
		inside, rest, closed := strings.Cut(s, "]")
		if !closed || rest != "" && rest[0] != ':' {
			return "", "", false
		}
		return inside + "]", strings.TrimPrefix(rest, ":"), rest != ""
	}
	return strings.Cut(s, ":")
}

// isHost says whether s is a uri-host with at least one octet (RFC 3986, section 3.2.2).
func isHost(s string) bool {
	literal, isLiteral := strings.CutPrefix(s, "[")
	if !isLiteral {
		return s != "" && isEncoded(s, hostOctet)
	}
	literal = strings.TrimSuffix(literal, "]")
	if future, ok := strings.CutPrefix(strings.ToLower(literal), "v"); ok {
		version, address, _ := strings.Cut(future, ".")
		return version != "" && all(version, hexOctet) && address != "" && isEncoded(strings.ReplaceAll(address, ":", ""), hostOctet) && !strings.Contains(address, "%")
	}
	address, err := netip.ParseAddr(literal)
	return err == nil && address.Is6() && address.Zone() == ""
}

// isPort says whether s is a port, or nothing.
func isPort(s string) bool {
	if s == "" {
		return true
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil && all(s, digitOctet)
}
