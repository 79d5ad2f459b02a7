package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wolkwijs/store"
)

// logIn runs `wolkwijs login`.
func (w *world) logIn() (shown string, err error) {
	w.t.Helper()
	st, err := store.Open(context.Background(), w.cfg.Storage.Database)
	if err != nil {
		w.t.Fatal(err)
	}
	defer st.Close()
	b := New(w.cfg, st, nil, NewLog(w.cfg.Log, &w.log))
	b.network = w.hs
	err = b.LogIn(context.Background(), func(address, code string) { shown = address + " " + code })
	return shown, err
}

func TestOAuthLogin(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cfg.Matrix.Password = ""
		w.hs.OAuth.Lifetime = 5 * time.Minute
		w.hs.OAuth.Pending, w.hs.OAuth.Slow = 3, 2
		began := time.Now()
		shown, err := w.logIn()
		if err != nil || shown != "http://auth.example/link AB-CD" {
			t.Fatalf("shown %q, %v", shown, err)
		}
		if took := time.Since(began); took < 50*time.Second {
			t.Errorf("asked every few seconds in spite of slow_down: it took %v", took)
		}
		w.start()
		club := w.club()
		w.pass(time.Hour)
		w.hs.Say(club, alice, "!echo an hour later")
		w.settle()
		w.crash()
		w.pass(time.Hour)
		w.hs.Say(club, alice, "!echo after another hour")
		w.start()
		w.wantSaid(club, "an hour later", "after another hour")
		if n := w.hs.Refreshes(); n < 10 || w.hs.Logins() != 1 {
			t.Errorf("%d refreshes, %d logins", n, w.hs.Logins())
		}
		for _, secret := range []string{"access1", "refresh1", "secret"} {
			if strings.Contains(w.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

// oauthWorld is a world whose homeserver hands out access tokens for five
// minutes, with the bot logged in.
func oauthWorld(t *testing.T, test func(w *world)) {
	inWorld(t, func(w *world) {
		w.cfg.Matrix.Password = ""
		w.hs.OAuth.Lifetime = 5 * time.Minute
		if _, err := w.logIn(); err != nil {
			w.t.Fatal(err)
		}
		test(w)
	})
}

// The clock of a machine without a battery is behind after a power cut: by it,
// an access token that has expired has not.
func TestExpiredTokenThatLooksValid(t *testing.T) {
	oauthWorld(t, func(w *world) {
		w.start()
		club := w.club()
		must(w.t, w.end())
		w.pass(time.Hour)
		w.hs.Say(club, alice, "!echo meanwhile")
		st, err := store.Open(w.t.Context(), w.cfg.Storage.Database)
		must(w.t, err)
		session, err := st.Session(w.t.Context(), w.cfg.Matrix.UserID)
		must(w.t, err)
		session.TokenExpiry = time.Now().Add(4 * time.Minute)
		must(w.t, st.SaveSession(w.t.Context(), w.cfg.Matrix.UserID, session))
		must(w.t, st.Close())
		w.start()
		w.wantSaid(club, "meanwhile")
	})
}

// An access token can also end before its time, while the bot runs.
func TestTokenThatEndsEarly(t *testing.T) {
	oauthWorld(t, func(w *world) {
		w.start()
		club := w.club()
		for i := range 3 {
			w.hs.LogOut()
			w.hs.Say(club, alice, fmt.Sprintf("!echo %d", i))
			w.pass(time.Minute)
		}
		w.wantSaid(club, "0", "1", "2")
	})
}

// When the authorization server does not renew tokens either, the bot ends and
// says what to do. What was asked then waits for the next session.
func TestTokenThatIsNotRenewed(t *testing.T) {
	oauthWorld(t, func(w *world) {
		w.start()
		w.club()
		w.hs.Revoke()
		w.pass(time.Hour)
		select {
		case err := <-w.ended:
			if !errors.Is(err, errLoggedOut) {
				w.t.Errorf("the bot ended with %v", err)
			}
			w.ended <- nil
		default:
			w.t.Error("the bot goes on")
		}
	})
}

func TestOAuthLoginWhereThereIsNone(t *testing.T) {
	inWorld(t, func(w *world) {
		if _, err := w.logIn(); err == nil || !strings.Contains(err.Error(), "password_file") {
			t.Errorf("error = %v", err)
		}
	})
}

func TestLoginFailuresSayWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *world)
		want   string
	}{
		{"wrong password", func(w *world) { w.cfg.Matrix.Password = "wrong" }, "check matrix.user_id and matrix.password_file"},
		{"no password", func(w *world) { w.cfg.Matrix.Password = "" }, "set matrix.password_file"},
		{"another account", func(w *world) { w.cfg.Matrix.UserID = "@Bot:hs.example" }, "matrix.user_id"},
		{"no such file", func(w *world) { w.cfg.Matrix.AccessTokenFile = "/nonexistent/token" }, "/nonexistent/token does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				tt.change(w)
				w.run()
				if err := w.result(); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error = %v, want %q", err, tt.want)
				}
			})
		})
	}
}

func TestResetDevice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		club := w.club()
		w.hs.LogOut()
		if err := w.result(); !errors.Is(err, errLoggedOut) {
			t.Fatalf("error = %v", err)
		}
		w.end()
		w.hs.Say(club, alice, "!echo meanwhile")
		w.change = func(b *Bot) {
			if err := b.ResetDevice(context.Background()); err != nil {
				t.Fatal(err)
			}
			w.change = nil
		}
		w.start()
		w.wantSaid(club, "meanwhile")
		if n := w.hs.Logins(); n != 2 {
			t.Errorf("%d logins, want 2", n)
		}
	})
}

func TestDiscovery(t *testing.T) {
	if got, err := discover(context.Background(), "https://matrix.example.org/"); err != nil || got != "https://matrix.example.org" {
		t.Errorf("base URL: %q, %v", got, err)
	}
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	if _, err := discover(context.Background(), strings.TrimPrefix(refused.URL, "http://")); err == nil {
		t.Error("a server that does not answer was discovered")
	}
}
