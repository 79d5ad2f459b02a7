package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/tree"
	"wolkwijs/store"
)

// killedBot builds the bot that is killed: the program of the tests of package
// bot, see TestMain there.
var killedBot = sync.OnceValues(func() (string, error) {
	root, err := tree.Root()
	if err != nil {
		return "", err
	}
	dir, err := tree.Cache("killed")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "bot.test")
	build := exec.CommandContext(bed.ctx, "go", "test", "-c", "-o", program, "./bot")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the bot that is killed: %w\n%s", err, out)
	}
	return program, nil
})

// stepsPatience is how long it may take to kill a bot at every step.
const stepsPatience = 10 * time.Minute

// A bot that is killed at any step of posting a tip of the week posts it once
// all the same.
func TestKilledAtEveryStepOfAPost(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(bed.ctx, stepsPatience)
	t.Cleanup(cancel)
	w.ctx = ctx
	b := w.bot(nil)
	anna := w.member(mautrixGo, "anna")
	club := w.roomWith(b, anna, peer.Room{Name: "Club", Encrypted: true})
	w.answer(b, anna, w.ask(anna, club, "!rooster aan"))
	seen := map[id.EventID]bool{}
	w.killAtEveryStep(b, club, nil, func(posts int) {
		post, err := anna.Timeline().Await(w.ctx, func(e peer.Event) bool { return isPost(e.Raw) && !seen[e.ID] })
		w.must(err)
		seen[post.ID] = true
		// Whatever the bot would post twice, it would have posted before this.
		w.answer(b, anna, w.ask(anna, club, "!about"))
		if got := len(w.postsSeen(anna, club)); got != posts {
			t.Fatalf("%d posts, want %d", got, posts)
		}
	})
	for _, e := range w.postsSeen(anna, club) {
		if !e.Encrypted || e.Shield != "" || !strings.HasPrefix(e.Body(), "Tip van de week: ") {
			t.Errorf("posted: encrypted %v, warning %q: %s", e.Encrypted, e.Shield, e.FirstLine())
		}
	}
}

// The same, where the homeserver is restarted each time and so has forgotten
// which transaction IDs it has seen.
func TestKilledAtEveryStepWithTheHomeserver(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(bed.ctx, stepsPatience)
	t.Cleanup(cancel)
	w.ctx = ctx
	hs, err := homeserver.Start(w.ctx, homeserver.Options{Program: bed.dendrite, Dir: t.TempDir()})
	w.must(err)
	t.Cleanup(func() {
		if err := hs.Stop(); err != nil {
			t.Error(err)
		}
	})
	b := w.botOn(hs, nil)
	account, err := hs.Register(w.ctx, "anna")
	w.must(err)
	anna := w.plainClient(hs, account)
	room, err := anna.CreateRoom(w.ctx, &mautrix.ReqCreateRoom{Name: "Club", Invite: []id.UserID{b.id}})
	w.must(err)
	club := room.RoomID
	question, err := anna.SendText(w.ctx, club, "!rooster aan")
	w.must(err)
	w.until(func() bool { return w.replies(anna, club, question.EventID) == 1 })
	w.killAtEveryStep(b, club, func() {
		w.must(hs.Stop())
		w.must(hs.Restart(w.ctx))
	}, func(posts int) {
		w.until(func() bool { return len(w.posts(anna, club)) >= posts })
		question, err := anna.SendText(w.ctx, club, "!about")
		w.must(err)
		w.until(func() bool { return w.replies(anna, club, question.EventID) == 1 })
		if got := len(w.posts(anna, club)); got != posts {
			t.Fatalf("%d posts, want %d", got, posts)
		}
	})
}

