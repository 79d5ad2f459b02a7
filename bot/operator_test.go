package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// Admins see how the bot is, in a group without the list of rooms; others do
// not.
func TestAdminsSeeHowTheBotIs(t *testing.T) {
	watching(t, func(w *world, o *outside) {
		t := w.t
		w.cfg.Bot.Admins = []id.UserID{alice}
		w.start()
		club := w.club()
		w.hs.SetState(club, alice, "m.room.encryption", "", object{"algorithm": "m.megolm.v1.aes-sha2"})
		other := w.club()
		dm := w.direct()
		w.hs.Join(other, bob)
		w.hs.Say(dm, alice, "!taal nl")
		w.hs.Say(other, alice, "!watch club.nl")
		w.settle()
		must(t, w.store.CountFeedback(t.Context(), "alt:chat", true))
		w.pass(time.Minute)
		last := func(room id.RoomID) string {
			w.settle()
			body := ""
			for _, e := range w.hs.Events(room) {
				if e.Content["m.relates_to"] != nil {
					body = fmt.Sprint(e.Content["body"])
				}
			}
			return body
		}
		w.hs.Say(dm, alice, "!status")
		got := last(dm)
		for _, want := range []string{"Alles werkt.\n", "Kamers: 3;", "draait 1 minuut", "Wachtrij: 0\n", "in sync", "versleuteling staat uit", "Gevolgde domeinen: 1, niets te laat", "alt:chat: 👍 1, 👎 0"} {
			if !strings.Contains(got, want) {
				t.Errorf("!status does not say %q:\n%s", want, got)
			}
		}
		w.hs.Say(dm, alice, "!kamers")
		got = last(dm)
		for _, want := range []string{
			"Kamers: 3. Privéberichten: 1. Versleuteld: 1.",
			string(club) + ": groep\n",
			string(other) + ": groep, niet versleuteld, volgt 1 domein\n",
			string(dm) + ": privé, niet versleuteld, nl",
		} {
			if !strings.Contains(got+"\n", want) {
				t.Errorf("!kamers does not say %q:\n%s", want, got)
			}
		}
		w.hs.Say(other, alice, "!kamers")
		if got := last(other); !strings.Contains(got, "Kamers: 3.") || strings.Contains(got, string(club)) {
			t.Errorf("in a group: %s", got)
		}
		w.hs.Say(other, bob, "!status")
		if got := last(other); !strings.Contains(got, "alleen een beheerder van de bot") {
			t.Errorf("for a member: %s", got)
		}
	})
}
