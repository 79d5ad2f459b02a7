package mtasts_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wolkwijs/domaincheck/dnsq"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/domaincheck/mtasts"
)

const goodPolicy = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.nl\r\nmax_age: 604800\r\n"

// webServer serves handler over TLS with a certificate for host, and returns
// a fetcher that believes it and gets to it whatever public address it dials.
func webServer(t *testing.T, host string, handler http.Handler) (*mtasts.Fetcher, *[]string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(handler)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	var dialled []string
	return &mtasts.Fetcher{
		Public: func(ip netip.Addr) bool { return !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() },
		Roots:  roots,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled = append(dialled, address)
			return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
		},
	}, &dialled
}

func client(t *testing.T, zone string) dnsq.Client {
	t.Helper()
	srv := dnstest.New(t, "$TTL 60\n$ORIGIN example.nl.\n@ SOA a b 1 7200 3600 1209600 300\n"+zone)
	r, err := dnsq.New(dnsq.Config{Resolver: srv.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/mta-sts.txt" || r.Host != "mta-sts.example.nl" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(body))
	}
}

func TestFetch(t *testing.T) {
	f, dialled := webServer(t, "mta-sts.example.nl", text(goodPolicy))
	got, err := f.Fetch(t.Context(), client(t, "mta-sts A 10.0.0.1\nmta-sts A 192.0.2.1\n"), "example.nl")
	if err != nil || got != goodPolicy {
		t.Fatalf("%q, %v", got, err)
	}
	if len(*dialled) != 1 || (*dialled)[0] != "192.0.2.1:443" {
		t.Errorf("dialled %v, want the public address alone", *dialled)
	}
}

func TestFetchFails(t *testing.T) {
	const here = "mta-sts A 192.0.2.1\n"
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<html>"))
	}
	followed := false
	for _, tt := range []struct {
		name, zone, host string
		handler          http.HandlerFunc
		want             string
		temporary        bool
		dials            bool
	}{
		{"no such host", "", "", nil, "does not exist in DNS", false, false},
		{"only private addresses", "mta-sts A 10.0.0.1\nmta-sts AAAA ::1\nmta-sts A 169.254.169.254\n", "", nil, "cannot be reached from the internet", false, false},
		{"private through an alias", "mta-sts CNAME inside\ninside A 192.168.0.1\n", "", nil, "cannot be reached from the internet", false, false},
		{"mapped private address", "mta-sts AAAA ::ffff:10.0.0.1\n", "", nil, "cannot be reached from the internet", false, false},
		{"other certificate", here, "www.example.nl", text(goodPolicy), "certificate", false, true},
		{"not found", here, "", http.NotFound, "code 404", false, true},
		{"server error", here, "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "code 503", true, true},
		{"redirect", here, "", func(w http.ResponseWriter, r *http.Request) {
			followed = followed || r.URL.Path == "/elsewhere"
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, "code 302", false, true},
		{"a web page", here, "", html, "not plain text", false, true},
		{"too large", here, "", text(strings.Repeat("x", 70<<10)), "too large", false, true},
		{"cut off", here, "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("version"))
		}, "does not answer", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := tt.host
			if host == "" {
				host = "mta-sts.example.nl"
			}
			handler := tt.handler
			if handler == nil {
				handler = text(goodPolicy)
			}
			f, dialled := webServer(t, host, handler)
			_, err := f.Fetch(t.Context(), client(t, tt.zone), "example.nl")
			var fault *mtasts.FetchError
			if !errors.As(err, &fault) || !strings.Contains(fault.Why.EN, tt.want) || fault.Why.NL == "" || fault.Temporary != tt.temporary {
				t.Errorf("%v; want %q, temporary %v", err, tt.want, tt.temporary)
			}
			if (len(*dialled) > 0) != tt.dials {
				t.Errorf("dialled %v", *dialled)
			}
		})
	}
	if followed {
		t.Error("a redirect was followed")
	}
}

// TestFetchThatHangs ends with the context, however slow the server.
func TestFetchThatHangs(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	f, _ := webServer(t, "mta-sts.example.nl", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("version: STSv1\n"))
		w.(http.Flusher).Flush()
		cancel()
		<-release
	}))
	var fault *mtasts.FetchError
	if _, err := f.Fetch(ctx, client(t, "mta-sts A 192.0.2.1\n"), "example.nl"); !errors.As(err, &fault) || !fault.Temporary {
		t.Errorf("%v", err)
	}
}

// rebinding answers with one zone until something was looked up, and with
// another from then on.
type rebinding struct {
	dnsq.Client
	then  dnsq.Client
	asked map[uint16]int
	mu    sync.Mutex
}

func (r *rebinding) Query(ctx context.Context, name string, rrtype uint16) dnsq.Answer {
	r.mu.Lock()
	r.asked[rrtype]++
	again := r.asked[rrtype] > 1
	r.mu.Unlock()
	if again {
		return r.then.Query(ctx, name, rrtype)
	}
	return r.Client.Query(ctx, name, rrtype)
}

// An address is judged and dialled from one answer: a name server that first
// gives a public address and then an inside one (DNS rebinding) gets nowhere.
func TestFetchNeverLooksUpAgain(t *testing.T) {
	f, dialled := webServer(t, "mta-sts.example.nl", text(goodPolicy))
	r := &rebinding{Client: client(t, "mta-sts A 192.0.2.1\n"), then: client(t, "mta-sts A 127.0.0.1\nmta-sts AAAA ::1\n"), asked: map[uint16]int{}}
	if got, err := f.Fetch(t.Context(), r, "example.nl"); err != nil || got != goodPolicy {
		t.Fatalf("%q, %v", got, err)
	}
	if !slices.Equal(*dialled, []string{"192.0.2.1:443"}) {
		t.Errorf("dialled %v", *dialled)
	}
	// A second fetch asks anew and judges anew.
	var fault *mtasts.FetchError
	if _, err := f.Fetch(t.Context(), r, "example.nl"); !errors.As(err, &fault) || !strings.Contains(fault.Why.EN, "cannot be reached from the internet") {
		t.Errorf("after rebinding: %v", err)
	}
	if len(*dialled) != 1 {
		t.Errorf("dialled %v", *dialled)
	}
}
