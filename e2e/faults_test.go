package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wolkwijs/e2e/clock"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/smalldisk"
)

// A fault is something that goes wrong, again and again.
type fault struct {
	name  string
	times int // in a full run; a short one has some of them
	short int
	// before changes what there is before the bot starts.
	before func(f *faulty)
	// strike has it go wrong once, and returns when that is over.
	strike func(f *faulty)
	// real says whether the bot felt it.
	real func(f *faulty) bool
	// queues says that the homeserver is killed, and may show later what it
	// had queued.
	queues bool
	// full says that it is for a full run only.
	full bool
}

var faults = []fault{
	{name: "bot killed", times: 30, short: 4, strike: func(f *faulty) {
		f.must(f.bot.Kill())
		for f.dice.IntN(3) == 0 { // and killed again while it starts
			ctx, cancel := context.WithTimeout(f.ctx, time.Duration(f.dice.IntN(150))*time.Millisecond)
			if f.bot.Restart(ctx) == nil {
				f.must(f.bot.Kill())
			}
			cancel()
		}
		f.over()
		f.must(f.bot.Restart(f.ctx))
	}},
	{name: "homeserver killed", times: 10, short: 2, queues: true, strike: func(f *faulty) {
		f.must(f.homeserver.Kill())
		f.pause(3 * time.Second)
		f.must(f.homeserver.Restart(f.ctx))
		f.over()
	}},
	{name: "both killed", times: 10, short: 2, queues: true, strike: func(f *faulty) {
		f.must(errors.Join(f.homeserver.Kill(), f.bot.Kill()))
		f.must(f.homeserver.Restart(f.ctx))
		f.over()
		f.must(f.bot.Restart(f.ctx))
	}},
	{name: "connections reset", times: 40, short: 10, strike: func(f *faulty) {
		f.proxy.Reset()
		f.over()
	}, real: func(f *faulty) bool { return f.proxy.Counts().Reset > 0 }},
	{name: "answers 30 s late", times: 3, short: 1, strike: func(f *faulty) {
		f.proxy.Delay(30 * time.Second)
		f.wait(35 * time.Second)
		f.proxy.Delay(0)
		f.over()
	}, real: func(f *faulty) bool { return f.proxy.Counts().Delayed > 0 }},
	{name: "429 storm", times: 10, short: 2, strike: func(f *faulty) {
		f.proxy.Refuse(time.Duration(1+f.dice.IntN(3)) * time.Second)
		f.pause(8 * time.Second)
		f.proxy.Refuse(0)
		f.over()
	}, real: func(f *faulty) bool { return f.proxy.Counts().Refused > 0 }},
	{name: "rate limit of Dendrite", times: 0, short: 0, before: func(f *faulty) {
		f.limit = homeserver.RateLimit{Threshold: 2, Cooloff: time.Second}
	}, real: func(f *faulty) bool { return strings.Contains(f.log.String(), "status_code=429") }},
	{name: "disk full", times: 8, short: 2, before: (*faulty).smallDisk, strike: func(f *faulty) {
		// A new write-ahead log has no room of its own yet.
		f.must(f.bot.Stop())
		f.must(f.bot.Restart(f.ctx))
		f.must(f.disk.Fill())
		f.pause(4 * time.Second)
		if f.dice.IntN(2) == 0 {
			f.must(f.bot.Kill())
			// It may wait for room or end; a service manager starts it again.
			ctx, cancel := context.WithTimeout(f.ctx, 2*time.Second)
			started := f.bot.Restart(ctx) == nil
			cancel()
			f.must(f.disk.Free())
			f.over()
			if !started {
				f.must(f.bot.Restart(f.ctx))
			}
			return
		}
		f.must(f.disk.Free())
		f.over()
	}, real: func(f *faulty) bool { return strings.Contains(f.log.String(), "disk is full") }},
	// The program is built anew for this, with another clock.
	{name: "clock moved", times: 30, full: true, before: (*faulty).movableClock, strike: func(f *faulty) {
		ahead := []time.Duration{time.Hour, 25 * time.Hour, 365 * 24 * time.Hour}[f.dice.IntN(3)]
		if f.dice.IntN(2) == 0 {
			ahead = -ahead
		}
		f.must(f.clock.Move(ahead))
		if f.dice.IntN(4) == 0 {
			f.must(f.bot.Kill())
			f.must(f.bot.Restart(f.ctx))
		}
		f.over()
	}, real: func(f *faulty) bool {
		return strings.Contains(f.log.String(), time.Now().AddDate(0, 0, 365).Format(time.DateOnly))
	}},
}

