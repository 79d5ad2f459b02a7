package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	serve := func(status int, text string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/healthz" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text + "\n"))
		}))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	config := func(listen string) string {
		file := filepath.Join(t.TempDir(), "config.toml")
		text := "[matrix]\nhomeserver = 'https://matrix.example.org'\nuser_id = '@a:example.org'\n[metrics]\nlisten = '" + listen + "'\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	well, unwell := serve(http.StatusOK, "ok"), serve(http.StatusServiceUnavailable, "no answer from the homeserver")
	for _, tt := range []struct {
		name        string
		args        []string
		code        int
		out, errOut string
	}{
		{"well", []string{"-c", config(well)}, exitFine, "ok\n", ""},
		{"unwell", []string{"-c", config(unwell)}, exitFailed, "", "not well: no answer from the homeserver"},
		{"where the flag says", []string{"-c", config(""), "--listen", well}, exitFine, "ok\n", ""},
		{"the configuration goes first", []string{"-c", config(well), "--listen", unwell}, exitFine, "ok\n", ""},
		{"not running", []string{"-c", config(strings.TrimPrefix(gone.URL, "http://"))}, exitFailed, "", "does not answer at 127.0.0.1:"},
		{"no configuration", []string{"-c", filepath.Join(t.TempDir(), "none")}, exitWrong, "", "does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errOut := call(t, "", append([]string{"health"}, tt.args...)...)
			if code != tt.code || out != tt.out || !strings.Contains(errOut, tt.errOut) {
				t.Errorf("code %d, stdout %q, stderr %q", code, out, errOut)
			}
		})
	}
}
