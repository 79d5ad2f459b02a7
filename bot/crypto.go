package bot

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"wolkwijs/config"
	"wolkwijs/store"
)

// cryptoAccount is what the encryption library's tables call this account.
const cryptoAccount = "wolkwijs"

// setUpEncryption prepares the state store and, unless it is switched off,
// end-to-end encryption with a device that others can trust.
func (b *Bot) setUpEncryption(ctx context.Context) error {
	b.state = sqlstatestore.NewSQLStateStore(b.store.Database(), noting{dbutil.NoopLogger}, false)
	if err := b.state.Upgrade(ctx); err != nil {
		return fmt.Errorf("preparing the tables for room state: %w", err)
	}
	b.client.StateStore = b.state
	b.syncer = mautrix.NewDefaultSyncer()
	b.client.Syncer = listeners{b.syncer}
	b.syncer.OnEvent(func(ctx context.Context, evt *event.Event) {
		if !b.switchesOff(ctx, evt) {
			b.client.StateStoreSyncHandler(ctx, evt)
		}
	})
	if !b.cfg.Encryption.Enabled {
		return nil
	}
	key, err := pickleKey(b.cfg.Encryption.PickleKeyFile)
	if err != nil {
		return err
	}
	keys, err := b.newKeyStore(ctx, key)
	if err != nil {
		return err
	}
	helper, err := cryptohelper.NewCryptoHelper(b.client, key, keys)
	if err != nil {
		return fmt.Errorf("preparing encryption: %w", err)
	}
	err = b.patiently(ctx, "Waiting to publish the encryption keys", func() error {
		if err := b.published(ctx, keys); err != nil {
			return keysGone(err)
		}
		return keysGone(helper.Init(ctx))
	})
	if err != nil {
		return err
	}
	// Olm sessions and keys that come with a sync must be kept even if the
	// program is told to stop meanwhile, so they do not end with ctx.
	helper.Machine().SetBackgroundCtx(context.WithoutCancel(ctx))
	b.crypto, b.keys = helper, keys
	b.client.Crypto = gated{helper, b.gate}
	return b.patiently(ctx, "Waiting to sign the bot's device", func() error { return b.crossSign(ctx) })
}

// switchesOff says whether an event would have an encrypted room be plain from
// now on. Encryption cannot be switched off (Matrix specification,
// client-server API, "m.room.encryption"): whoever tries wants to read along.
func (b *Bot) switchesOff(ctx context.Context, evt *event.Event) bool {
	if evt.Type != event.StateEncryption {
		return false
	}
	content, ok := evt.Content.Parsed.(*event.EncryptionEventContent)
	if ok && content.Algorithm == id.AlgorithmMegolmV1 {
		return false
	}
	encrypted, err := b.state.IsEncrypted(ctx, evt.RoomID)
	return encrypted || err != nil
}

// keysGone tells failures that a person must mend from those that pass.
func keysGone(err error) error {
	switch {
	case loggedOut(err):
		return final{errLoggedOut}
	case err == nil, transient(err), store.Passing(err):
		return err
	}
	return final{fmt.Errorf("the encryption keys here and on the homeserver do not belong together (%w): run `wolkwijs run --reset-device` once; it makes a new session, which the recovery key makes trusted", err)}
}

// pickleKey reads the key that protects encryption keys in the database, or
// makes it at the first start.
func pickleKey(file string) ([]byte, error) {
	text, err := config.ReadSecret(file)
	if err == nil {
		return []byte(text), nil
	}
	if _, missing := os.Stat(file); !errors.Is(missing, os.ErrNotExist) {
		return nil, fmt.Errorf("encryption.pickle_key_file: %w", err)
	}
	key := make([]byte, 32)
	rand.Read(key)
	text = base64.RawStdEncoding.EncodeToString(key)
	if err := writeSecret(file, text); err != nil {
		return nil, fmt.Errorf("encryption.pickle_key_file: %w", err)
	}
	return []byte(text), nil
}

// writeSecret writes a secret file that only its owner can read. It is
// complete on disk, or not there at all. A file that was there is kept beside
// it with ".old" after its name.
func writeSecret(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text + "\n")
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if err := os.Rename(file, file+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(f.Name(), file)
}

// decrypt decrypts an event whose key is here. The error is
// crypto.ErrNoSessionFound where it may still come.
func (b *Bot) decrypt(ctx context.Context, evt *event.Event) (*event.Event, error) {
	if b.crypto == nil {
		return nil, errors.New("encryption is switched off")
	}
	if evt.Content.Parsed == nil {
		if err := evt.Content.ParseRaw(evt.Type); err != nil {
			return nil, err
		}
	}
	clear, err := b.crypto.Decrypt(ctx, evt)
	if err != nil {
		return nil, err
	}
	clear.Mautrix.EventSource |= event.SourceDecrypted
	return clear, nil
}

// decrypted says whether an event came encrypted.
func decrypted(evt *event.Event) bool { return evt.Mautrix.EventSource&event.SourceDecrypted != 0 }

// awaitKey waits for the key of an encrypted event, which ask asks for first,
// and says whether it came.
func (b *Bot) awaitKey(ctx context.Context, evt *event.Event, wait time.Duration, ask bool) bool {
	content := evt.Content.AsEncrypted()
	if ask {
		//lint:ignore SA1019 older clients still name their device, and it narrows the request down
		b.crypto.RequestSession(ctx, evt.RoomID, content.SenderKey, content.SessionID, evt.Sender, content.DeviceID)
	}
	return b.crypto.WaitForSession(ctx, evt.RoomID, content.SenderKey, content.SessionID, wait)
}

// noKey says whether err means that the key of an event is not here (yet).
func noKey(err error) bool { return errors.Is(err, crypto.ErrNoSessionFound) }
