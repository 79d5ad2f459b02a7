package dnsq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"codeberg.org/miekg/dns"
)

const (
	// header and questionMX begin a reply with one answer to "example.nl. MX".
	header     = "0000 8180 0001 0001 0000 0000"
	questionMX = "07 6578616d706c65 02 6e6c 00 000f 0001"
)

// hostileMessages are replies that strangers might make, and whether they are
// messages at all.
var hostileMessages = []struct {
	name, octets string
	ok           bool
}{
	{"nothing", "", false},
	{"half a header", "0000 8180 0001", false},
	{"counts that lie", "0000 8180 0001 ffff ffff ffff" + questionMX, false},
	{"a question that runs out", header + "07 6578", false},
	{"a pointer to itself", header + questionMX + "c01c 000f 0001 00000000 0000", false},
	{"a pointer forward", header + questionMX + "c020 000f 0001 00000000 0004 0000 c020", false},
	{"two pointers in a circle", "0000 8180 0000 0001 0000 0000" + "c00e c00c 000f 0001 00000000 0000", false},
	{"a label type that does not exist", header + questionMX + "40 00 000f 0001 00000000 0000", false},
	{"data that run out", header + questionMX + "c00c 000f 0001 00000000 ffff 000a", false},
	{"octets after the end", header + questionMX + "c00c 000f 0001 00000000 0004 000a c00c" + "dead", true},
	{"an MX with a looping target", header + questionMX + "c00c 000f 0001 00000000 0004 000a c028", true},
	{"an MX without data", header + questionMX + "c00c 000f 0001 00000000 0000", true},
	{"an MX of one octet", header + questionMX + "c00c 000f 0001 00000000 0001 00", true},
	{"an address of three octets", header + questionMX + "c00c 0001 0001 00000000 0003 c00002", true},
	{"an option that runs out", "0000 8180 0000 0000 0000 0001" + "00 0029 04d0 00000000 0006 000f ffff 0007", true},
	{"an EDE of one octet", "0000 8180 0000 0000 0000 0001" + "00 0029 04d0 00000000 0005 000f 0001 07", true},
}

func TestHostileMessages(t *testing.T) {
	for _, m := range hostileMessages {
		r, err := parseReply(unhex(t, m.octets))
		if (err == nil) != m.ok {
			t.Errorf("%s: %v", m.name, err)
		}
		if err != nil && !errors.Is(err, errMessage) {
			t.Errorf("%s: %v is no errMessage", m.name, err)
		}
		if err == nil {
			for _, rec := range r.answer {
				rrs([]record{rec})
			}
		}
	}
}

// answerMX returns a reply to "example.nl. MX" with one MX, its target in the
// octets given.
func answerMX(t *testing.T, target string) []byte {
	wire := unhex(t, header+questionMX+"c00c 000f 0001 0000012c 0000")
	rdata := append([]byte{0, 10}, target...)
	binary.BigEndian.PutUint16(wire[len(wire)-2:], uint16(len(rdata)))
	return append(wire, rdata...)
}

func TestOddNamesAreEscaped(t *testing.T) {
	for wire, want := range map[string]string{
		"\x1bmail.protection.outlook.com\x00": `mail\.protection\.outlook\.com.`,
		"\x04mail\x0aoutlook.nl\x00":          `mail.outlook\.nl.`,
		"\x05a\x00b\nc\x02nl\x00":             `a\000b\010c.nl.`,
		"\x09<b>\"@()$;\x02nl\x00":            `<b>\"\@\(\)\$\;.nl.`,
		"\x04\xe2\x80\xae!\x02nl\x00":         `\226\128\174!.nl.`,
		"\x04MaIl\x02nl\x00":                  "MaIl.nl.",
		"\x00":                                ".",
	} {
		r, err := parseReply(answerMX(t, wire))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := r.interpret(question{"\x07example\x02nl\x00", dns.TypeMX})
		if len(a.Records) != 1 {
			t.Fatalf("%q: %+v", wire, a)
		}
		mx := a.Records[0].(*dns.MX)
		if mx.Mx != want {
			t.Errorf("%q is shown as %q, want %q", wire, mx.Mx, want)
		}
		_, isHost := HostName(mx.Mx)
		if plain := want == "MaIl.nl."; isHost != plain {
			t.Errorf("HostName(%q) is %v", mx.Mx, isHost)
		}
	}
}

func TestABrokenRecordDoesNotHideTheOthers(t *testing.T) {
	set := []record{
		{"\x02nl\x00", dns.TypeTLSA, dns.ClassINET, 60, []byte{3, 1, 1, 0xab}},
		{"\x02nl\x00", dns.TypeTLSA, dns.ClassINET, 60, nil},
		{"\x02nl\x00", dns.TypeTLSA, dns.ClassINET, 60, []byte{3}},
	}
	all := rrs(set)
	if len(all) != 3 {
		t.Fatalf("%d records of 3", len(all))
	}
	if _, ok := all[0].(*dns.TLSA); !ok {
		t.Errorf("the sound one is %T", all[0])
	}
	for _, rr := range all[1:] {
		broken, ok := rr.(*dns.RFC3597)
		if !ok || broken.RRType != dns.TypeTLSA {
			t.Errorf("a broken one is %T %v", rr, rr)
		}
	}
}

// TestALargeAnswer reads 64 KB of records of no more octets than it takes.
func TestALargeAnswer(t *testing.T) {
	const each = 12 + 4 // pointer, type, class, TTL, length and four octets
	count := (65535 - 28) / each
	wire := unhex(t, header+"07 6578616d706c65 02 6e6c 00 0001 0001")
	binary.BigEndian.PutUint16(wire[6:], uint16(count))
	for i := range count {
		wire = append(wire, unhex(t, "c00c 0001 0001 0000012c 0004")...)
		wire = binary.BigEndian.AppendUint32(wire, uint32(i))
	}
	r, err := parseReply(wire)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := r.interpret(question{"\x07example\x02nl\x00", dns.TypeA})
	if len(a.Records) != count {
		t.Errorf("%d records, want %d", len(a.Records), count)
	}
}

func TestLongChainsOfCNAMEsEnd(t *testing.T) {
	for _, n := range []int{maxCNAMEs, maxCNAMEs + 1, 500} {
		var text bytes.Buffer
		for i := range n {
			fmt.Fprintf(&text, "n%d.nl. CNAME n%d.nl.\n", i, i+1)
		}
		fmt.Fprintf(&text, "n%d.nl. A 192.0.2.1\n", n)
		r, err := parseReply(message(t, text.String()))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := r.interpret(question{"\x02n0\x02nl\x00", dns.TypeA})
		if want := n <= maxCNAMEs; (a.Status == Found) != want {
			t.Errorf("%d CNAMEs: status %v, failure %v", n, a.Status, a.Failure)
		}
	}
}
