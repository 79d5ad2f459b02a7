package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
	"wolkwijs/e2e/peer/jspeer"
)

// membersSize is how many encrypted rooms TestMembersReadAnswers has, and how
// many devices there are. WOLKWIJS_MEMBERS says otherwise, as "20x50".
var membersSize = struct{ rooms, devices int }{4, 10}

// rotation is after how many messages the rooms of TestMembersReadAnswers want
// another key.
const rotation = 3

// TestMembersReadAnswers has members with many devices come and go in many
// encrypted rooms. Each device of who is in a room reads each answer that is
// given there meanwhile, and no other device has the key of any.
func TestMembersReadAnswers(t *testing.T) {
	w := newWorld(t)
	size := membersSize
	if s := os.Getenv("WOLKWIJS_MEMBERS"); s != "" {
		if _, err := fmt.Sscanf(s, "%dx%d", &size.rooms, &size.devices); err != nil {
			t.Fatalf("WOLKWIJS_MEMBERS: %v", err)
		}
		ctx, cancel := context.WithTimeout(bed.ctx, 15*time.Minute)
		t.Cleanup(cancel)
		w.ctx = ctx
	}
	c := newCrowd(w, size.rooms, size.devices)
	c.step("questions until the key is replaced", "!tip 1", "!tip 2", "!alt chat", "!help")
	c.newDevices()
	c.step("a question after the new devices", "!tip 3")
	c.leave()
	c.step("a question after one has left", "!2fa")
	c.rejoin()
	c.step("questions after they came back", "!tip 4", "!tip 5", "!about")
	c.check()
}

// crowd is many members of the same rooms.
type crowd struct {
	w       *world
	bot     *testBot
	rooms   []id.RoomID
	devices []*device
	leaver  *device
	answers []*told
	timer   time.Time
}

// device is one device of a member.
type device struct {
	peer.Client
	name  string
	login peer.Login
	quiet *gopeer.Client // of a client that only syncs when told to
	in    map[id.RoomID]bool
}

// told is an answer of the bot, and who may read it.
type told struct {
	room     id.RoomID
	question id.EventID
	readers  map[*device]bool
}

// until waits until the device has seen an event.
func (d *device) until(ctx context.Context, match func(peer.Event) bool) error {
	if d.quiet != nil {
		return d.quiet.Until(ctx, match)
	}
	_, err := d.Timeline().Await(ctx, match)
	return err
}

// awaits waits until the device has seen a membership of user in a room.
func (d *device) awaits(ctx context.Context, room id.RoomID, user id.UserID, m event.Membership) error {
	err := d.until(ctx, func(e peer.Event) bool { return e.Room == room && e.Membership(user) == m })
	if err != nil {
		return fmt.Errorf("%s waits to see %s of %s in %s: %w", d.name, m, user, room, err)
	}
	return nil
}

// newCrowd starts the devices and has them join the rooms. One is in none, and
// the last one is not in the first half: it shares others with the bot. Some
// are matrix-js-sdk, if Node.js is there.
func newCrowd(w *world, rooms, devices int) *crowd {
	w.t.Helper()
	c := &crowd{w: w, timer: time.Now()}
	c.bot = w.bot(map[string]string{"log.level": "'info'"})
	c.devices = make([]*device, devices-1) // with those of newDevices, all but the outsider's
	each(w, len(c.devices), func(n int) (err error) {
		c.devices[n], err = w.device(fmt.Sprintf("member%d", n), n%24 == 1 && bed.noNode == nil, nil)
		return err
	})
	owner := c.devices[0]
	c.leaver = c.devices[2]
	for n := range rooms {
		room := w.room(owner, peer.Room{Name: fmt.Sprint("Room ", n), Alias: fmt.Sprintf("crowd.%d.%d", accounts.Add(1), n), Encrypted: true, Rotation: rotation, Invite: []id.UserID{c.bot.id}})
		c.rooms = append(c.rooms, room)
		owner.in[room] = true
	}
	outsider, absent := c.devices[len(c.devices)-1], c.devices[len(c.devices)-2]
	joinAll := func(live bool) {
		each(w, len(c.devices)-1, func(n int) error {
			d := c.devices[n+1]
			if d == outsider || live != (d.quiet == nil) {
				return nil
			}
			for i, room := range c.rooms {
				if d == absent && i < rooms/2 {
					continue
				}
				if err := d.join(w.ctx, room); err != nil {
					return err
				}
			}
			return nil
		})
	}
	// Clients that sync all the time come first: in a crowd, a homeserver may
	// tell them of a room before it tells that they are in it.
	joinAll(true)
	joinAll(false)
	c.done(fmt.Sprintf("%d rooms with %d devices made", rooms, len(c.devices)))
	return c
}

