package change_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"wolkwijs/domaincheck/change"
	"wolkwijs/knowledge"
)

// A company is found out about, renamed or described otherwise in the
// knowledge base, while the records stay the same.
func TestKnowledgeIsNoChange(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(all []knowledge.Provider) []knowledge.Provider
		want string
	}{
		{"another name", func(all []knowledge.Provider) []knowledge.Provider { all[0].Name = "Huge Mail"; return all }, ""},
		{"another ID", func(all []knowledge.Provider) []knowledge.Provider {
			all[0].ID, all[3].ID = "huge", "hosters"
			return all
		}, ""},
		{"companies that were not known", func(all []knowledge.Provider) []knowledge.Provider { return all[1:3] }, ""},
		{"an owner that is not known any more", func(all []knowledge.Provider) []knowledge.Provider {
			all[3].OwnerCountry, all[3].HQCountry = "", ""
			return all
		}, ""},
		{"a company that was sold", func(all []knowledge.Provider) []knowledge.Provider {
			all[3].Owner, all[3].OwnerCountry = "Holding Inc.", "US"
			return all
		}, "dns: host EU → host US\nweb: AS64500 unknown, host EU → AS64500 unknown, host US"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, _ := look(t, zones, companies(), signed)
			after, _ := look(t, zones, tt.edit(companies()), signed)
			if got := tell(change.Compare(before, after)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if tt.want == "" { // nor is it one the other way round
				if got := tell(change.Compare(after, before)); got != "" {
					t.Errorf("back again: %s", got)
				}
			}
		})
	}
}

// A record with many networks is written by a program.
func TestManyNetworksAreOne(t *testing.T) {
	spf := func(networks ...string) string {
		return edited("- @ TXT\n@ TXT \"v=spf1 ip4:" + strings.Join(networks, " ip4:") + " ~all\"\n")
	}
	var many, others []string
	for _, n := range strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12") {
		many, others = append(many, "203.0.113."+n), append(others, "198.51.100."+n)
	}
	a, _ := look(t, spf(many...), companies())
	b, _ := look(t, spf(others...), companies())
	if got := tell(change.Compare(a, b)); got != "" {
		t.Errorf("other networks: %s", got)
	}
	c, _ := look(t, spf(many[:3]...), companies())
	d, _ := look(t, spf(many[0], many[1], many[3]), companies())
	if got, want := tell(change.Compare(c, d)), "senders: 203.0.113.1/32, 203.0.113.2/32, 203.0.113.3/32 → 203.0.113.1/32, 203.0.113.2/32, 203.0.113.4/32"; got != want {
		t.Errorf("one of three: %s", got)
	}
}

// of is a snapshot in which a subject has the named items.
func of(s change.Subject, names ...string) change.Snapshot {
	snapshot, err := change.Parse(`{"v":1,"is":{"domain":{"items":[{"name":"exists"}]}}}`)
	if err != nil {
		panic(err)
	}
	var v change.Value
	for _, n := range names {
		v.Items = append(v.Items, change.Item{Name: n})
	}
	snapshot.Values[s] = v
	return snapshot
}

// without are the looks at which something could not be looked up.
func without(snapshot change.Snapshot, s change.Subject) change.Snapshot {
	delete(snapshot.Values, s)
	return snapshot
}

var gone = of(change.Domain, change.Gone)

// TestLooks plays looks one after the other: what each finds, when the next
// one comes (zero: at the usual time), and what is told.
func TestLooks(t *testing.T) {
	a, b, c := of(change.MX, "a"), of(change.MX, "b"), of(change.MX, "c")
	failed := without(of(change.MX), change.MX)
	type step struct {
		found change.Snapshot
		again time.Duration
		told  string
	}
	const h = time.Hour
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"nothing", []step{{a, 0, ""}, {a, 0, ""}}},
		{"told at the second look", []step{{b, h, ""}, {b, 0, "mx: a → b"}, {b, 0, ""}}},
		{"back again before that", []step{{b, h, ""}, {a, 0, ""}, {b, h, ""}}},
		{"there and back", []step{{b, h, ""}, {b, 0, "mx: a → b"}, {a, h, ""}, {a, 0, "mx: b → a"}}},
		{"something else again", []step{{b, h, ""}, {c, 2 * h, ""}, {c, 0, "mx: a → c"}}},
		{"never the same", []step{{b, h, ""}, {c, 2 * h, ""}, {b, 4 * h, ""}, {c, 8 * h, ""}, {b, 16 * h, ""}, {c, 32 * h, ""}, {b, 64 * h, ""}, {c, 128 * h, ""}, {b, 168 * h, ""}, {c, 168 * h, ""}, {c, 0, "mx: a → c"}}},
		{"cannot be looked up", []step{{failed, 0, ""}, {a, 0, ""}, {failed, 0, ""}, {b, h, ""}}},
		{"cannot be looked up to be sure", []step{{b, h, ""}, {failed, 2 * h, ""}, {b, 0, "mx: a → b"}}},
		{"gone for a moment", []step{{gone, 24 * h, ""}, {a, 0, ""}}},
		{"gone for a day, and back", []step{{gone, 24 * h, ""}, {gone, 0, "domain: exists → gone"}, {gone, 0, ""}, {a, h, ""}, {a, 0, "domain: gone → exists"}}},
		{"gone, and back elsewhere", []step{{gone, 24 * h, ""}, {gone, 0, "domain: exists → gone"}, {b, h, ""}, {b, 0, "domain: gone → exists\nmx: a → b"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			state := change.State{Seen: a}
			for i, s := range tt.steps {
				next, changes, again := state.Look(s.found)
				if got := tell(changes); got != s.told || again != s.again {
					t.Fatalf("look %d: told %q, again after %v; want %q, %v", i+1, got, again, s.told, s.again)
				}
				var err error
				if state, err = change.ParseState(next.String()); err != nil || !reflect.DeepEqual(state, next) {
					t.Fatalf("look %d: kept as\n%s\nread as\n%+v, %v", i+1, next, state, err)
				}
			}
		})
	}
}