// killAtEveryStep has a tip due in a room again and again, and the bot killed
// at one step after the other, until there are no more. Each time the real bot
// is started after that, after meanwhile has happened, and check is told how
// many posts there must be now.
func (w *world) killAtEveryStep(b *testBot, room id.RoomID, meanwhile func(), check func(posts int)) {
	w.t.Helper()
	program, err := killedBot()
	w.must(err)
	w.must(b.Stop())
	began := time.Now()
	for step := 1; ; step++ {
		w.due(b, room)
		cmd := exec.CommandContext(w.ctx, program)
		cmd.Dir = b.dir
		cmd.Env = append(os.Environ(), "WOLKWIJS_KILLED_BOT="+filepath.Join(b.dir, "config.toml"), fmt.Sprint("WOLKWIJS_KILLED_AT=", step))
		cmd.Stderr = b.log
		out, err := cmd.Output()
		said := strings.TrimSpace(string(out))
		if w.ctx.Err() != nil || err == nil && said != "done" || err != nil && !strings.HasPrefix(said, "killed ") {
			w.t.Fatalf("the bot to be killed at step %d said %q: %v", step, out, err)
		}
		if meanwhile != nil {
			meanwhile()
		}
		w.must(b.Restart(w.ctx))
		check(step)
		w.must(b.Stop())
		w.t.Logf("step %d: %s", step, said)
		if said == "done" {
			w.t.Logf("%d steps in %v", step-1, time.Since(began).Round(time.Second))
			if step < 8 {
				w.t.Errorf("only %d steps", step-1)
			}
			break
		}
	}
	w.must(b.Restart(w.ctx)) // to be stopped at the end of the test
}

// due has the tip of a room due now. The bot must not run.
func (w *world) due(b *testBot, room id.RoomID) {
	w.t.Helper()
	st, err := store.Open(w.ctx, "sqlite:"+filepath.Join(b.dir, "wolkwijs.db"))
	w.must(err)
	job, ok, err := st.Job(w.ctx, room, "tip", "")
	if err == nil && ok && (!job.Begun.IsZero() || !job.Occurrence.After(time.Now())) {
		w.t.Fatalf("the tip before is not done: %+v", job)
	}
	if err != nil || !ok {
		w.t.Fatalf("the room has no tip: %v, %v", ok, err)
	}
	job.Occurrence = time.Now().Add(-time.Second)
	job.Due = job.Occurrence
	w.must(st.PutJob(w.ctx, job))
	// A new key is made for the post and given to all in the room.
	_, err = st.Database().Exec(w.ctx, "DELETE FROM crypto_megolm_outbound_session")
	w.must(err)
	w.must(st.Close())
}

// isPost says whether the content of an event is that of a post that nobody
// asked for.
func isPost(content json.RawMessage) bool {
	var c map[string]any
	return json.Unmarshal(content, &c) == nil && c["wolkwijs.post"] != nil
}

// postsSeen are the posts in a room, as c saw them.
func (w *world) postsSeen(c peer.Client, room id.RoomID) []peer.Event {
	var posts []peer.Event
	for _, e := range c.Timeline().Events(room) {
		if e.Failure != "" {
			w.t.Fatalf("%s could not decrypt %s: %s", c.UserID(), e.ID, e.Failure)
		}
		if isPost(e.Raw) {
			posts = append(posts, e)
		}
	}
	return posts
}

// plainClient logs in without encryption and without syncing, for rooms on a
// homeserver that is restarted.
func (w *world) plainClient(hs *homeserver.Homeserver, account homeserver.Account) *mautrix.Client {
	w.t.Helper()
	c, err := mautrix.NewClient(hs.URL, "", "")
	w.must(err)
	_, err = c.Login(w.ctx, &mautrix.ReqLogin{
		Type:             mautrix.AuthTypePassword,
		Identifier:       mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: account.UserID},
		Password:         account.Password,
		StoreCredentials: true,
	})
	w.must(err)
	return c
}

// messages are the newest events of a room, newest first.
func (w *world) messages(c *mautrix.Client, room id.RoomID) []*event.Event {
	w.t.Helper()
	page, err := c.Messages(w.ctx, room, "", "", mautrix.DirectionBackward, nil, 500)
	w.must(err)
	return page.Chunk
}

func (w *world) posts(c *mautrix.Client, room id.RoomID) []*event.Event {
	w.t.Helper()
	var posts []*event.Event
	for _, e := range w.messages(c, room) {
		if e.Content.Raw["wolkwijs.post"] != nil {
			posts = append(posts, e)
		}
	}
	return posts
}

// replies is how often an event was replied to.
func (w *world) replies(c *mautrix.Client, room id.RoomID, to id.EventID) (n int) {
	w.t.Helper()
	for _, e := range w.messages(c, room) {
		relates, _ := e.Content.Raw["m.relates_to"].(map[string]any)
		reply, _ := relates["m.in_reply_to"].(map[string]any)
		if reply["event_id"] == string(to) {
			n++
		}
	}
	return n
}

// until asks again and again until it is so: a client that does not sync is
// told nothing.
func (w *world) until(so func() bool) {
	w.t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-w.ctx.Done():
			w.t.Fatalf("it did not come true: %v", context.Cause(w.ctx))
		}
	}
}
