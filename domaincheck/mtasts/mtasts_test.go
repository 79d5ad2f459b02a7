package mtasts_test

import (
	"errors"
	"strings"
	"testing"

	"wolkwijs/domaincheck/mtasts"
	"wolkwijs/domaincheck/syntax"
)

func TestParseRecord(t *testing.T) {
	for _, tt := range []struct{ txt, id, err string }{
		{"v=STSv1; id=20260101T000000", "20260101T000000", ""},
		{"v=STSv1;id=1;", "1", ""},
		{"v=STSv1 ; \t id=a ; future=x", "a", ""},
		{"v=STSv1; id=a; future=", "", "no value"},
		{"v=STSv1; id=a; future==", "", "not allowed"},
		{"v=STSv1; id=a; id=b", "", "second time"},
		{"v=STSv1; id=a-b", "", "letters and digits"},
		{"v=STSv1; id=" + strings.Repeat("a", 33), "", "letters and digits"},
		{"v=STSv1", "", "no `id=`"},
		{"v=STSv10; id=a", "", "not an MTA-STS record"},
		{"v=stsv1; id=a", "", "not an MTA-STS record"},
		{"v=spf1 -all", "", "not an MTA-STS record"},
	} {
		id, err := mtasts.ParseRecord(tt.txt)
		if id != tt.id || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: %q, %v; want %q, %q", tt.txt, id, err, tt.id, tt.err)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	good := "version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.Example.NET\r\nmax_age: 604800\r\n"
	for _, tt := range []struct{ text, err string }{
		{good, ""},
		{strings.ReplaceAll(good, "\r\n", "\n"), ""},
		{"version:STSv1\nmode:none\nmax_age:0", ""},
		{good + "future: a b  c\r\nfuture: d\r\n", ""},
		{strings.Replace(good, "enforce", "strict", 1), "can only be `enforce`"},
		{strings.Replace(good, "STSv1", "STSv2", 1), "must be `STSv1`"},
		{strings.Replace(good, "604800", "31557601", 1), "whole number"},
		{strings.Replace(good, "604800", "-1", 1), "whole number"},
		{strings.Replace(good, "604800", "00000604800", 1), "whole number"},
		{good + "mode: testing\r\n", "second time"},
		{good + "max_age: 1\r\n", "second time"},
		{strings.Replace(good, "mail.example.org", "*mail.example.org", 1), "no name of a mail server"},
		{strings.Replace(good, "mail.example.org", "192.0.2.1.", 1), ""},
		{strings.Replace(good, "mail.example.org", "-mail.example.org", 1), "no name of a mail server"},
		{"version: STSv1\nmode: enforce\nmax_age: 1\n", "`mx:` is missing"},
		{"version: STSv1\nmode: enforce\nmx: a.example\n", "`max_age:` is missing"},
		{"mode: none\nmax_age: 1\n", "`version:` is missing"},
		{"version: STSv1\nmode none\n", "`name: value`"},
		{"version: STSv1\n\nmode: none\nmax_age: 1\n", "`name: value`"},
		{"version: STSv1\nmode: none\nmx:\nmax_age: 1\n", "no value"},
		{"<html>", "`name: value`"},
		{"", "is missing"},
	} {
		_, err := mtasts.ParsePolicy(tt.text)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: %v; want %q", tt.text, err, tt.err)
		}
	}
}

func TestMatches(t *testing.T) {
	p := &mtasts.Policy{MX: []string{"mail.example.org", "*.example.net"}}
	for host, want := range map[string]bool{
		"mail.example.org": true, "mx.example.net": true,
		"mail2.example.org": false, "example.net": false, "a.b.example.net": false, "mx.badexample.net": false,
	} {
		if p.Matches(host) != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmax_age: 604800\r\n")
	f.Add("version:STSv1\nmode:none\nmax_age:0")
	f.Add(":\n\n:")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := mtasts.ParsePolicy(s)
		if (p == nil) == (err == nil) {
			t.Fatalf("policy %v and error %v", p, err)
		}
		var fault *syntax.Error
		if errors.As(err, &fault) && (fault.Offset < 0 || fault.Offset > len(s)) {
			t.Fatalf("fault %#v in %q", fault, s)
		}
		if err == nil && p.Mode != mtasts.None && len(p.MX) == 0 {
			t.Fatalf("no mx in %q", s)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add("v=STSv1; id=20260101T000000")
	f.Add("v=STSv1;;")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := mtasts.ParseRecord(s); (id == "") == (err == nil) {
			t.Fatalf("id %q and error %v", id, err)
		}
	})
}
