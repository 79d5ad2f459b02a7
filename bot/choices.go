package bot

import (
	"context"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"wolkwijs/answer"
	"wolkwijs/lang"
)

// The reactions that pick something.
const (
	keyYes  = "👍"
	keyNext = "➡️"
)

const (
	maxOffers    = 1000      // answers whose choices are remembered
	offerExpires = time.Hour // after that a reaction does nothing
)

// offer is what can be picked under one answer by a reaction. It is only kept
// in memory: it may hold what somebody asked.
type offer struct {
	delivery
	lang    lang.Code
	until   time.Time
	choices map[string]string // by reaction: the command
	next    []*answer.Answer  // the pages that follow
}

// offers are the answers under which something can be picked.
type offers struct {
	mu     sync.Mutex
	by     map[id.EventID]*offer
	order  []id.EventID             // oldest first
	newest map[id.RoomID]id.EventID // answers, also those under which nothing can be picked
}

// put notes what can be picked under an answer, which is the newest in its room.
func (o *offers) put(answer id.EventID, of *offer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by == nil {
		o.by, o.newest = map[id.EventID]*offer{}, map[id.RoomID]id.EventID{}
	}
	o.newest[of.room] = answer
	if len(of.choices) == 0 && len(of.next) == 0 {
		delete(o.by, answer) // an edited answer may have had some
		return
	}
	if _, known := o.by[answer]; !known {
		o.order = append(o.order, answer)
	}
	o.by[answer] = of
	for len(o.order) > maxOffers {
		delete(o.by, o.order[0])
		o.order = o.order[1:]
	}
}

// under returns what can be picked under an answer in a room. A reaction in one
// room to an answer in another, which homeservers let pass, picks nothing:
// whoever gives it may be allowed more there than here. The caller holds mu.
func (o *offers) under(room id.RoomID, answer id.EventID) *offer {
	if of := o.by[answer]; of != nil && of.room == room {
		return of
	}
	return nil
}

// has says whether a reaction to an answer in a room picks something.
func (o *offers) has(room id.RoomID, answer id.EventID, key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	of := o.under(room, answer)
	return of != nil && (of.choices[plainKey(key)] != "" || plainKey(key) == plainKey(keyNext) && len(of.next) > 0)
}

// take returns what a reaction to an answer in a room picks: a command, or the
// pages that follow. Each can be picked once; the answer is there for everyone.
func (o *offers) take(room id.RoomID, answer id.EventID, key string, now time.Time) (of offer, command string, pages []*answer.Answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	found := o.under(room, answer)
	if found == nil || now.After(found.until) {
		return offer{}, "", nil
	}
	key = plainKey(key)
	if command = found.choices[key]; command != "" {
		delete(found.choices, key)
	} else if key == plainKey(keyNext) {
		pages, found.next = found.next, nil
	}
	return *found, command, pages
}

// turn returns the pages that follow the newest answer in a room, if it has any.
func (o *offers) turn(room id.RoomID, now time.Time) (pages []*answer.Answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if of := o.under(room, o.newest[room]); of != nil && now.Before(of.until) {
		pages, of.next = of.next, nil
	}
	return pages
}

// plainKey is a reaction without variation selectors, which some clients send
// and others do not.
func plainKey(key string) string { return strings.ReplaceAll(key, "\ufe0f", "") }

// offer adds the reactions under a page of an answer that pick what comes next.
func (b *Bot) offer(d delivery, reply id.EventID, pages []*answer.Answer) {
	a, next := pages[0], pages[1:]
	of := &offer{delivery: d, lang: a.Lang, until: b.store.Now().Add(offerExpires), choices: map[string]string{}, next: next}
	var keys []string
	switch {
	case len(next) > 0:
		keys = []string{keyNext}
	case len(a.Choices) == 1:
		keys = []string{keyYes}
		of.choices[keyYes] = a.Choices[0].Command
	default:
		for i, c := range a.Choices[:min(len(a.Choices), 9)] {
			key := string(rune('1'+i)) + "\ufe0f\u20e3" // keycap 1 to 9
			keys = append(keys, key)
			of.choices[plainKey(key)] = c.Command
		}
	}
	b.offers.put(reply, of)
	if len(keys) == 0 {
		return
	}
	b.aside(func(ctx context.Context) {
		for _, key := range keys {
			_, err := b.client.SendMessageEvent(ctx, d.room, event.EventReaction, &event.ReactionEventContent{
				RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: reply, Key: key},
			}, mautrix.ReqSendEvent{TransactionID: transactionID(d.trigger, "offer "+key)})
			if err != nil {
				return // the choices can still be typed
			}
		}
	})
}

// picked answers a reaction that picks something, and counts one that is
// feedback. A thumb up that picks the only choice is no feedback.
func (b *Bot) picked(ctx context.Context, in incoming, evt *event.Event) {
	relates := evt.Content.AsReaction().RelatesTo
	of, command, pages := b.offers.take(evt.RoomID, relates.EventID, relates.Key, b.store.Now())
	if command == "" && len(pages) == 0 {
		b.rated(ctx, evt.RoomID, relates)
		b.done(ctx, evt.ID, "")
		return
	}
	d := of.delivery
	d.trigger, d.to, d.asked = evt.ID, relates.EventID, evt.Timestamp
	if len(pages) > 0 {
		reply, err := b.deliverPages(ctx, d, pages)
		b.settled(ctx, d, reply, err)
		return
	}
	kind := b.kind(ctx, d.room)
	b.answerWith(ctx, in, evt, d, b.asking(ctx, evt, b.cfg.Bot.Prefix+command, of.lang, kind))
}