// What is learned at a look that changes nothing counts from then on.
func TestLearned(t *testing.T) {
	state := change.State{Seen: without(of(change.MX), change.MX)}
	state, changes, _ := state.Look(of(change.MX, "a"))
	if len(changes) > 0 || len(state.Seen.Items(change.MX)) != 1 {
		t.Fatalf("%v, %v", state, changes)
	}
	if _, changes, again := state.Look(of(change.MX, "b")); len(changes) > 0 || again == 0 {
		t.Errorf("told %v, again after %v", changes, again)
	}
}

func TestUnreadable(t *testing.T) {
	for text, want := range map[string]error{
		``:            nil,
		`{`:           nil,
		`[]`:          nil,
		`{"is":3}`:    nil,
		`{}`:          change.ErrVersion,
		`{"v":2}`:     change.ErrVersion,
		`{"v":"1"}`:   nil,
		`{"seen":{}}`: change.ErrVersion,
	} {
		if _, err := change.Parse(text); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("snapshot %s: %v", text, err)
		}
		if _, err := change.ParseState(text); err == nil {
			t.Errorf("state %s: no error", text)
		}
	}
}

// FuzzCompare holds the laws of comparing: a snapshot is as itself in another
// order, what is not known does not change, and what is taken over is not
// told again. Nothing that is kept can make it panic.
func FuzzCompare(f *testing.F) {
	f.Add(of(change.MX, "a", "b").String(), gone.String(), uint64(1))
	f.Add(`{"v":1,"is":{"mail":{"items":[{"name":"x","law":"US"},{"name":"x","law":"EU"}],"marks":"m"}}}`, `{"v":1,"is":{"mail":{"items":[{"name":"y"}],"marks":"m"},"dmarc":{"items":[{"name":"p=reject"}]}}}`, uint64(2))
	f.Add(`{"v":1,"is":{"dns":{},"nonsense":{}}}`, `{"v":1}`, uint64(3))
	f.Fuzz(func(t *testing.T, one, other string, seed uint64) {
		var raw [2]change.Snapshot
		for i, text := range []string{one, other} {
			_ = json.Unmarshal([]byte(text), &raw[i])
		}
		a, b := raw[0], raw[1]
		if got := change.Compare(a, shuffled(a, seed)); len(got) > 0 {
			t.Errorf("in another order: %s", tell(got))
		}
		for _, c := range change.Compare(a, b) {
			c.Meaning()
			_, inA := a.Values[c.Subject]
			_, inB := b.Values[c.Subject]
			if !inA || !inB {
				t.Errorf("%s changed, and was not known", c.Subject)
			}
		}
		change.Meanings(change.Compare(a, b))
		a.Version, b.Version = 1, 1
		a, errA := change.Parse(a.String())
		b, errB := change.Parse(b.String())
		if errA != nil || errB != nil {
			t.Fatalf("what was written cannot be read: %v, %v", errA, errB)
		}
		state, changes, again := change.State{Seen: a}.Look(b)
		if len(changes) > 0 || (again == 0) != (len(change.Compare(a, b)) == 0) {
			t.Errorf("told %s at the first look; again after %v", tell(changes), again)
		}
		state, changes, again = state.Look(b)
		if want := change.Compare(a, b); tell(changes) != tell(want) || again != 0 {
			t.Errorf("told %q at the second look, want %q; again after %v", tell(changes), tell(want), again)
		}
		if _, changes, again = state.Look(b); len(changes) > 0 || again != 0 {
			t.Errorf("told %s at the third look; again after %v", tell(changes), again)
		}
	})
}

// shuffled is a snapshot with its items in another order, some of them twice.
func shuffled(s change.Snapshot, seed uint64) change.Snapshot {
	r := rand.New(rand.NewPCG(seed, 0))
	c := change.Snapshot{Version: s.Version, Values: map[change.Subject]change.Value{}}
	for subject, v := range s.Values {
		items := append([]change.Item{}, v.Items...)
		if len(items) > 0 {
			items = append(items, items[r.IntN(len(items))])
		}
		r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		v.Items = items
		c.Values[subject] = v
	}
	return c
}
