package mtasts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"time"

	"codeberg.org/miekg/dns"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/lang"
)

// The bounds of a fetch.
const (
	maxPolicy = 64 << 10 // bytes of a policy (RFC 8461, section 3.3, suggests this)
	maxFetch  = 5 * time.Second
)

// Fetcher fetches policies over HTTPS (RFC 8461, section 3.3). It connects to
// public addresses only, those that the check's own resolver gave, so that a
// domain cannot make it look into the network that it runs in; it follows no
// redirects, and reads no more than it needs.
type Fetcher struct {
	// Public says whether an address may be connected to. It must be set.
	Public func(netip.Addr) bool
	// Dial opens a TCP connection to an address with port; nil: net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are the authorities believed; nil: those of the system.
	Roots *x509.CertPool
}

// FetchError says why there is no policy.
type FetchError struct {
	Why       lang.Text // the middle of a sentence
	Temporary bool      // it may be there all the same: it could not be looked up or reached
	Err       error     // may be nil
}

// Error returns the reason in English.
func (e *FetchError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Why.EN, e.Err)
	}
	return e.Why.EN
}

func (e *FetchError) Unwrap() error { return e.Err }

// Host is the name of the web server with the policy of domain.
func Host(domain string) string { return "mta-sts." + domain }

// URL is where the policy of domain is.
func URL(domain string) string { return "https://" + Host(domain) + "/.well-known/mta-sts.txt" }

// Fetch returns the text of the policy of domain. Names are looked up with
// client. The error is a *FetchError.
func (f *Fetcher) Fetch(ctx context.Context, client dnsq.Client, domain string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, maxFetch)
	defer cancel()
	ips, err := f.addresses(ctx, client, Host(domain))
	if err != nil {
		return "", err
	}
	web := &http.Client{
		Transport: &http.Transport{
			// The address was judged above and is dialled as it is: a second
			// look-up could give another (DNS rebinding).
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return f.dial(ctx, network, ips)
			},
			TLSClientConfig:        &tls.Config{RootCAs: f.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    maxFetch,
			MaxResponseHeaderBytes: 16 << 10,
			DisableKeepAlives:      true,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer web.CloseIdleConnections()
	request, e := http.NewRequestWithContext(ctx, http.MethodGet, URL(domain), nil)
	if e != nil {
		return "", &FetchError{Why: say("het adres is onjuist", "the address is not correct"), Err: e}
	}
	request.Header.Set("User-Agent", "wolkwijs")
	response, e := web.Do(request)
	if e != nil {
		return "", fetchError(e)
	}
	defer response.Body.Close()
	return read(response)
}

func say(nl, en string) lang.Text { return lang.Text{NL: nl, EN: en} }

// addresses looks up the addresses of the policy host that may be dialled.
func (f *Fetcher) addresses(ctx context.Context, client dnsq.Client, host string) ([]netip.Addr, error) {
	answers := make([]dnsq.Answer, 2)
	done := make(chan struct{})
	go func() {
		answers[1] = client.Query(ctx, host, dns.TypeAAAA)
		close(done)
	}()
	answers[0] = client.Query(ctx, host, dns.TypeA)
	<-done
	var ips []netip.Addr
	found, failed := false, false
	for _, a := range answers {
		failed = failed || a.Status == dnsq.Failed
		for _, rr := range a.Records {
			var ip netip.Addr
			switch rr := rr.(type) {
			case *dns.A:
				ip = rr.Addr
			case *dns.AAAA:
				ip = rr.Addr
			default:
				continue
			}
			found = true
			if f.Public(ip) {
				ips = append(ips, ip.Unmap())
			}
		}
	}
	switch {
	case len(ips) > 0:
		return ips, nil
	case failed:
		return nil, &FetchError{Why: say("het adres van de webserver was niet op te vragen", "the address of the web server could not be looked up"), Temporary: true}
	case found:
		return nil, &FetchError{Why: say("de webserver heeft alleen adressen die niet vanaf het internet bereikbaar zijn", "the web server only has addresses that cannot be reached from the internet")}
	}
	return nil, &FetchError{Why: say("de webserver bestaat niet in DNS", "the web server does not exist in DNS")}
}

// dial tries the addresses one after another.
func (f *Fetcher) dial(ctx context.Context, network string, ips []netip.Addr) (net.Conn, error) {
	dial := f.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: maxFetch / 2}).DialContext
	}
	var errs []error
	for _, ip := range ips[:min(len(ips), 3)] {
		conn, err := dial(ctx, network, netip.AddrPortFrom(ip, 443).String())
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// fetchError tells a certificate that is wrong, which the domain has to mend,
// from a server that could not be reached, which may be our side's fault.
func fetchError(err error) *FetchError {
	var wrong *tls.CertificateVerificationError
	if errors.As(err, &wrong) {
		return &FetchError{Why: say("het certificaat van de webserver klopt niet", "the certificate of the web server is wrong"), Err: err}
	}
	return &FetchError{Why: say("de webserver antwoordt niet", "the web server does not answer"), Temporary: true, Err: err}
}

// read reads a response as RFC 8461, section 3.3, says: status 200, media
// type text/plain.
func read(response *http.Response) (string, error) {
	if response.StatusCode != http.StatusOK {
		return "", &FetchError{Why: say(fmt.Sprintf("de webserver antwoordt met code %d", response.StatusCode), fmt.Sprintf("the web server answers with code %d", response.StatusCode)), Temporary: response.StatusCode >= 500}
	}
	if media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || media != "text/plain" {
		return "", &FetchError{Why: say("het bestand is geen platte tekst (`text/plain`)", "the file is not plain text (`text/plain`)")}
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxPolicy+1))
	switch {
	case err != nil:
		return "", fetchError(err)
	case len(data) > maxPolicy:
		return "", &FetchError{Why: say("het bestand is te groot (meer dan 64 kB)", "the file is too large (over 64 kB)")}
	}
	return string(data), nil
}
