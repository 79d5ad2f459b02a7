package bot

import (
	"context"
	"errors"
	"fmt"
	"os"

	"maunium.net/go/mautrix"

	"wolkwijs/store"
)

// ResetDevice ends the stored session, so that Run logs in anew on a new
// device. It is for when the homeserver has logged the bot out, or when its
// encryption keys are lost. How far the bot has read, rooms and settings stay;
// the recovery key makes the new device trusted.
func (b *Bot) ResetDevice(ctx context.Context) error {
	session, err := b.store.Session(ctx, b.cfg.Matrix.UserID)
	if err != nil {
		return err
	}
	if session != nil && session.AccessToken != "" {
		b.endOldSession(ctx, session)
	}
	if err := b.forgetDevice(ctx); err != nil {
		return err
	}
	b.log.Info().Msg("The old device is forgotten")
	return b.store.DropLogin(ctx, b.cfg.Matrix.UserID)
}

// endOldSession logs the old device out, if it still is in. Without that it
// would stay in the list of the account's sessions.
func (b *Bot) endOldSession(ctx context.Context, session *store.Session) {
	base, err := discover(ctx, b.cfg.Matrix.Homeserver)
	if err == nil {
		b.client, err = b.newClient(base)
	}
	if err == nil {
		b.takeUpTokens(session)
		_, err = b.client.Logout(mautrix.WithMaxRetries(ctx, 0))
	}
	if err != nil && !loggedOut(err) {
		b.log.Warn().Err(err).Msg("Cannot log the old device out; remove it in the account's list of sessions")
	}
}

// cryptoTables hold what belongs to a device. Keys to read messages are not
// among them: they stay, unless the key that protects them is gone.
var cryptoTables = []string{"crypto_olm_message_hash", "crypto_olm_session", "crypto_megolm_outbound_session", "crypto_account"}

// forgetDevice removes the device's encryption keys.
func (b *Bot) forgetDevice(ctx context.Context) error {
	tables := cryptoTables
	if _, err := os.Stat(b.cfg.Encryption.PickleKeyFile); errors.Is(err, os.ErrNotExist) {
		tables = append([]string{"crypto_megolm_inbound_session", "crypto_secrets"}, tables...)
	}
	db := b.store.Database()
	return db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, table := range tables {
			if exists, err := db.TableExists(ctx, table); err != nil {
				return err
			} else if !exists {
				continue // encryption was never used
			}
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE account_id=$1", cryptoAccount); err != nil {
				return fmt.Errorf("forgetting the old device: %w", err)
			}
		}
		return nil
	})
}

// replaceSession puts a new session in the place of the stored one, and goes
// on reading where that was.
func (b *Bot) replaceSession(ctx context.Context, session *store.Session) error {
	old, err := b.store.Session(ctx, b.cfg.Matrix.UserID)
	if err != nil {
		return err
	}
	if old != nil {
		session.Since, session.Created = old.Since, old.Created
		if old.AccessToken != "" {
			b.endOldSession(ctx, old)
		}
		if err := b.forgetDevice(ctx); err != nil {
			return err
		}
	}
	return b.store.SaveSession(ctx, b.cfg.Matrix.UserID, session)
}
