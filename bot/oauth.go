package bot

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/oauth"

	"wolkwijs/store"
)

// clientURI tells the authorization server what this client is.
const clientURI = "https://www.hcc.nl/"

// LogIn makes a session where the homeserver hands its logins to an OAuth 2.0
// authorization server (Matrix specification, client-server API, "OAuth 2.0
// API"; device authorization grant, RFC 8628): show is called with the address
// a person must visit and the code to confirm there, and LogIn waits until
// they have. A session that exists already is replaced.
func (b *Bot) LogIn(ctx context.Context, show func(address, code string)) error {
	base, err := discover(ctx, b.cfg.Matrix.Homeserver)
	if err != nil {
		return err
	}
	if b.client, err = b.newClient(base); err != nil {
		return err
	}
	server, err := b.client.OAuthGetServerMetadata(ctx)
	switch {
	case errors.Is(err, mautrix.MUnrecognized), errors.Is(err, mautrix.MNotFound), permanent(err):
		return errors.New("this homeserver has no OAuth 2.0 login: set matrix.password_file and use `wolkwijs run`")
	case err != nil:
		return fmt.Errorf("asking the homeserver how to log in: %w", err)
	case !slices.Contains(server.GrantTypesSupported, oauth.GrantTypeDeviceCode):
		return errors.New("this homeserver's login does not work without a browser on this machine: set matrix.access_token_file and use `wolkwijs run`")
	}
	client, err := b.client.OAuthRegisterClient(ctx, &oauth.ClientMetadata{
		ApplicationType:         oauth.ApplicationTypeNative,
		ClientName:              b.cfg.Matrix.DeviceName,
		ClientURI:               clientURI,
		GrantTypes:              []oauth.GrantType{oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken},
		TokenEndpointAuthMethod: oauth.AuthMethodNone,
	})
	if err != nil {
		return fmt.Errorf("registering with the login server: %w", err)
	}
	device := id.DeviceID(rand.Text()[:10])
	code, err := b.client.OAuthGenerateDeviceCode(ctx, oauth.GenerateDeviceCodeParams{
		Scopes:     oauth.ScopeList{oauth.ScopeClientAPI, oauth.ScopeDevice(device)},
		UserIDHint: b.cfg.Matrix.UserID,
	})
	if err != nil {
		return fmt.Errorf("asking for a code: %w", err)
	}
	address := code.VerificationURIComplete
	if address == "" {
		address = code.VerificationURI
	}
	show(address, code.UserCode)
	tokens, err := b.awaitConsent(ctx, code)
	if err != nil {
		return err
	}
	b.client.AccessToken = tokens.AccessToken
	who, err := b.client.Whoami(ctx)
	if err != nil {
		return fmt.Errorf("asking whose session this is: %w", err)
	}
	if who.UserID != b.cfg.Matrix.UserID {
		return errors.New("the login was confirmed by another account than matrix.user_id: log out in the browser and try again")
	}
	session := &store.Session{
		DeviceID: who.DeviceID, AccessToken: tokens.AccessToken, RefreshToken: tokens.RefreshToken,
		ClientID: client.ClientID, Created: b.store.Now(),
	}
	if tokens.ExpiresIn.Duration > 0 {
		session.TokenExpiry = b.store.Now().Add(tokens.ExpiresIn.Duration)
	}
	return b.replaceSession(ctx, session)
}

// awaitConsent asks the authorization server every few seconds whether the
// person has confirmed (RFC 8628, section 3.5).
func (b *Bot) awaitConsent(ctx context.Context, code *oauth.DeviceCodeResponse) (*oauth.TokenResponse, error) {
	interval := code.Interval.Duration
	if interval <= 0 {
		interval = 5 * time.Second
	}
	for {
		if !sleep(ctx, interval) {
			return nil, ctx.Err()
		}
		tokens, err := b.client.OAuthPollDeviceCode(ctx, oauth.PollDeviceCodeParams{DeviceCode: code.DeviceCode})
		switch {
		case err == nil:
			return tokens, nil
		case errors.Is(err, mautrix.ErrOAuthAuthorizationPending):
		case errors.Is(err, mautrix.ErrOAuthSlowDown):
			interval += 5 * time.Second
		case errors.Is(err, mautrix.ErrOAuthExpiredToken):
			return nil, errors.New("nobody confirmed the login in time: try again")
		case errors.Is(err, mautrix.ErrOAuthAccessDenied):
			return nil, errors.New("the login was refused in the browser")
		case permanent(err):
			return nil, fmt.Errorf("waiting for the login to be confirmed: %w", err)
		}
	}
}

// takeUpTokens gives the client the tokens of the session, and has new ones
// stored before they are used.
func (b *Bot) takeUpTokens(session *store.Session) {
	b.client.AccessToken = session.AccessToken
	if session.RefreshToken == "" {
		return
	}
	b.client.OAuthSetTokens(session.ClientID, session.RefreshToken, session.AccessToken, session.TokenExpiry)
	b.client.Client.Transport = refusals{b.network}
	b.client.SaveNewToken = func(ctx context.Context, refresh, access string, expiry time.Time) error {
		return b.store.SaveTokens(context.WithoutCancel(ctx), b.cfg.Matrix.UserID, access, refresh, expiry)
	}
}

// refusals has the refusal of an access token fail a request. The library would
// repeat the request without end where tokens can be renewed.
type refusals struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (r refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.RoundTripper.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	var refusal mautrix.RespError
	if json.Unmarshal(body, &refusal) == nil && errors.Is(refusal, mautrix.MUnknownToken) {
		return nil, refusal
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// maxRefusal is how many octets of a refusal are read.
const maxRefusal = 64 << 10

// renewTokens has the next request fetch new tokens, where there are such. The
// homeserver does not know the access token any more, although by the clock of
// this machine it has not expired: that clock may be behind, as that of a
// Raspberry Pi is after a power cut.
func (b *Bot) renewTokens(ctx context.Context) bool {
	session, err := b.store.Session(ctx, b.cfg.Matrix.UserID)
	if err != nil || session == nil || session.RefreshToken == "" {
		return false
	}
	b.client.OAuthSetTokens(session.ClientID, session.RefreshToken, session.AccessToken, time.Time{})
	return true
}
