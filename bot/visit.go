package bot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/ssss"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/oauth"
)

// Why something did not work while setting up. They are wrapped around the
// cause, and each asks for another answer of the person who sets up.
var (
	ErrNoSuchHost  = errors.New("the name does not exist")
	ErrUnreachable = errors.New("nothing answers there")
	ErrCertificate = errors.New("the certificate is not right")
	ErrNotMatrix   = errors.New("what answers there is no Matrix homeserver")
	ErrNoLogin     = errors.New("the homeserver has no login that the bot can use")
	ErrRefused     = errors.New("the homeserver refuses the user name or password")
	ErrTooMany     = errors.New("the homeserver wants fewer requests")
	ErrNotFound    = errors.New("the homeserver does not know it")
	ErrNotInvited  = errors.New("the room is by invitation only")
	ErrWrongKey    = errors.New("the key does not open the account's secret storage")
)

// Homeserver is a homeserver that answers, and how one can log in there.
type Homeserver struct {
	BaseURL    string
	Password   bool // by user name and password
	DeviceCode bool // by OAuth 2.0, in a browser on any device; see [Bot.LogIn]

	client *mautrix.Client
}

// visitFor is how long one request may take while a person waits for it.
const visitFor = 20 * time.Second

// FindHomeserver looks up the homeserver that s names, a base URL or a server
// name, and asks it how to log in. The error is one of ErrNoSuchHost,
// ErrUnreachable, ErrCertificate, ErrNotMatrix and ErrNoLogin.
func FindHomeserver(ctx context.Context, s string) (*Homeserver, error) {
	base, err := discover(ctx, s)
	if err != nil {
		return nil, whyNot(err)
	}
	client, err := visitor(base)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotMatrix, err)
	}
	versions, err := client.Versions(ctx)
	switch {
	case err != nil:
		return nil, whyNot(err)
	case len(versions.Versions) == 0:
		return nil, ErrNotMatrix
	}
	h := &Homeserver{BaseURL: base, client: client}
	flows, err := client.GetLoginFlows(ctx)
	switch {
	case err == nil:
		h.Password = flows.HasFlow(mautrix.AuthTypePassword)
	case !permanent(err):
		return nil, whyNot(err)
	}
	if server, err := client.OAuthGetServerMetadata(ctx); err == nil {
		h.DeviceCode = slices.Contains(server.GrantTypesSupported, oauth.GrantTypeDeviceCode)
	}
	if !h.Password && !h.DeviceCode {
		return h, ErrNoLogin
	}
	return h, nil
}

// visitor returns a client that logs nothing and tries nothing twice: a
// person is waiting, and knows what to do.
func visitor(base string) (*mautrix.Client, error) {
	client, err := mautrix.NewClient(base, "", "")
	if err != nil {
		return nil, err
	}
	client.Client = &http.Client{Timeout: visitFor}
	client.UserAgent = "Wolkwijs " + mautrix.DefaultUserAgent
	client.Log = zerolog.Nop()
	client.DefaultHTTPRetries = 0
	return client, nil
}

// whyNot sorts a failed request.
func whyNot(err error) error {
	var dns *net.DNSError
	var http mautrix.HTTPError
	var network net.Error
	why := ErrNotMatrix
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &dns) && dns.IsNotFound:
		why = ErrNoSuchHost
	case errors.As(err, new(*tls.CertificateVerificationError)):
		why = ErrCertificate
	case errors.Is(err, mautrix.MLimitExceeded):
		why = ErrTooMany
	case errors.As(err, &http) && http.Response != nil:
	case errors.As(err, &network):
		why = ErrUnreachable
	}
	return fmt.Errorf("%w: %w", why, err)
}

// FindRoom returns the room that an alias stands for. The error is ErrNotFound
// where there is none.
func (h *Homeserver) FindRoom(ctx context.Context, alias id.RoomAlias) (id.RoomID, error) {
	found, err := h.client.ResolveAlias(ctx, alias)
	switch {
	case errors.Is(err, mautrix.MNotFound), err != nil && permanent(err):
		return "", fmt.Errorf("%w: %w", ErrNotFound, err)
	case err != nil:
		return "", whyNot(err)
	}
	return found.RoomID, nil
}

// Visit is a session that lasts as long as somebody sets the bot up. Nothing
// of it is kept; the bot logs in by itself later.
type Visit struct {
	UserID       id.UserID
	OtherDevices int // sessions of the account besides this one

	client *mautrix.Client
}

// Visit logs in by password. user is a user ID or its localpart. The error is
// ErrRefused where the two do not belong together. Visits end with
// [Visit.End].
func (h *Homeserver) Visit(ctx context.Context, user, password string) (*Visit, error) {
	resp, err := h.client.Login(ctx, &mautrix.ReqLogin{
		Type:                     mautrix.AuthTypePassword,
		Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: user},
		Password:                 password,
		InitialDeviceDisplayName: "Wolkwijs setup",
	})
	switch {
	case errors.Is(err, mautrix.MLimitExceeded):
		return nil, fmt.Errorf("%w: %w", ErrTooMany, err)
	case err != nil && permanent(err):
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	case err != nil:
		return nil, whyNot(err)
	}
	client, err := visitor(h.BaseURL)
	if err != nil {
		return nil, err
	}
	client.UserID, client.DeviceID, client.AccessToken = resp.UserID, resp.DeviceID, resp.AccessToken
	v := &Visit{UserID: resp.UserID, client: client}
	if devices, err := client.GetDevicesInfo(ctx); err == nil {
		v.OtherDevices = len(devices.Devices) - 1
	}
	return v, nil
}

// End logs out again, also when ctx has ended.
func (v *Visit) End(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), visitFor)
	defer cancel()
	_, err := v.client.Logout(ctx)
	return err
}

// Join joins a room by its alias or ID. The error is ErrNotFound where there
// is none, and ErrNotInvited where somebody has to invite the bot first.
func (v *Visit) Join(ctx context.Context, room string) error {
	_, err := v.client.JoinRoom(ctx, room, nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mautrix.MForbidden):
		return fmt.Errorf("%w: %w", ErrNotInvited, err)
	case permanent(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return whyNot(err)
}

// Knows says whether the homeserver knows an account, of its own or of
// another homeserver. The error is ErrNotFound where it does not.
func (v *Visit) Knows(ctx context.Context, user id.UserID) error {
	_, err := v.client.GetProfile(ctx, user)
	switch {
	case err == nil, errors.Is(err, mautrix.MForbidden):
		return nil
	case permanent(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return whyNot(err)
}

// NeedsRecoveryKey says whether the account has cross-signing keys already:
// then only its recovery key makes the bot a device that others trust.
func (v *Visit) NeedsRecoveryKey(ctx context.Context) (bool, error) {
	keys, err := v.client.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{v.UserID: {}}})
	if err != nil {
		return false, whyNot(err)
	}
	_, has := keys.MasterKeys[v.UserID]
	return has, nil
}

// TryRecoveryKey says whether key opens the account's secret storage. The
// error is ErrWrongKey where it does not.
func (v *Visit) TryRecoveryKey(ctx context.Context, key string) error {
	keyID, data, err := ssss.NewSSSSMachine(v.client).GetDefaultKeyData(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrongKey, err)
	}
	if _, err := data.VerifyRecoveryKey(keyID, key); err != nil {
		return fmt.Errorf("%w: %w", ErrWrongKey, err)
	}
	return nil
}
