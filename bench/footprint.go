package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/homeserver"
)

// manyRooms is how many rooms a large bot is in.
const manyRooms = 1000

// front is the homeserver in memory behind a port, which tells when somebody
// first syncs.
type front struct {
	*hstest.Server
	mu     sync.Mutex
	synced chan struct{} // closed at the first sync since reset
}

func (f *front) reset() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.synced = make(chan struct{})
	return f.synced
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/sync") {
		f.mu.Lock()
		select {
		case <-f.synced:
		default:
			close(f.synced)
		}
		f.mu.Unlock()
	}
	f.Server.ServeHTTP(w, r)
}

// anna is somebody on the homeserver in memory.
const anna = "@anna:hs.example"

// answered waits until the bot has sent so many messages to a room.
func (f *front) answered(ctx context.Context, room id.RoomID, messages int) error {
	for range 600 {
		n := 0
		for _, e := range f.Events(room) {
			if e.Sender == hstest.Bot && e.Type == "m.room.message" {
				n++
			}
		}
		if n >= messages {
			return nil
		}
		wait(ctx, 100*time.Millisecond)
	}
	return errors.New("the bot does not answer")
}

// footprint measures the running bot, encryption and whole knowledge base
// included.
func footprint(ctx context.Context, b *bench) ([]row, error) {
	hs := &front{Server: hstest.New()}
	synced := hs.reset()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: hs}
	go server.Serve(listener)
	defer server.Close()
	dir := filepath.Join(b.dir, "footprint")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	wolkwijs, err := bot.Start(ctx, bot.Options{
		Homeserver: "http://" + listener.Addr().String(), Dir: dir, Settings: unlimited,
		Account: homeserver.Account{UserID: string(hstest.Bot), Password: hstest.Password},
	})
	if err != nil {
		return nil, err
	}
	defer wolkwijs.Kill()
	<-synced
	start := row{what: "start-up to first sync, warm", unit: "ms", goal: "< 300"}
	cpu := row{what: "processor time of a start", unit: "ms"}
	idle := row{what: "memory, idle", unit: "MB", goal: "< 60"}
	for range b.rounds + 2 {
		if err := wolkwijs.Stop(); err != nil {
			return nil, err
		}
		synced := hs.reset()
		begin := time.Now()
		if err := wolkwijs.Restart(ctx); err != nil {
			return nil, err
		}
		select {
		case <-synced:
		case <-wolkwijs.Done():
			return nil, errors.New("the bot ended")
		}
		start.values = append(start.values, time.Since(begin).Seconds()*1000)
		used, err := cpuTime(wolkwijs.PID())
		if err != nil {
			return nil, err
		}
		cpu.values = append(cpu.values, used.Seconds()*1000)
		wait(ctx, 2*time.Second) // what a start needs is let go
		memory, err := resident(wolkwijs.PID())
		if err != nil {
			return nil, err
		}
		idle.values = append(idle.values, float64(memory)/1e6)
	}
	asked := row{what: "memory, after a question in plain words", unit: "MB"}
	dm := hs.Room(anna, "")
	hs.Invite(dm, anna, true)
	if err := hs.answered(ctx, dm, 1); err != nil {
		return nil, err
	}
	for i := range b.rounds {
		hs.Say(dm, anna, "Hoe maak ik een goede back-up?")
		if err := hs.answered(ctx, dm, 2+i); err != nil {
			return nil, err
		}
		wait(ctx, time.Second)
		memory, err := resident(wolkwijs.PID())
		if err != nil {
			return nil, err
		}
		asked.values = append(asked.values, float64(memory)/1e6)
	}
	for i := range manyRooms {
		room := hs.Room(anna, fmt.Sprintf("Kamer %d", i))
		hs.Invite(room, anna, false)
	}
	welcomed := 0
	for deadline := time.Now().Add(3 * time.Minute); welcomed < manyRooms; {
		wait(ctx, 500*time.Millisecond)
		welcomed = 0
		for _, e := range hs.All() {
			if e.Sender == hstest.Bot && e.Type == "m.room.message" {
				welcomed++
			}
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return nil, fmt.Errorf("the bot said hello in %d of %d rooms", welcomed, manyRooms)
		}
	}
	rooms := row{what: "memory, in 1,000 rooms", unit: "MB", goal: "< 150"}
	for range b.rounds {
		if err := wolkwijs.Stop(); err != nil {
			return nil, err
		}
		if err := wolkwijs.Restart(ctx); err != nil {
			return nil, err
		}
		wait(ctx, 3*time.Second)
		memory, err := resident(wolkwijs.PID())
		if err != nil {
			return nil, err
		}
		rooms.values = append(rooms.values, float64(memory)/1e6)
	}
	info, err := os.Stat(b.program)
	if err != nil {
		return nil, err
	}
	size := row{what: "size of the program", unit: "MB", values: []float64{float64(info.Size()) / 1e6}}
	return []row{start, cpu, idle, asked, rooms, size}, nil
}

// wait waits, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// resident returns the octets of memory that a process holds (VmRSS of
// proc_pid_status(5)).
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if !ok || len(fields) == 0 {
		return 0, errors.New("the kernel does not tell VmRSS")
	}
	kB, err := strconv.ParseInt(fields[0], 10, 64)
	return kB << 10, err
}

// cpuTime returns the processor time that a process has had (proc_pid_stat(5),
// in hundredths of a second).
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("the kernel does not tell the processor time")
	}
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}
