package main

import (
	"context"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"wolkwijs/domaincheck/dnsq"
)

func TestTheLogTellsWhatTheResolverIsGoodFor(t *testing.T) {
	for _, tt := range []struct {
		test dnsq.SelfTest
		want string
	}{
		{dnsq.SelfTest{Reached: true, SafePath: true, AD: true, Believed: true}, `"level":"info","server":"192.0.2.53:53","message":"DNS resolver validates DNSSEC"`},
		{dnsq.SelfTest{Reached: true, SafePath: true}, `"level":"info","server":"192.0.2.53:53","message":"DNS resolver does not validate DNSSEC: that is done here"`},
		{dnsq.SelfTest{Reached: true, AD: true}, `over the network in the clear`},
		{dnsq.SelfTest{SafePath: true}, `"level":"warn","server":"192.0.2.53:53","message":"DNS resolver does not answer: look at dns.resolver"`},
	} {
		tt.test.Server = "192.0.2.53:53"
		var out strings.Builder
		logResolver(t.Context(), func(context.Context) []dnsq.SelfTest { return []dnsq.SelfTest{tt.test} }, zerolog.New(&out))
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("%+v: %s", tt.test, out.String())
		}
	}
}
