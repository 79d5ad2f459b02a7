package setup

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wolkwijs/bot"
	"wolkwijs/lang"
)

// server answers as a homeserver does to who is not logged in yet: the given
// texts by path, and otherwise that it does not know.
func server(t *testing.T, answers map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = `{"errcode":"M_UNRECOGNIZED","error":"?"}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const (
	versionsPath = "/_matrix/client/versions"
	loginPath    = "/_matrix/client/v3/login"
	oauthPath    = "/_matrix/client/v1/auth_metadata"
	aliasPath    = "/_matrix/client/v3/directory/room/#club:example.org"

	versions  = `{"versions":["v1.11"]}`
	passwords = `{"flows":[{"type":"m.login.password"}]}`
	sso       = `{"flows":[{"type":"m.login.sso"}]}`
	device    = `{"issuer":"https://auth.example.org/","grant_types_supported":["urn:ietf:params:oauth:grant-type:device_code"]}`
	browser   = `{"issuer":"https://auth.example.org/","grant_types_supported":["authorization_code"]}`
)

// What answers at an address is told apart, for each asks for something else
// of the person who sets up.
func TestFindHomeserver(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	for _, tt := range []struct {
		name string
		url  string
		want error
	}{
		{"passwords", server(t, map[string]string{versionsPath: versions, loginPath: passwords}), nil},
		{"a code in a browser", server(t, map[string]string{versionsPath: versions, oauthPath: device}), nil},
		{"only in a browser on the machine", server(t, map[string]string{versionsPath: versions, loginPath: sso, oauthPath: browser}), bot.ErrNoLogin},
		{"a website", server(t, map[string]string{versionsPath: "<html>"}), bot.ErrNotMatrix},
		{"another API", server(t, map[string]string{versionsPath: "{}"}), bot.ErrNotMatrix},
		{"nothing there", server(t, nil), bot.ErrNotMatrix},
		{"nobody answers", gone.URL, bot.ErrUnreachable},
		{"a certificate of nobody", tls.URL, bot.ErrCertificate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := bot.FindHomeserver(t.Context(), tt.url); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// Where the homeserver takes no passwords the files are written without one,
// and the caller has to see to a login.
func TestWithoutPasswords(t *testing.T) {
	room, err := json.Marshal(map[string]string{"room_id": "!club:example.org"})
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	no := false
	result, err := Run(t.Context(), Options{
		Homeserver: server(t, map[string]string{versionsPath: versions, oauthPath: device, aliasPath: string(room)}),
		User:       "@wolkwijs:example.org", Room: "#club:example.org", Lang: lang.NL, Yes: true, Start: &no,
		Files: answered(t).o.Files, In: strings.NewReader(""), Out: &said,
		Resolve: func(context.Context, string) (lang.Text, bool, error) { return lang.Text{}, false, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if !result.OAuth || result.Start || result.Room != "" {
		t.Errorf("%+v", result)
	}
	if exists(result.Files.Password()) || !strings.Contains(read(t, result.Files.Config), "# password_file") {
		t.Error("there is a password file")
	}
	for _, want := range []string{"met een browser", "Nodig @wolkwijs:example.org straks uit", "!check niet"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it does not say %q but\n%s", want, said.String())
		}
	}
}

// A password that is asked for after all, because the one in the given file
// was wrong, replaces no file that nobody was asked about.
func TestWrongPasswordFileReplacesNothing(t *testing.T) {
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]string{"GET " + versionsPath: versions, "GET " + loginPath: passwords}[r.Method+" "+r.URL.Path]
		if answer == "" {
			w.WriteHeader(http.StatusForbidden)
			answer = `{"errcode":"M_FORBIDDEN","error":"no"}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer home.Close()
	for answer, want := range map[string]string{"n\n": "Nothing was changed", "y\n": "the answers ended at “The bot's account"} {
		f := answered(t).o.Files
		given := filepath.Join(t.TempDir(), "given")
		if err := errors.Join(os.MkdirAll(filepath.Dir(f.Config), 0o700), os.WriteFile(f.Password(), []byte("kept"), 0o600), os.WriteFile(given, []byte("wrong"), 0o600)); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		_, err := Run(t.Context(), Options{
			Homeserver: home.URL, User: "@wolkwijs:example.org", PasswordFile: given, Lang: lang.EN,
			Files: f, In: strings.NewReader(answer), Out: &said,
		})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(said.String(), "There is something already: "+f.Password()+".") {
			t.Errorf("%q: error %v, and it said\n%s", answer, err, said.String())
		}
	}
}
