// Package dkim reads DKIM key records (RFC 6376, section 3.6.1), with the
// key types and lengths of RFC 8301 and RFC 8463. Whether a message is signed
// is not to be seen in DNS; whether its key could be trusted is.
//
// May import: domaincheck/dnsq, domaincheck/record, domaincheck/syntax,
// codeberg.org/miekg/dns.
package dkim

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"

	"wolkwijs/domaincheck/syntax"
	"wolkwijs/lang"
)

// Key is a DKIM key record.
type Key struct {
	Type     string   // rsa or ed25519
	Bits     int      // length of an RSA modulus; 256 for ed25519; 0 if revoked
	Revoked  bool     // an empty p: mail signed with it fails
	Testing  bool     // t=y: receivers must not treat a failure differently
	Strict   bool     // t=s: i= must have the very domain of d=
	Hashes   []string // lower case; empty: all
	Services []string // lower case; empty: all
}

// Lengths of RSA keys in bits (RFC 8301, section 3.2).
const (
	MinBits  = 1024 // a verifier must not accept less
	GoodBits = 2048 // a signer should use at least this
)

// keyFormat is the section that says what a key record looks like.
const keyFormat = "RFC 6376, section 3.6.1"

func fault(t syntax.Tag, rfc, nl, en string) *syntax.Error {
	return &syntax.Error{Offset: t.Offset, At: t.Name + "=" + t.Value, Why: lang.Text{NL: nl, EN: en}, RFC: rfc}
}

// Is says whether a TXT record is meant as a key record: its first tag is v
// with the value DKIM1, or it has a tag p and no v.
func Is(txt string) bool {
	for part := range strings.SplitSeq(txt, ";") {
		name, value, ok := strings.Cut(part, "=")
		switch name = strings.Trim(name, syntax.FWS); {
		case !ok:
			return false
		case name == "v":
			return strings.Trim(value, syntax.FWS) == "DKIM1"
		case name == "p":
			return true
		}
	}
	return false
}

// Parse reads a key record. The error is a *syntax.Error.
func Parse(txt string) (*Key, error) {
	tags, err := syntax.Tags(txt, keyFormat)
	if err != nil {
		return nil, err
	}
	if t := syntax.Repeated(tags); t != nil {
		return nil, fault(*t, "RFC 6376, section 3.2", "staat er voor de tweede keer", "is here for the second time")
	}
	k := &Key{Type: "rsa"}
	var p *syntax.Tag
	for i, t := range tags {
		switch t.Name {
		case "v":
			if i > 0 || t.Value != "DKIM1" {
				return nil, fault(t, keyFormat, "moet vooraan staan en `DKIM1` zijn", "must come first and be `DKIM1`")
			}
		case "k":
			k.Type = strings.ToLower(t.Value)
		case "p":
			p = &tags[i]
		case "h":
			k.Hashes = list(t.Value)
		case "s":
			k.Services = list(t.Value)
		case "t":
			flags := list(t.Value)
			k.Testing, k.Strict = slices.Contains(flags, "y"), slices.Contains(flags, "s")
		}
	}
	if p == nil {
		return nil, &syntax.Error{Offset: len(txt), Why: lang.Text{NL: "er staat geen sleutel in (`p=`)", EN: "it has no key (`p=`)"}, RFC: keyFormat}
	}
	if err := k.read(*p); err != nil {
		return nil, err
	}
	return k, nil
}

// list splits a list with colons into lower-case parts.
func list(s string) []string {
	var parts []string
	for part := range strings.SplitSeq(s, ":") {
		parts = append(parts, strings.ToLower(strings.Trim(part, syntax.FWS)))
	}
	return parts
}

// read decodes the key in p.
func (k *Key) read(p syntax.Tag) *syntax.Error {
	short := p
	if len(short.Value) > 40 {
		short.Value = short.Value[:40] + "…"
	}
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(syntax.FWS, r) {
			return -1
		}
		return r
	}, p.Value)
	if text == "" {
		k.Revoked = true
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fault(short, keyFormat, "is geen geldige base64; vaak is er een stuk van de sleutel weggevallen", "is not valid base64; often a piece of the key was lost")
	}
	switch k.Type {
	case "rsa":
		key, ok := parseRSA(data)
		if !ok {
			return fault(short, keyFormat, "is geen leesbare RSA-sleutel; vaak is er een stuk weggevallen", "is no RSA key that can be read; often a piece was lost")
		}
		k.Bits = key.N.BitLen()
	case "ed25519":
		if len(data) != 32 {
			return fault(short, "RFC 8463, section 4", "is geen Ed25519-sleutel van 32 bytes", "is no Ed25519 key of 32 bytes")
		}
		k.Bits = 256
	default:
		return fault(short, keyFormat, "hoort bij een sleutelsoort die niet bestaat (`k=`)", "belongs to a key type that does not exist (`k=`)")
	}
	return nil
}

// parseRSA reads a SubjectPublicKeyInfo, or a bare RSAPublicKey as RFC 6376
// has it by its erratum 3017.
func parseRSA(der []byte) (*rsa.PublicKey, bool) {
	if any, err := x509.ParsePKIXPublicKey(der); err == nil {
		key, ok := any.(*rsa.PublicKey)
		return key, ok
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	return key, err == nil
}

// ForMail says whether the key may be used for mail (tag s).
func (k *Key) ForMail() bool {
	return len(k.Services) == 0 || slices.Contains(k.Services, "*") || slices.Contains(k.Services, "email")
}

// OnlySHA1 says whether the key allows no hash but SHA-1, which verifiers
// must not accept (RFC 8301, section 3.1).
func (k *Key) OnlySHA1() bool {
	return len(k.Hashes) > 0 && slices.Contains(k.Hashes, "sha1") && !slices.Contains(k.Hashes, "sha256")
}
