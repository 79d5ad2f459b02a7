package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"

	"wolkwijs/bench/answerer"
	"wolkwijs/bench/world"
	"wolkwijs/commands"
	"wolkwijs/domaincheck"
	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/holder"
	"wolkwijs/knowledge"
)

const (
	// perQuestion is how long each question takes.
	perQuestion = 20 * time.Millisecond
	// stages is how many questions of a check depend on one another: MX, the
	// address of the exchange, its network, the name of that.
	stages = 4
	// checksPerRound is how many domains are checked, one after another.
	checksPerRound = 15
)

// tenants are domains whose mail is at Microsoft's own exchange, whose network
// is nobody else's: so no stage is known before.
func tenants(n, among int) []string {
	var all []string
	for i := 0; i < among && len(all) < n; i++ {
		for _, rr := range world.Make(i).Records {
			if t := world.Tenant(i); t != "" && slices.Contains(world.MX(rr), t) {
				all = append(all, world.Domain(i))
			}
		}
	}
	return all
}

// oneCheck measures checks of single domains, each with an empty cache, by a
// resolver that knows all answers 20 ms away.
func oneCheck(ctx context.Context, b *bench) ([]row, error) {
	const among = 200
	answers, err := answersFor(among)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	go answers.Serve(ctx, udp, perQuestion)
	address, roots, err := serveTLS(ctx, answers)
	if err != nil {
		return nil, err
	}
	kb, err := knowledge.Open("")
	if err != nil {
		return nil, err
	}
	domains := tenants(checksPerRound, among)
	path := row{what: fmt.Sprintf("critical path, %d questions of %v", stages, perQuestion), unit: "ms", values: []float64{float64(stages * perQuestion.Milliseconds())}}
	rows := []row{path}
	for _, way := range []struct {
		name   string
		config dnsq.Config
	}{
		{"over UDP", dnsq.Config{Resolver: udp.LocalAddr().String()}},
		{"over TLS, connection open", dnsq.Config{Resolver: "tls://" + address + "#" + tlsName, RootCAs: roots}},
	} {
		times := row{what: "a check " + way.name, unit: "ms"}
		queries := row{what: "queries of a check " + way.name}
		for range b.rounds + 2 {
			took, sent, err := checks(ctx, way.config, commands.Companies(kb), domains)
			if err != nil {
				return nil, err
			}
			times.values = append(times.values, took)
			queries.values = append(queries.values, sent)
		}
		r := row{what: "÷ critical path", goal: "≤ 1.2", values: scaled(times.values, 1/float64(stages*perQuestion.Milliseconds()))}
		rows = append(rows, times, r, queries)
	}
	return rows, nil
}

// checks returns the median time of checks in milliseconds, and the median
// number of queries. Each has a resolver of its own, which knows its server
// already.
func checks(ctx context.Context, config dnsq.Config, companies func() *holder.Table, domains []string) (took, sent float64, err error) {
	var times, counts row
	for _, domain := range domains {
		r, err := dnsq.New(config)
		if err != nil {
			return 0, 0, err
		}
		r.SelfTest(ctx)
		c := domaincheck.New(r, companies)
		c.Policies = nil
		start := time.Now()
		report, err := c.Check(ctx, domain)
		times.values = append(times.values, float64(time.Since(start).Microseconds())/1000)
		r.Close()
		switch {
		case err != nil:
			return 0, 0, err
		case len(report.Errors) > 0:
			return 0, 0, fmt.Errorf("%s: %+v", domain, report.Errors[0])
		}
		counts.values = append(counts.values, float64(report.Queries))
	}
	return times.median(), counts.median(), nil
}

// tlsName is the name in the certificate of the server over TLS.
const tlsName = "resolver.example"

// serveTLS answers over TLS and returns where, and who vouches for it.
func serveTLS(ctx context.Context, a *answerer.Answers) (string, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{tlsName}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return "", nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		return "", nil, err
	}
	go a.ServeStream(ctx, l, perQuestion)
	return l.Addr().String(), roots, nil
}
