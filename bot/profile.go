package bot

import (
	"context"
	_ "embed"

	"maunium.net/go/mautrix"
)

// avatar is the bot's picture, drawn in profile/avatar.svg.
//
//go:embed profile/avatar.png
var avatar []byte

// displayName is what the bot calls itself until its owner chooses a name.
const displayName = "Wolkwijs"

// introduce learns the account's display name, and gives it a name and a
// picture where it has none. A homeserver names a new account after its
// localpart, which counts as none.
func (b *Bot) introduce(ctx context.Context) {
	once := mautrix.WithMaxRetries(ctx, 0) // the next start tries again
	profile, err := b.client.GetProfile(once, b.client.UserID)
	if err != nil {
		b.log.Debug().Err(err).Msg("No profile")
		return
	}
	name := profile.DisplayName
	if name == "" || name == localpart(b.client.UserID) {
		if err := b.client.SetDisplayName(once, displayName); err != nil {
			b.log.Debug().Err(err).Msg("Cannot set the display name")
		} else {
			name = displayName
		}
	}
	b.name.Store(&name)
	if !profile.AvatarURL.IsEmpty() {
		return
	}
	b.aside(func(ctx context.Context) {
		picture, err := b.client.UploadBytesWithName(ctx, avatar, "image/png", "wolkwijs.png")
		if err == nil {
			err = b.client.SetAvatarURL(ctx, picture.ContentURI)
		}
		if err != nil {
			b.log.Debug().Err(err).Msg("Cannot set the picture")
		}
	})
}
