package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// keyStore is the encryption library's store in the database, with three
// things made sure that the library's own leaves open.
//
// Nobody waits for ever. To list Olm sessions the library takes a database
// connection and then the lock of its cache; to find the latest one it takes
// the lock and then a connection. With one connection, as SQLite has here, two
// that do so at once wait for each other: an answer that shares a key while a
// key comes in. Here they take turns.
//
// Nothing is half done. A key comes in an Olm message that can be decrypted
// once. The library notes that it was, and stores the key afterwards: when the
// program dies in between, the key is lost and with it what is encrypted with
// it. Here both are written in one transaction; before that, the message comes
// again and can be decrypted again.
//
// A full disk is waited out where the library would only log that it could
// not write.
type keyStore struct {
	*crypto.SQLCryptoStore
	log   zerolog.Logger
	pause func(attempt int, err error) time.Duration

	turns sync.Mutex // taken before a connection for Olm sessions
}

// newKeyStore returns the store of the account's keys for a device, with its
// tables up to date.
func (b *Bot) newKeyStore(ctx context.Context, pickleKey []byte) (*keyStore, error) {
	s := &keyStore{
		SQLCryptoStore: crypto.NewSQLCryptoStore(b.store.Database(), noting{dbutil.NoopLogger}, cryptoAccount, b.client.DeviceID, pickleKey),
		log:            b.log,
		pause:          b.pause,
	}
	if err := s.DB.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("preparing the tables for encryption: %w", err)
	}
	return s, nil
}

// GetSessions implements [crypto.Store].
func (s *keyStore) GetSessions(ctx context.Context, key id.SenderKey) (crypto.OlmSessionList, error) {
	s.turns.Lock()
	defer s.turns.Unlock()
	// The library does not close what it reads from when that fails; the end
	// of the context does.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return s.SQLCryptoStore.GetSessions(ctx, key)
}

// GetLatestSession implements [crypto.Store].
func (s *keyStore) GetLatestSession(ctx context.Context, key id.SenderKey) (*crypto.OlmSession, error) {
	s.turns.Lock()
	defer s.turns.Unlock()
	return s.SQLCryptoStore.GetLatestSession(ctx, key)
}

// GetOlmHash implements [crypto.Store]. It is the first thing that happens to
// an Olm message, so what the one before it left is written now.
func (s *keyStore) GetOlmHash(ctx context.Context, hash [32]byte) (time.Time, error) {
	if err := s.write(ctx, nil); err != nil {
		return time.Time{}, err
	}
	return s.SQLCryptoStore.GetOlmHash(ctx, hash)
}

// PutOlmHash implements [crypto.Store].
func (s *keyStore) PutOlmHash(ctx context.Context, hash [32]byte, at time.Time) error {
	return s.later(ctx, func(ctx context.Context) error { return s.SQLCryptoStore.PutOlmHash(ctx, hash, at) })
}

// UpdateSession implements [crypto.Store]. The session is written as it is
// now, under the library's lock.
func (s *keyStore) UpdateSession(ctx context.Context, _ id.SenderKey, session *crypto.OlmSession) error {
	pickled, err := session.Internal.Pickle(s.PickleKey)
	if err != nil {
		return err
	}
	encrypted, decrypted := session.LastEncryptedTime, session.LastDecryptedTime
	return s.later(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, "UPDATE crypto_olm_session SET session=$1, last_encrypted=$2, last_decrypted=$3 WHERE session_id=$4 AND account_id=$5",
			pickled, encrypted, decrypted, session.ID(), s.AccountID)
		return err
	})
}

// AddSession implements [crypto.Store].
func (s *keyStore) AddSession(ctx context.Context, key id.SenderKey, session *crypto.OlmSession) error {
	if in := intakeOf(ctx); in != nil {
		in.expect()
	}
	return s.later(ctx, func(ctx context.Context) error { return s.SQLCryptoStore.AddSession(ctx, key, session) })
}

// PutAccount implements [crypto.Store]. The account belongs to the message
// being decrypted if that has just used up one of its one-time keys, and is
// otherwise about to be published.
func (s *keyStore) PutAccount(ctx context.Context, account *crypto.OlmAccount) error {
	put := func(ctx context.Context) error { return s.SQLCryptoStore.PutAccount(ctx, account) }
	if in := intakeOf(ctx); in != nil && in.expected() {
		return s.later(ctx, put)
	}
	return s.write(ctx, put)
}

// PutGroupSession implements [crypto.Store]: a key has come, and its message
// is done with.
func (s *keyStore) PutGroupSession(ctx context.Context, session *crypto.InboundGroupSession) error {
	return s.write(ctx, func(ctx context.Context) error { return s.SQLCryptoStore.PutGroupSession(ctx, session) })
}

// later keeps something to be written together with what the message brings.
// Outside the handling of a /sync it is written at once.
func (s *keyStore) later(ctx context.Context, put func(context.Context) error) error {
	if in := intakeOf(ctx); in != nil && in.keep(put) {
		return nil
	}
	return s.write(ctx, put)
}

// write writes what was kept, and put if it is not nil, all or nothing. It
// waits for failures to pass that can. What fails for good is given up.
func (s *keyStore) write(ctx context.Context, put func(context.Context) error) error {
	var puts []func(context.Context) error
	if in := intakeOf(ctx); in != nil {
		puts = in.take()
	}
	if put != nil {
		puts = append(puts, put)
	}
	if len(puts) == 0 {
		return nil
	}
	for attempt := 0; ; attempt++ {
		err := s.try(ctx, puts)
		if !store.Passing(err) {
			return err
		}
		wait := s.pause(attempt, err)
		s.log.Error().Err(err).Dur("again_in", wait).Msg("Cannot store encryption keys")
		if !sleep(ctx, wait) {
			return err
		}
	}
}

// try writes in one transaction.
func (s *keyStore) try(ctx context.Context, puts []func(context.Context) error) error {
	s.turns.Lock() // before the connection, as above
	defer s.turns.Unlock()
	return s.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, put := range puts {
			if err := put(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// published checks that the stored keys are of this device. It makes up for a
// crash between the upload of a new device's keys and the note that they were
// uploaded: the library would refuse to go on.
func (b *Bot) published(ctx context.Context, keys *keyStore) error {
	if device, err := keys.FindDeviceID(ctx); err != nil {
		return err
	} else if device != "" && device != b.client.DeviceID {
		return errors.New("they are of another device")
	}
	account, err := keys.GetAccount(ctx)
	if err != nil || account == nil || account.Shared {
		return err
	}
	resp, err := b.client.QueryKeys(ctx, queryDevice(b.client.UserID, b.client.DeviceID))
	if err != nil {
		return err
	}
	device := resp.DeviceKeys[b.client.UserID][b.client.DeviceID]
	if device.Keys.GetEd25519(b.client.DeviceID) != account.SigningKey() {
		return nil
	}
	account.Shared = true
	return keys.PutAccount(ctx, account)
}
