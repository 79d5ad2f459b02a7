package realtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"codeberg.org/miekg/dns"
)

// build writes and signs all zone files, children first, for a parent signs
// their DS records. It returns the trust anchor: the root's DNSKEYs.
func build(dir string) (anchorFile string, err error) {
	ds := map[string]string{} // of the children, by parent
	for i := len(tree) - 1; i >= 0; i-- {
		z := tree[i]
		dsset, err := z.write(dir, ds[z.name])
		if err != nil {
			return "", fmt.Errorf("building %s: %w", z.name, err)
		}
		ds[parentOf(z.name)] += dsset
	}
	anchorFile = filepath.Join(dir, "root.key")
	keys, err := filepath.Glob(filepath.Join(dir, "K.+*.key"))
	if err != nil {
		return "", err
	}
	var anchor strings.Builder
	for _, k := range keys {
		text, err := os.ReadFile(k)
		if err != nil {
			return "", err
		}
		if strings.Contains(string(text), "DNSKEY 257") {
			anchor.Write(text)
		}
	}
	return anchorFile, os.WriteFile(anchorFile, []byte(anchor.String()), 0o600)
}

// file returns where the zone as served is.
func (z zone) file(dir string) string {
	if z.name == "." {
		return filepath.Join(dir, "root.zone")
	}
	return filepath.Join(dir, z.name+"zone")
}

// write makes the zone file and returns the DS records for its parent.
func (z zone) write(dir, ds string) (string, error) {
	file := z.file(dir)
	if err := os.WriteFile(file, []byte(z.text(ds)), 0o600); err != nil {
		return "", err
	}
	if z.algorithm != "" {
		if err := z.sign(dir, file); err != nil {
			return "", err
		}
	}
	const digest = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
	switch z.fault {
	case wrongDS, noKeys:
		return z.name + " DS 12345 13 2 " + digest + "\n", nil
	case unknownAlgorithm:
		return z.name + " DS 12345 200 2 " + digest + "\n", nil
	case unknownDigest:
		return z.name + " DS 12345 13 200 " + digest + "\n", nil
	case noDS:
		return "", nil
	case badSignature:
		if err := alterSignatures(file); err != nil {
			return "", err
		}
	}
	dsset, err := os.ReadFile(filepath.Join(dir, "dsset-"+z.name))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(dsset), err
}

// sign replaces the zone file by a signed one, made with BIND's tools.
func (z zone) sign(dir, file string) error {
	keygen := []string{"-q", "-K", dir, "-a", z.algorithm}
	if strings.Contains(z.algorithm, "RSA") {
		keygen = append(keygen, "-b", "2048")
	}
	if err := run("dnssec-keygen", append(keygen, "-f", "KSK", z.name)...); err != nil {
		return err
	}
	if err := run("dnssec-keygen", append(keygen, z.name)...); err != nil {
		return err
	}
	args := []string{"-q", "-P", "-S", "-K", dir, "-d", dir, "-o", z.name, "-N", "keep", "-f", file + ".signed"}
	args = append(args, strings.Fields(z.nsec3)...)
	switch z.fault {
	case expired:
		args = append(args, "-s", "20200101000000", "-e", "20200201000000")
	case notYet:
		args = append(args, "-s", "20900101000000", "-e", "20900201000000")
	}
	if err := run("dnssec-signzone", append(args, file)...); err != nil {
		return err
	}
	return os.Rename(file+".signed", file)
}

func run(program string, args ...string) error {
	out, err := exec.Command(find(program), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// alterSignatures changes an octet of each signature over ordinary records.
func alterSignatures(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var b strings.Builder
	p := dns.NewZoneParser(strings.NewReader(string(text)), ".", file)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered != dns.TypeDNSKEY {
			flipped := byte('A')
			if sig.Signature[10] == 'A' {
				flipped = 'B'
			}
			sig.Signature = sig.Signature[:10] + string(flipped) + sig.Signature[11:]
		}
		b.WriteString(rr.String() + "\n")
	}
	if err := p.Err(); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(b.String()), 0o600)
}
