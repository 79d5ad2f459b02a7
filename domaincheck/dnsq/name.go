package dnsq

import (
	"errors"
	"fmt"
	"strings"
)

// name is a domain name as on the wire, uncompressed, in lower case, with the
// root label: "\x07example\x02nl\x00". Unlike the presentation form it cannot
// be misread: a dot inside a label is not the end of a label.
type name string

const rootName name = "\x00"

// Limits of RFC 1035, section 2.3.4, in octets.
const (
	maxNameOctets = 255
	maxLabel      = 63
)

// errName is the cause of every failure to read a name.
var errName = errors.New("not a domain name")

// parseName reads presentation form, with or without the final dot, with
// \X and \DDD escapes (RFC 1035, section 5.1).
func parseName(s string) (name, error) {
	var buf [nameBuffer]byte
	wire, err := packName(&buf, s)
	return name(wire), err
}

// nameBuffer has room for a name and, while it is read, what is too long.
const nameBuffer = maxNameOctets + 1

// packName is parseName into a buffer, for those who only need the name to
// look for something.
func packName(buf *[nameBuffer]byte, s string) ([]byte, error) {
	if s == "." {
		return append(buf[:0], rootName...), nil
	}
	buf[0] = 0
	wire := buf[:1]
	length := 0 // where the length of the current label is
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.':
			if len(wire)-length == 1 {
				return nil, fmt.Errorf("%w: an empty label", errName)
			}
			wire[length] = byte(len(wire) - length - 1)
			length = len(wire)
			wire = append(wire, 0)
			continue
		case c == '\\':
			n, b, err := unescape(s[i:])
			if err != nil {
				return nil, err
			}
			i += n - 1
			c = b
		}
		wire = append(wire, lower(c))
		if len(wire)-length-1 > maxLabel {
			return nil, fmt.Errorf("%w: a label over 63 octets", errName)
		}
	}
	if len(wire)-length > 1 {
		wire[length] = byte(len(wire) - length - 1)
		wire = append(wire, 0)
	} else if length == 0 {
		return nil, fmt.Errorf("%w: no label at all", errName)
	}
	if len(wire) > maxNameOctets {
		return nil, fmt.Errorf("%w: over 255 octets", errName)
	}
	return wire, nil
}

// unescape reads one \X or \DDD at the start of s and returns its length.
func unescape(s string) (n int, b byte, err error) {
	if len(s) < 2 {
		return 0, 0, fmt.Errorf("%w: it ends in a backslash", errName)
	}
	if !isDigit(s[1]) {
		return 2, s[1], nil
	}
	if len(s) < 4 || !isDigit(s[2]) || !isDigit(s[3]) {
		return 0, 0, fmt.Errorf("%w: a broken \\DDD escape", errName)
	}
	v := int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	if v > 255 {
		return 0, 0, fmt.Errorf("%w: a \\DDD escape over 255", errName)
	}
	return 4, byte(v), nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// String returns the presentation form with the final dot. What could be
// taken for something else than a byte of a label is escaped.
func (n name) String() string { return presentation([]byte(n)) }

// presentation is String for a name in the wire's own spelling.
func presentation(wire []byte) string {
	if string(wire) == string(rootName) {
		return "."
	}
	var buf [maxNameOctets]byte
	out := buf[:0]
	for i := 0; i < len(wire) && wire[i] != 0; {
		end := i + 1 + int(wire[i])
		for _, c := range wire[i+1 : end] {
			switch {
			case c <= ' ' || c > '~':
				out = fmt.Appendf(out, `\%03d`, c)
			case strings.IndexByte(`.\"();@$`, c) >= 0:
				out = append(out, '\\', c)
			default:
				out = append(out, c)
			}
		}
		out = append(out, '.')
		i = end
	}
	return string(out)
}

// parent returns the name without its first label; the root is its own.
func (n name) parent() name {
	if n == rootName {
		return n
	}
	return n[1+int(n[0]):]
}

// labels returns how many labels the name has, the root label not counted.
func (n name) labels() int {
	count := 0
	for ; n != rootName; n = n.parent() {
		count++
	}
	return count
}

// last returns the name made of the last count labels.
func (n name) last(count int) name {
	for skip := n.labels() - count; skip > 0; skip-- {
		n = n.parent()
	}
	return n
}

// isBelow says whether the name is zone or a name below it.
func (n name) isBelow(zone name) bool {
	return n == zone || n.isStrictlyBelow(zone)
}

func (n name) isStrictlyBelow(zone name) bool {
	for n != rootName {
		n = n.parent()
		if n == zone {
			return true
		}
	}
	return false
}

// compare orders names as DNSSEC does: by label from the right, shorter
// first (RFC 4034, section 6.1).
func (n name) compare(other name) int {
	a, b := n.split(), other.split()
	for i := 1; i <= len(a) && i <= len(b); i++ {
		if c := strings.Compare(a[len(a)-i], b[len(b)-i]); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// split returns the labels, the root label left out.
func (n name) split() []string {
	var labels []string
	for ; n != rootName; n = n.parent() {
		labels = append(labels, string(n[1:1+int(n[0])]))
	}
	return labels
}

// wildcard returns the wildcard below the name ("*.example.nl.").
func (n name) wildcard() name { return "\x01*" + n }

// HostName returns name in lower case and without the final dot, if it is
// made of letters, digits, hyphens and underscores alone. Any other name
// (with a dot or a NUL inside a label, a space, an escape, a byte over 127)
// may be served by a stranger to look like somebody else's: it must match no
// provider and be shown only as escaped text.
func HostName(name string) (host string, ok bool) {
	host = strings.ToLower(strings.TrimSuffix(name, "."))
	if len(host) == 0 || len(host) > 253 {
		return "", false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > maxLabel {
			return "", false
		}
		for i := range len(label) {
			c := label[i]
			if !('a' <= c && c <= 'z' || isDigit(c) || c == '-' || c == '_') {
				return "", false
			}
		}
	}
	return host, true
}

// IsSubdomain says whether child is parent or a name below it. Names are in
// presentation form, with or without the final dot, in any case. It compares
// whole labels: neither notexample.nl nor the single label "x.example" with a
// dot inside is below example.nl. What is no name at all is below nothing.
func IsSubdomain(child, parent string) bool {
	c, err := parseName(child)
	if err != nil {
		return false
	}
	p, err := parseName(parent)
	return err == nil && c.isBelow(p)
}
