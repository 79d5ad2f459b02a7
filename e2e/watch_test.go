package e2e_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/peer"
)

// A club watches a domain in an encrypted room. Its DMARC record goes: the
// next look sees it, the one after that tells it, once, whatever happens to
// the bot meanwhile.
func TestWatchInAnEncryptedRoom(t *testing.T) {
	with(t, []library{mautrixGo, matrixJS}, func(w *world, lib library) {
		server := dnstest.New(w.t, zone)
		b := w.bot(map[string]string{"dns.resolver": "'" + server.Addr() + "'"})
		database := filepath.Join(b.dir, "wolkwijs.db")
		anna, bram := w.member(lib, "anna"), w.member(mautrixGo, "bram")
		club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: true, Invite: []id.UserID{bram.UserID()}})
		w.must(bram.Join(w.ctx, club))
		w.must(peer.AwaitJoin(w.ctx, anna, club, bram.UserID()))

		refused := w.answer(b, bram, w.ask(bram, club, "!volg example.nl")).FirstLine()
		if !strings.Contains(refused, "mag alleen wie deze kamer beheert") {
			w.t.Errorf("a member without power: %q", refused)
		}
		if said := w.answer(b, anna, w.ask(anna, club, "!volg example.nl")).FirstLine(); said != "Goed, ik volg example.nl voor deze kamer." {
			w.t.Fatalf("the bot says %q", said)
		}
		w.must(b.Kill())
		w.must(server.SetZones(strings.Replace(zone, "_dmarc", "other", 1)))
		aWeekLater(w, database)
		w.must(b.Restart(w.ctx))
		for {
			said := w.answer(b, anna, w.ask(anna, club, "!volg")).Body()
			if strings.Contains(said, "lijkt iets veranderd") {
				break
			}
		}
		w.must(b.Kill())
		aWeekLater(w, database)
		w.must(b.Restart(w.ctx))
		isNews := func(e peer.Event) bool {
			return e.Room == club && e.Sender == b.id && e.FirstLine() == "DMARC van example.nl is veranderd."
		}
		for _, c := range []peer.Client{anna, bram} {
			news, err := c.Timeline().Await(w.ctx, isNews)
			w.must(err)
			w.checkAnswer(b, c, news)
			if !strings.Contains(news.Body(), "- DMARC: p=reject → geen\n") {
				w.t.Errorf("the news is %q", news.Body())
			}
		}
		w.must(b.Kill())
		w.must(b.Restart(w.ctx))
		// Whatever the bot would say twice, it would have said before this.
		w.answer(b, anna, w.ask(anna, club, "!ontvolg alles"))
		count := 0
		for _, e := range anna.Timeline().Events(club) {
			if isNews(e) {
				count++
			}
		}
		if count != 1 {
			w.t.Errorf("the bot told the news %d times", count)
		}
	})
}

// aWeekLater has the bot, which does not run, look at all watched domains as
// soon as it is started.
func aWeekLater(w *world, database string) {
	w.t.Helper()
	db, err := sql.Open("sqlite", database)
	w.must(err)
	_, err = db.ExecContext(w.ctx, "UPDATE job SET occurrence=1, due=1, state=json_remove(state, '$.next') WHERE kind='watch'")
	w.must(err)
	w.must(db.Close())
}