// device starts a device: of an account of its own, or the second of another's.
func (w *world) device(name string, js bool, first *device) (*device, error) {
	d := &device{name: name, in: map[id.RoomID]bool{}}
	if first != nil {
		d.login, d.in = first.login, maps.Clone(first.in)
	} else {
		account, err := bed.homeserver.Register(w.ctx, fmt.Sprintf("%s.%d", name, accounts.Add(1)))
		if err != nil {
			return nil, err
		}
		d.login = loginOf(account)
	}
	var err error
	if js {
		d.Client, err = jspeer.Start(w.ctx, d.login, jspeer.Options{Second: first != nil})
	} else {
		d.quiet, err = gopeer.Start(w.ctx, d.login, gopeer.Options{Second: first != nil, Quiet: true})
		d.Client = d.quiet
	}
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clients = append(w.clients, d)
	w.t.Cleanup(func() {
		if err := d.Close(); err != nil {
			w.t.Errorf("close the client of %s: %v", d.name, err)
		}
	})
	return d, nil
}

// loginOf is how the owner of an account logs in.
func loginOf(account homeserver.Account) peer.Login {
	return peer.Login{Homeserver: bed.homeserver.URL, UserID: id.UserID(account.UserID), Password: account.Password}
}

// join has a device join a room.
func (d *device) join(ctx context.Context, room id.RoomID) error {
	if err := d.Join(ctx, room); err != nil {
		return fmt.Errorf("%s joins: %w", d.name, err)
	}
	d.in[room] = true
	return nil
}

// each runs do for the numbers below n, some side by side.
func each(w *world, n int, do func(n int) error) {
	w.t.Helper()
	var all sync.WaitGroup
	slots := make(chan struct{}, 8)
	errs := make([]error, n)
	for i := range n {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[i] = do(i)
		})
	}
	all.Wait()
	w.must(errors.Join(errs...))
}

// done tells how far the test is.
func (c *crowd) done(what string) {
	c.w.t.Logf("%s: %v", what, time.Since(c.timer).Round(100*time.Millisecond))
	c.timer = time.Now()
}

// members are the devices of who is in a room.
func (c *crowd) members(room id.RoomID) map[*device]bool {
	all := map[*device]bool{}
	for _, d := range c.devices {
		if d.in[room] {
			all[d] = true
		}
	}
	return all
}

// step asks each question in each room, a member of each in turn, and has all
// members see the answers.
func (c *crowd) step(what string, questions ...string) {
	c.w.t.Helper()
	var mu sync.Mutex
	var news []*told
	each(c.w, len(c.rooms), func(n int) error {
		room := c.rooms[n]
		askers := []*device{c.devices[0], c.devices[1], c.devices[3]}
		for i, text := range questions {
			asker := askers[(n+i)%len(askers)]
			// Whoever writes must have seen who else is there.
			if err := c.upToDate(asker, room); err != nil {
				return err
			}
			question, err := asker.Send(c.w.ctx, room, peer.Text(text))
			if err != nil {
				return fmt.Errorf("%s asks: %w", asker.name, err)
			}
			answer := &told{room: room, question: question, readers: c.members(room)}
			if err := asker.until(c.w.ctx, answer.is(c.bot)); err != nil {
				return fmt.Errorf("%s waits for the answer: %w", asker.name, err)
			}
			mu.Lock()
			news = append(news, answer)
			mu.Unlock()
		}
		return nil
	})
	c.answers = append(c.answers, news...)
	each(c.w, len(c.devices), func(n int) error {
		for _, answer := range news {
			if d := c.devices[n]; answer.readers[d] {
				if err := d.until(c.w.ctx, answer.is(c.bot)); err != nil {
					return fmt.Errorf("%s does not read an answer: %w", d.name, err)
				}
			}
		}
		return nil
	})
	c.done(what)
}

