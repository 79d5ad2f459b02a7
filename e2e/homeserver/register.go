package homeserver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Account is what somebody needs to log in.
type Account struct {
	UserID   string // "@anna:club.example"
	Password string
}

// Register makes an account with a random password. localpart is the part of
// the user ID before the colon.
func (h *Homeserver) Register(ctx context.Context, localpart string) (Account, error) {
	return h.registerAs(ctx, localpart, false)
}

// RegisterAdmin makes an account as Register does, of an administrator of the
// homeserver, whom its rate limit does not concern.
func (h *Homeserver) RegisterAdmin(ctx context.Context, localpart string) (Account, error) {
	return h.registerAs(ctx, localpart, true)
}

func (h *Homeserver) registerAs(ctx context.Context, localpart string, admin bool) (Account, error) {
	password, err := randomHex(12)
	if err != nil {
		return Account{}, err
	}
	userID, err := h.register(ctx, localpart, password, admin)
	if err != nil {
		return Account{}, fmt.Errorf("register %s: %w", localpart, err)
	}
	return Account{UserID: userID, Password: password}, nil
}

// register uses the registration by shared secret that Synapse introduced and
// Dendrite shares: a nonce from the server, and a MAC over it and the account.
func (h *Homeserver) register(ctx context.Context, localpart, password string, admin bool) (string, error) {
	var nonce struct {
		Nonce string `json:"nonce"`
	}
	if err := h.admin(ctx, http.MethodGet, nil, &nonce); err != nil {
		return "", err
	}
	kind := "notadmin"
	if admin {
		kind = "admin"
	}
	mac := hmac.New(sha1.New, []byte(h.secret))
	fmt.Fprintf(mac, "%s\x00%s\x00%s\x00%s", nonce.Nonce, localpart, password, kind)
	var made struct {
		UserID string `json:"user_id"`
	}
	err := h.admin(ctx, http.MethodPost, map[string]any{
		"nonce":    nonce.Nonce,
		"username": localpart,
		"password": password,
		"admin":    admin,
		"mac":      hex.EncodeToString(mac.Sum(nil)),
	}, &made)
	return made.UserID, err
}

// admin calls the registration API with in as JSON, if any, and reads out.
func (h *Homeserver) admin(ctx context.Context, method string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.URL+"/_synapse/admin/v1/register", body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, bytes.TrimSpace(b))
	}
	return json.Unmarshal(b, out)
}
