package dkim_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"wolkwijs/domaincheck/dkim"
)

// rsaKey makes an RSA key of the given length as p has it.
func rsaKey(t testing.TB, bits int) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestParse(t *testing.T) {
	big, ed := rsaKey(t, 2048), base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
	bare, err := base64.StdEncoding.DecodeString(big)
	if err != nil {
		t.Fatal(err)
	}
	anyKey, err := x509.ParsePKIXPublicKey(bare)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(anyKey.(*rsa.PublicKey)))
	for _, tt := range []struct {
		txt  string
		want dkim.Key
		err  string // part of the English reason
	}{
		{"v=DKIM1; k=rsa; p=" + big, dkim.Key{Type: "rsa", Bits: 2048}, ""},
		{"p=" + big, dkim.Key{Type: "rsa", Bits: 2048}, ""},
		{"v=DKIM1; p=" + pkcs1, dkim.Key{Type: "rsa", Bits: 2048}, ""},
		{"v=DKIM1; p=" + big[:20] + " \t" + big[20:] + ";", dkim.Key{Type: "rsa", Bits: 2048}, ""},
		{"v=DKIM1; k=ed25519; p=" + ed, dkim.Key{Type: "ed25519", Bits: 256}, ""},
		{"v=DKIM1; p=", dkim.Key{Type: "rsa", Revoked: true}, ""},
		{"v=DKIM1; t=y:s; p=" + big, dkim.Key{Type: "rsa", Bits: 2048, Testing: true, Strict: true}, ""},
		{"v=DKIM1; n=note; g=*; p=" + big, dkim.Key{Type: "rsa", Bits: 2048}, ""},

		{"v=DKIM1", dkim.Key{}, "no key"},
		{"k=rsa; v=DKIM1; p=" + big, dkim.Key{}, "must come first"},
		{"v=DKIM2; p=" + big, dkim.Key{}, "must come first"},
		{"v=DKIM1; p=" + big[:100], dkim.Key{}, "no RSA key that can be read"},
		{"v=DKIM1; p=" + big[:99], dkim.Key{}, "not valid base64"},
		{"v=DKIM1; p=" + big + "; p=" + big, dkim.Key{}, "second time"},
		{"v=DKIM1; k=ed25519; p=" + big, dkim.Key{}, "32 bytes"},
		{"v=DKIM1; k=ed448; p=" + big, dkim.Key{}, "key type that does not exist"},
		{"v=spf1 -all", dkim.Key{}, "must come first"},
	} {
		key, err := dkim.Parse(tt.txt)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%.60q: %v; want %q", tt.txt, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%.60q: %v", tt.txt, err)
			continue
		}
		if key.Type != tt.want.Type || key.Bits != tt.want.Bits || key.Revoked != tt.want.Revoked || key.Testing != tt.want.Testing || key.Strict != tt.want.Strict {
			t.Errorf("%.60q: %+v", tt.txt, key)
		}
	}
}

func TestLimitsOfUse(t *testing.T) {
	key, err := dkim.Parse("v=DKIM1; h=sha1; s=tlsrpt; p=" + rsaKey(t, 1024))
	if err != nil {
		t.Fatal(err)
	}
	if !key.OnlySHA1() || key.ForMail() || key.Bits != 1024 {
		t.Errorf("%+v", key)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=DKIM1; p=", "p=AAAA", "v=DKIM1; k=ed25519; p=" + strings.Repeat("A", 43) + "=", "v=DKIM1; h=:;", "v=DKIM1; p=\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key, err := dkim.Parse(s)
		if (key == nil) == (err == nil) {
			t.Fatalf("key %v and error %v", key, err)
		}
		if err == nil && !key.Revoked && key.Bits == 0 {
			t.Fatalf("a key of no length in %q", s)
		}
	})
}