// is says whether an event is the answer, readable.
func (a *told) is(b *testBot) func(peer.Event) bool {
	return func(e peer.Event) bool {
		return e.Room == a.room && e.Sender == b.id && e.Failure == "" && e.InReplyTo() == a.question
	}
}

// upToDate waits until a device has seen the bot and all other members of a
// room in it.
func (c *crowd) upToDate(d *device, room id.RoomID) error {
	users := map[id.UserID]bool{c.bot.id: true}
	for member := range c.members(room) {
		users[member.UserID()] = true
	}
	for user := range users {
		if err := d.awaits(c.w.ctx, room, user, event.MembershipJoin); err != nil {
			return err
		}
	}
	return nil
}

// newDevices gives two members, one of each library, another device.
func (c *crowd) newDevices() {
	c.w.t.Helper()
	for n, js := range []bool{false, bed.noNode == nil} {
		first := c.devices[n+4]
		d, err := c.w.device(first.name+"'s second", js, first)
		c.w.must(err)
		for room := range d.in {
			c.w.must(d.awaits(c.w.ctx, room, d.UserID(), event.MembershipJoin))
		}
		c.devices = append(c.devices, d)
	}
	c.done("two new devices")
}

// leave has a member leave all rooms, and waits until the bot knows.
func (c *crowd) leave() {
	c.w.t.Helper()
	for _, room := range c.rooms {
		c.w.must(c.leaver.Leave(c.w.ctx, room))
		delete(c.leaver.in, room)
	}
	c.seen(event.MembershipLeave)
	c.done("one left")
}

// rejoin has them come back.
func (c *crowd) rejoin() {
	c.w.t.Helper()
	for _, room := range c.rooms {
		c.w.must(c.leaver.join(c.w.ctx, room))
	}
	c.done("they came back")
}

// seen waits until those who ask know of the leaver's membership, so that the
// homeserver tells everybody before what is asked next.
func (c *crowd) seen(m event.Membership) {
	c.w.t.Helper()
	for _, room := range c.rooms {
		for _, d := range c.devices[:4] {
			if d == c.leaver {
				continue
			}
			c.w.must(d.awaits(c.w.ctx, room, c.leaver.UserID(), m))
		}
	}
}

// check looks at all answers as they are on the homeserver: encrypted, few
// with one key, and of no use to anybody who was not there.
func (c *crowd) check() {
	c.w.t.Helper()
	owner := c.devices[0].quiet
	used := map[id.SessionID]int{}
	var mu sync.Mutex
	secrets, reads := 0, 0
	each(c.w, len(c.answers), func(n int) error {
		answer := c.answers[n]
		found, err := owner.Timeline().Await(c.w.ctx, answer.is(c.bot))
		if err != nil {
			return err
		}
		raw, err := owner.Raw(c.w.ctx, answer.room, found.ID)
		if err != nil {
			return err
		}
		var wire struct {
			Type    string
			Content struct {
				SessionID id.SessionID `json:"session_id"`
				Body      string
			}
		}
		if err := json.Unmarshal(raw, &wire); err != nil {
			return err
		}
		if wire.Type != "m.room.encrypted" || wire.Content.Body != "" {
			c.w.t.Errorf("an answer is in the clear: %s", raw)
		}
		mu.Lock()
		used[wire.Content.SessionID]++
		mu.Unlock()
		for _, d := range c.devices {
			readable, err := d.Reads(c.w.ctx, raw)
			if err != nil {
				return fmt.Errorf("%s: %w", d.name, err)
			}
			if readable != answer.readers[d] {
				c.w.t.Errorf("%s can read an answer: %v, was there: %v", d.name, readable, answer.readers[d])
			}
			mu.Lock()
			if readable {
				reads++
			} else {
				secrets++
			}
			mu.Unlock()
		}
		return nil
	})
	for session, n := range used {
		if n > rotation {
			c.w.t.Errorf("%d answers were encrypted with the key %s", n, session)
		}
	}
	c.done("looked at the answers")
	c.w.t.Logf("%d answers in %d rooms with %d keys: %d times read by who was there, %d times not readable for others", len(c.answers), len(c.rooms), len(used), reads, secrets)
}
