package bot

import "testing"

func TestProfile(t *testing.T) {
	for _, tt := range []struct{ name, displayName, avatar, wantName, wantAvatar string }{
		{"a new account gets a name and a picture", "bot", "", "Wolkwijs", "mxc://hs.example/wolkwijs.png"},
		{"what the owner chose stays", "Clubbot", "mxc://hs.example/own", "Clubbot", "mxc://hs.example/own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.hs.SetProfile("displayname", tt.displayName)
				w.hs.SetProfile("avatar_url", tt.avatar)
				w.start()
				if name, avatar := w.hs.Profile("displayname"), w.hs.Profile("avatar_url"); name != tt.wantName || avatar != tt.wantAvatar {
					t.Errorf("name %v, avatar %v; want %q, %q", name, avatar, tt.wantName, tt.wantAvatar)
				}
				if name := w.bot.name.Load(); name == nil || *name != tt.wantName {
					t.Errorf("it believes to be called %v", name)
				}
			})
		})
	}
}
