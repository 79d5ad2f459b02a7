package store

import (
	"context"
	"time"

	"maunium.net/go/mautrix/id"
)

// Session is the bot's login and how far it has read.
type Session struct {
	DeviceID     id.DeviceID
	AccessToken  string    // empty after DropLogin
	RefreshToken string    // of OAuth 2.0; may be empty
	TokenExpiry  time.Time // zero: never
	ClientID     string    // of OAuth 2.0; may be empty
	Since        string    // where the next /sync goes on; empty before the first
	Created      time.Time
}

// Session returns the session of user, or nil if there is none.
func (s *Store) Session(ctx context.Context, user id.UserID) (*Session, error) {
	var x Session
	var expiry, created int64
	ok, err := found(s.db.QueryRow(ctx,
		"SELECT device_id, access_token, refresh_token, token_expiry, client_id, since, created FROM session WHERE account=$1", hash(string(user)),
	).Scan(&x.DeviceID, &x.AccessToken, &x.RefreshToken, &expiry, &x.ClientID, &x.Since, &created))
	if !ok {
		return nil, err
	}
	if expiry > 0 {
		x.TokenExpiry = time.UnixMilli(expiry)
	}
	x.Created = time.UnixMilli(created)
	return &x, nil
}

// SaveSession stores the session of user in place of any before it.
func (s *Store) SaveSession(ctx context.Context, user id.UserID, x *Session) error {
	var expiry int64
	if !x.TokenExpiry.IsZero() {
		expiry = x.TokenExpiry.UnixMilli()
	}
	return s.exec(ctx, `
		INSERT INTO session (account, device_id, access_token, refresh_token, token_expiry, client_id, since, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (account) DO UPDATE SET device_id=excluded.device_id, access_token=excluded.access_token,
			refresh_token=excluded.refresh_token, token_expiry=excluded.token_expiry, client_id=excluded.client_id,
			since=excluded.since, created=excluded.created`,
		hash(string(user)), x.DeviceID, x.AccessToken, x.RefreshToken, expiry, x.ClientID, x.Since, x.Created.UnixMilli())
}

// SaveTokens replaces the tokens of user's session after a refresh.
func (s *Store) SaveTokens(ctx context.Context, user id.UserID, access, refresh string, expiry time.Time) error {
	return s.exec(ctx, "UPDATE session SET access_token=$2, refresh_token=$3, token_expiry=$4 WHERE account=$1",
		hash(string(user)), access, refresh, expiry.UnixMilli())
}

// DropLogin forgets the login of user, but not how far was read.
func (s *Store) DropLogin(ctx context.Context, user id.UserID) error {
	return s.exec(ctx, "UPDATE session SET device_id='', access_token='', refresh_token='', token_expiry=0, client_id='' WHERE account=$1", hash(string(user)))
}
