package hstest

import (
	"fmt"
	"net/http"
	"time"

	"maunium.net/go/mautrix/id"
)

// OAuth is a login server like the Matrix Authentication Service. It is on
// once Lifetime is set.
type OAuth struct {
	Lifetime time.Duration // of access tokens
	Pending  int           // how often a poll is told to wait before consent
	Slow     int           // how often it is told to slow down

	polls, refreshes int
	refresh          string // the refresh token in use
	device           id.DeviceID
	expires          map[string]time.Time
}

// Refreshes is how often tokens were refreshed.
func (s *Server) Refreshes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.OAuth.refreshes
}

// Revoke ends the bot's consent: its access and refresh tokens are not accepted
// any more.
func (s *Server) Revoke() {
	s.LogOut()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.OAuth.refresh = "none"
}

// oauthRoutes adds the login server's requests.
func (s *Server) oauthRoutes(mux *http.ServeMux) {
	const auth = "http://auth.example"
	mux.HandleFunc("GET /_matrix/client/v1/auth_metadata", func(w http.ResponseWriter, r *http.Request) {
		if s.OAuth.Lifetime == 0 {
			fail(w, http.StatusNotFound, "M_UNRECOGNIZED")
			return
		}
		reply(w, object{
			"issuer": auth, "authorization_endpoint": auth + "/authorize", "registration_endpoint": auth + "/register",
			"device_authorization_endpoint": auth + "/device", "token_endpoint": auth + "/token", "revocation_endpoint": auth + "/revoke",
			"grant_types_supported": []string{"refresh_token", "urn:ietf:params:oauth:grant-type:device_code"},
		})
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) { reply(w, object{"client_id": "client1"}) })
	mux.HandleFunc("POST /device", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var scope id.DeviceID
		if _, err := fmt.Sscanf(r.FormValue("scope"), "urn:matrix:client:api:* urn:matrix:client:device:%s", &scope); err != nil {
			oauthError(w, "invalid_scope")
			return
		}
		s.OAuth.device = scope
		reply(w, object{"device_code": "secret", "user_code": "AB-CD", "verification_uri": auth + "/link", "expires_in": 600, "interval": 5})
	})
	mux.HandleFunc("POST /token", s.token)
}

// token hands out tokens for consent or for a refresh token, which works once.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := &s.OAuth
	switch {
	case r.FormValue("client_id") != "client1":
		oauthError(w, "invalid_client")
		return
	case r.FormValue("grant_type") == "refresh_token":
		if r.FormValue("refresh_token") != o.refresh {
			oauthError(w, "invalid_grant")
			return
		}
		o.refreshes++
	default:
		o.polls++
		if o.polls <= o.Slow {
			oauthError(w, "slow_down")
			return
		}
		if o.polls <= o.Slow+o.Pending {
			oauthError(w, "authorization_pending")
			return
		}
		s.logins++
	}
	access := fmt.Sprintf("access%d", o.refreshes)
	o.refresh = fmt.Sprintf("refresh%d", o.refreshes)
	if o.expires == nil {
		o.expires = map[string]time.Time{}
	}
	o.expires[access] = time.Now().Add(o.Lifetime)
	s.tokens[access] = session{Bot, o.device}
	reply(w, object{"access_token": access, "refresh_token": o.refresh, "token_type": "Bearer", "expires_in": int(o.Lifetime.Seconds())})
}

// expired says whether an access token has had its time. The caller holds mu.
func (s *Server) expired(access string) bool {
	until, limited := s.OAuth.expires[access]
	return limited && time.Now().After(until)
}

func oauthError(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"error":%q}`, code)
}
