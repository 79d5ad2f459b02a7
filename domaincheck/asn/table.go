package asn

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"wolkwijs/domaincheck/dnsq"
)

// Table is a local table of announcements, for those who look up much: some
// 30 octets of memory for each prefix.
type Table struct {
	rows  []row // sorted
	bits  [129]bool
	infos []Network // each once, without prefix
}

// row is a prefix as an IPv6 prefix, IPv4 mapped into it.
type row struct {
	addr [16]byte
	bits uint8
	info uint32
}

func (a row) compare(b row) int {
	if c := bytes.Compare(a.addr[:], b.addr[:]); c != 0 {
		return c
	}
	return int(a.bits) - int(b.bits)
}

// LoadTable reads a table from a file; see [ReadTable].
func LoadTable(file string) (*Table, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the AS table: %w", err)
	}
	defer f.Close()
	return ReadTable(f, file)
}

// ReadTable reads a table of lines "prefix asn country name": the fields apart
// by spaces or tabs, the name to the end of the line, country and name not
// needed, "-" for no country. Lines that start with # and empty lines are skipped. An error names
// the line; name is the file's.
func ReadTable(r io.Reader, name string) (*Table, error) {
	t := &Table{}
	known := make(map[Network]uint32)
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		prefix, info, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		at, ok := known[info]
		if !ok {
			at = uint32(len(t.infos))
			known[info] = at
			t.infos = append(t.infos, info)
		}
		t.rows = append(t.rows, mapped(prefix, at))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(t.rows) == 0 {
		return nil, fmt.Errorf("%s: no prefix in it: give lines of prefix, AS number, country and name", name)
	}
	slices.SortFunc(t.rows, row.compare)
	for _, r := range t.rows {
		t.bits[r.bits] = true
	}
	return t, nil
}

func parseLine(line string) (netip.Prefix, Network, error) {
	fields := strings.Fields(line)
	prefix, err := netip.ParsePrefix(fields[0])
	if err != nil {
		return netip.Prefix{}, Network{}, fmt.Errorf("%q is no prefix such as 192.0.2.0/24", fields[0])
	}
	if len(fields) < 2 {
		return netip.Prefix{}, Network{}, fmt.Errorf("the AS number is missing after %s", fields[0])
	}
	var n Network
	var ok bool
	if n.ASN, ok = number(fields[1]); !ok {
		return netip.Prefix{}, Network{}, fmt.Errorf("%q is no AS number", fields[1])
	}
	rest := fields[2:]
	if len(rest) > 0 && (country(rest[0]) != "" || rest[0] == "-") {
		n.Country, rest = country(rest[0]), rest[1:]
	}
	n.Name = strings.Clone(nameOf(strings.Join(rest, " ")))
	return prefix.Masked(), n, nil
}

// mapped returns the row of a prefix.
func mapped(p netip.Prefix, info uint32) row {
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	return row{p.Addr().As16(), uint8(bits), info}
}

// Network implements [Source]: the most specific prefix wins.
func (t *Table) Network(_ context.Context, _ dnsq.Client, ip netip.Addr, _ bool) Network {
	ip = ip.Unmap().WithZone("")
	for bits := ip.BitLen(); bits >= 0 && ip.IsValid(); bits-- {
		prefix, err := ip.Prefix(bits)
		if err != nil {
			break
		}
		want := mapped(prefix, 0)
		if !t.bits[want.bits] {
			continue
		}
		if i, ok := slices.BinarySearchFunc(t.rows, want, row.compare); ok {
			n := t.infos[t.rows[i].info]
			n.Prefix = prefix
			return n
		}
	}
	return Network{}
}

// Len returns how many prefixes the table has.
func (t *Table) Len() int { return len(t.rows) }
