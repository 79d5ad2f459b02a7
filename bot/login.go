package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// connect finds the homeserver and takes up the stored session, or logs in
// and stores a new one. A homeserver that cannot be reached is waited for.
func (b *Bot) connect(ctx context.Context) error {
	session, err := b.store.Session(ctx, b.cfg.Matrix.UserID)
	if err != nil {
		return err
	}
	return b.patiently(ctx, "Waiting for the homeserver", func() error {
		base, err := discover(ctx, b.cfg.Matrix.Homeserver)
		if err != nil {
			return err
		}
		if b.client, err = b.newClient(base); err != nil {
			return final{err}
		}
		if session == nil || session.AccessToken == "" {
			if session, err = b.logIn(ctx, session); err != nil {
				return err
			}
		}
		b.session = session
		b.client.UserID, b.client.DeviceID = b.cfg.Matrix.UserID, session.DeviceID
		b.takeUpTokens(session)
		once := mautrix.WithMaxRetries(ctx, 0)
		who, err := b.client.Whoami(once)
		if loggedOut(err) && b.renewTokens(ctx) {
			who, err = b.client.Whoami(once)
		}
		switch {
		case loggedOut(err):
			return final{errLoggedOut}
		case err != nil:
			return err
		case who.UserID != b.cfg.Matrix.UserID:
			return final{fmt.Errorf("the session belongs to another account than matrix.user_id: correct the configuration")}
		}
		return nil
	})
}

// errLoggedOut is what a person has to know when the homeserver no longer
// accepts the stored session.
var errLoggedOut = errors.New("the homeserver has logged this session out: run `wolkwijs run --reset-device` once to log in anew; the recovery key makes the new session trusted again")

// loggedOut says whether an error means that the homeserver no longer accepts
// the access token, or that the authorization server no longer renews it.
func loggedOut(err error) bool {
	return errors.Is(err, mautrix.MUnknownToken) || errors.Is(err, mautrix.ErrFailedToRefreshToken) &&
		(errors.Is(err, mautrix.ErrOAuthInvalidGrant) || errors.Is(err, mautrix.ErrOAuthInvalidClient))
}

// discover returns the base URL of the homeserver that s names. A server name
// is looked up by its well-known file (Matrix specification, client-server
// API, "Server Discovery"), or else taken as the host itself.
func discover(ctx context.Context, s string) (string, error) {
	if strings.Contains(s, "://") {
		return strings.TrimRight(s, "/"), nil
	}
	found, err := mautrix.DiscoverClientAPI(ctx, s)
	if err != nil {
		return "", fmt.Errorf("looking for the homeserver of %s: %w", s, err)
	}
	if found == nil || found.Homeserver.BaseURL == "" {
		return "https://" + s, nil
	}
	return strings.TrimRight(found.Homeserver.BaseURL, "/"), nil
}

// logIn makes a new session with the secret of the configuration and stores
// it before it is used. It goes on reading where an old session was.
func (b *Bot) logIn(ctx context.Context, old *store.Session) (*store.Session, error) {
	secret, err := b.cfg.Matrix.Secret()
	if err != nil {
		return nil, final{err}
	}
	session := &store.Session{Created: b.store.Now()}
	if old != nil {
		session.Since, session.Created = old.Since, old.Created
	}
	switch {
	case secret.AccessToken != "":
		b.client.AccessToken = secret.AccessToken
		who, err := b.client.Whoami(ctx)
		if err != nil {
			return nil, loginFailed(err)
		}
		if who.UserID != b.cfg.Matrix.UserID || who.DeviceID == "" {
			return nil, final{errors.New("matrix.access_token_file: the token is of another account than matrix.user_id, or of no device")}
		}
		session.DeviceID, session.AccessToken = who.DeviceID, secret.AccessToken
	case secret.Password != "":
		resp, err := b.client.Login(ctx, &mautrix.ReqLogin{
			Type:                     mautrix.AuthTypePassword,
			Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: string(b.cfg.Matrix.UserID)},
			Password:                 secret.Password,
			InitialDeviceDisplayName: b.cfg.Matrix.DeviceName,
		})
		if err != nil {
			return nil, loginFailed(err)
		}
		if resp.UserID != b.cfg.Matrix.UserID {
			return nil, final{errors.New("matrix.user_id: the homeserver knows this account by another name")}
		}
		session.DeviceID, session.AccessToken = resp.DeviceID, resp.AccessToken
	default:
		return nil, final{errors.New("there is no session yet and no way to log in: set matrix.password_file or $WOLKWIJS_PASSWORD, or use `wolkwijs login`")}
	}
	if err := b.store.SaveSession(ctx, b.cfg.Matrix.UserID, session); err != nil {
		return nil, err
	}
	b.log.Info().Str("device_id", string(session.DeviceID)).Msg("Logged in")
	return session, nil
}

// loginFailed says what the homeserver's refusal means.
func loginFailed(err error) error {
	switch {
	case errors.Is(err, mautrix.MForbidden):
		return final{fmt.Errorf("the homeserver refuses the user name or password: check matrix.user_id and matrix.password_file")}
	case errors.Is(err, mautrix.MUnknownToken):
		return final{fmt.Errorf("the homeserver does not know the access token: check matrix.access_token_file")}
	case permanent(err) && !byProxy(err):
		return final{fmt.Errorf("the homeserver refuses the login: %w", err)}
	}
	return err
}

// final is an error that waiting does not cure.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// patiently repeats try with growing pauses until it succeeds, fails for good
// or ctx ends.
func (b *Bot) patiently(ctx context.Context, msg string, try func() error) error {
	for attempt := 0; ; attempt++ {
		err := try()
		if err == nil || errors.As(err, new(final)) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := b.pause(attempt, err)
		b.log.Warn().Err(err).Dur("again_in", wait).Msg(msg)
		if !sleep(ctx, wait) {
			return ctx.Err()
		}
	}
}

// sleep waits for d, or returns false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// localpart is the part of a user ID before the server name.
func localpart(user id.UserID) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(user), "@"), ":")
	return name
}