// TestFaults asks in many rooms at once while something goes wrong at random
// moments: each question has one answer, in the order of its room, that its
// asker can read. WOLKWIJS_FAULTS=full asks a thousand questions in twenty
// rooms for each fault, once in plain and once in encrypted rooms; else it is
// less, and every second room is encrypted. A full run also waits for what a
// homeserver that was killed shows late, which an everyday one does not.
// WOLKWIJS_SEED chooses the moments.
func TestFaults(t *testing.T) {
	t.Parallel()
	full := os.Getenv("WOLKWIJS_FAULTS") == "full"
	seed := uint64(time.Now().UnixNano()) % 1_000_000
	if s := os.Getenv("WOLKWIJS_SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatalf("WOLKWIJS_SEED: %v", err)
		}
	}
	var writing sync.Mutex // guards table
	var table strings.Builder
	t.Cleanup(func() { t.Log(table.String()) })
	fmt.Fprintf(&table, "\nseed %d\n%s\n", seed, header)
	for i, fault := range faults {
		type size struct {
			rooms, questions, strikes int
			encrypted                 func(room int) bool
			kind                      string
		}
		mixed := func(room int) bool { return room%2 == 0 }
		sizes := []size{{6, 60, fault.short, mixed, "mixed"}}
		if i == 0 {
			sizes = []size{{8, 200, 2 * fault.short, mixed, "mixed"}}
		}
		if fault.full && !full {
			continue
		}
		if full {
			sizes = []size{
				{20, 1000, fault.times, func(int) bool { return false }, "plain"},
				{20, 1000, fault.times, func(int) bool { return true }, "encrypted"},
			}
		}
		for n, size := range sizes {
			t.Run(strings.ReplaceAll(fault.name, " ", "_")+"/"+size.kind, func(t *testing.T) {
				f := newFaulty(t, rand.New(rand.NewPCG(seed, uint64(10*i+n))), fault.before)
				for room := range size.rooms {
					f.room(fmt.Sprint("Room ", room), size.encrypted(room))
				}
				f.run(size.questions, size.strikes, fault.strike)
				if full && fault.queues { // too long for every day
					t.Parallel() // waits beside the others, when those are over
					f.awaitQueued()
				}
				if fault.real != nil && !fault.real(f) {
					t.Error("nothing went wrong")
				}
				row := f.judge(fault.name, size.kind, size.strikes)
				writing.Lock()
				fmt.Fprintln(&table, row)
				writing.Unlock()
				t.Logf("seed %d\n%s\n%s", seed, header, row)
			})
		}
	}
}

// movableClock gives the bot a clock that can be moved.
func (f *faulty) movableClock() {
	dir := filepath.Join(f.dir, "clock")
	f.must(os.Mkdir(dir, 0o700))
	var err error
	f.clock, err = clock.Build(f.ctx, dir)
	f.must(err)
	f.program, f.wrap = f.clock.Program, f.clock.Environment()
}

// smallDisk puts the bot's database on a disk that can be filled.
func (f *faulty) smallDisk() {
	dir := filepath.Join(f.dir, "disk")
	f.must(os.Mkdir(dir, 0o700))
	disk, err := smalldisk.Mount(f.ctx, dir, 12)
	if errors.Is(err, smalldisk.ErrNotAllowed) {
		f.t.Skip(err)
	}
	f.must(err)
	f.disk = disk
	f.t.Cleanup(func() {
		if err := disk.Unmount(); err != nil {
			f.t.Error(err)
		}
	})
	f.settings["storage.database"] = "'sqlite:" + filepath.Join(dir, "wolkwijs.db") + "'"
	f.wrap = disk.Wrap()
}

// moments are when to strike: at random in the time that asking takes.
func (f *faulty) moments(n int, within time.Duration) []time.Duration {
	moments := make([]time.Duration, n)
	for i := range moments {
		moments[i] = time.Duration(f.dice.Int64N(int64(within)))
	}
	slices.Sort(moments)
	return moments
}
