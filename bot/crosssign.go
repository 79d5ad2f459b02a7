package bot

import (
	"context"
	"errors"
	"fmt"
	"os"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"

	"wolkwijs/config"
)

// crossSign makes the bot's device one that its owner has signed. Clients
// exclude devices that are not (MSC4153), so without it the bot is deaf and
// mute in encrypted rooms. At the first start it makes the cross-signing keys
// and a recovery key; later the recovery key signs a new device.
func (b *Bot) crossSign(ctx context.Context) error {
	machine := b.crypto.Machine()
	hasKeys, signed, err := machine.GetOwnVerificationStatus(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("asking for the bot's own cross-signing keys: %w", err)
	case signed:
		return nil
	case !hasKeys:
		return b.makeCrossSigningKeys(ctx, machine)
	}
	file := b.cfg.Encryption.RecoveryKeyFile
	recovery, err := config.ReadSecret(file)
	if errors.Is(statError(file), os.ErrNotExist) {
		b.log.Error().Msg("The account has cross-signing keys, but encryption.recovery_key_file does not exist: put the account's recovery key there. Until then many clients do not trust the bot, and it cannot read or answer in encrypted rooms")
		return nil
	}
	if err != nil {
		return final{fmt.Errorf("encryption.recovery_key_file: %w", err)}
	}
	if err := machine.VerifyWithRecoveryKey(ctx, recovery); err != nil {
		if transient(err) {
			return err
		}
		return final{fmt.Errorf("encryption.recovery_key_file: the key does not open the account's secret storage (%w): put the account's own recovery key there", err)}
	}
	b.log.Info().Msg("The bot's device is signed with the recovery key")
	return nil
}

// makeCrossSigningKeys makes cross-signing keys and keeps them in secret
// storage on the homeserver, which the recovery key opens. That key is on
// disk before anything depends on it, and secret storage is complete before
// the keys are published: after a crash at any point the next start goes on.
func (b *Bot) makeCrossSigningKeys(ctx context.Context, machine *crypto.OlmMachine) error {
	recovery, err := machine.SSSS.GenerateAndUploadKey(ctx, "")
	if err != nil {
		return fmt.Errorf("making a recovery key: %w", err)
	}
	if err := writeSecret(b.cfg.Encryption.RecoveryKeyFile, recovery.RecoveryKey()); err != nil {
		return final{fmt.Errorf("encryption.recovery_key_file: %w", err)}
	}
	keys, err := machine.GenerateCrossSigningKeys()
	if err != nil {
		return fmt.Errorf("making cross-signing keys: %w", err)
	}
	if err := machine.UploadCrossSigningKeysToSSSS(ctx, recovery, keys); err != nil {
		return fmt.Errorf("storing the cross-signing keys: %w", err)
	}
	if err := machine.SSSS.SetDefaultKeyID(ctx, recovery.ID); err != nil {
		return fmt.Errorf("naming the recovery key: %w", err)
	}
	if err := machine.PublishCrossSigningKeys(ctx, keys, b.confirmWithPassword); err != nil {
		if permanent(err) && !byProxy(err) {
			return final{fmt.Errorf("the homeserver wants the account's password to publish cross-signing keys (%w): set matrix.password_file for the first start", err)}
		}
		return fmt.Errorf("publishing the cross-signing keys: %w", err)
	}
	if err := machine.SignOwnDevice(ctx, machine.OwnIdentity()); err != nil {
		return fmt.Errorf("signing the bot's device: %w", err)
	}
	if err := machine.SignOwnMasterKey(ctx); err != nil {
		return fmt.Errorf("signing the bot's master key: %w", err)
	}
	b.log.Info().Str("file", b.cfg.Encryption.RecoveryKeyFile).Msg("The bot's device is signed; keep a copy of the recovery key elsewhere")
	return nil
}

// confirmWithPassword answers the homeserver's request to prove that it is
// really the owner who publishes keys (Matrix specification, client-server
// API, "User-Interactive Authentication"). It gives up without a password.
func (b *Bot) confirmWithPassword(asked *mautrix.RespUserInteractive) any {
	secret, err := b.cfg.Matrix.Secret()
	if err != nil || secret.Password == "" {
		return nil
	}
	return &mautrix.ReqUIAuthLogin{
		BaseAuthData: mautrix.BaseAuthData{Type: mautrix.AuthTypePassword, Session: asked.Session},
		User:         string(b.client.UserID),
		Password:     secret.Password,
	}
}

// transient says whether err came from the homeserver or the way to it, and
// may pass by itself.
func transient(err error) bool {
	var http mautrix.HTTPError
	return errors.As(err, &http) && (!permanent(err) || byProxy(err))
}

func statError(file string) error {
	_, err := os.Stat(file)
	return err
}
