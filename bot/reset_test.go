package bot

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// wantSigned checks that the bot's device is signed by its owner, without
// which many clients would not trust it.
func (w *world) wantSigned() {
	w.t.Helper()
	_, signed, err := w.bot.crypto.Machine().GetOwnVerificationStatus(context.Background())
	if err != nil || !signed {
		w.t.Errorf("the device is not signed (%v)", err)
	}
}

// Whatever is lost of the device, the recovery key makes a new one that reads
// and is read in encrypted rooms.
func TestNewDeviceWithTheRecoveryKey(t *testing.T) {
	reset := func(w *world) {
		w.change = func(b *Bot) {
			if err := b.ResetDevice(context.Background()); err != nil {
				w.t.Fatal(err)
			}
			w.change = nil
		}
	}
	for _, tt := range []struct {
		name string
		lose func(w *world)
		told bool   // the bot says what to do
		want string // what is said to a question that came meanwhile, with the old key
	}{
		{"logged out", func(w *world) { w.hs.LogOut() }, true, "meanwhile"},
		{"reset though all is well", func(w *world) {}, false, "meanwhile"},
		{"pickle key lost", func(w *world) { w.must(os.Remove(w.cfg.Encryption.PickleKeyFile)) }, true, textNoKey.NL},
		{"keys gone from the homeserver", func(w *world) { w.hs.ForgetDevices() }, true, textNoKey.NL},
		{"database lost", func(w *world) {
			for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
				if err := os.Remove(strings.TrimPrefix(w.cfg.Storage.Database, "sqlite:") + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
					w.t.Fatal(err)
				}
			}
		}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			encryptedWorld(t, func(w *world) {
				w.start()
				w.wantSigned()
				p := w.peer(alice)
				defer p.close()
				room := p.room("De club", 100)
				w.pass(time.Minute)
				p.say(room, "!echo one")
				w.pass(time.Minute)
				w.wantAnswers(p, room, "one")
				old := w.bot.client.DeviceID
				w.pass(time.Hour)
				w.must(w.end())

				tt.lose(w)
				w.pass(time.Second) // the member's client notices
				want := []string{"one"}
				if tt.want != "" {
					p.say(room, "!echo meanwhile")
					want = append(want, tt.want)
				}
				if tt.told {
					w.run()
					if err := w.result(); err == nil || !strings.Contains(err.Error(), "--reset-device") {
						t.Errorf("error = %v, want one that says what to do", err)
					}
					w.end()
				}
				if tt.name != "database lost" {
					reset(w)
				}
				w.start()
				w.pass(time.Minute)
				if w.bot.client.DeviceID == old {
					t.Error("it is the old device")
				}
				w.wantSigned()
				p.say(room, "!echo two")
				w.pass(time.Minute)
				w.wantAnswers(p, room, append(want, "two")...)
			})
		})
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
