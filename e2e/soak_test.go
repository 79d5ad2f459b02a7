package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot/hstest"
	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
	"wolkwijs/e2e/homeserver"
	"wolkwijs/e2e/peer"
	"wolkwijs/e2e/peer/gopeer"
)

const (
	soakRate  = 20 // questions a second
	soakRooms = 20 // every second one encrypted
)

// soakQuestions are asked in turns.
var soakQuestions = []string{
	"!tip 1", "!alt mail", "!2fa github", "!explain spf", "!check example.nl", "!ask which search engine does not track me?",
	"!tip 4", "!alternatief agenda", "!tweestaps bol.com", "!uitleg dane", "!help alt", "!vraag wat is een wachtwoordmanager?",
}

// TestSoak asks twenty questions a second for a minute, or for as long as
// WOLKWIJS_SOAK says, and looks whether the bot grows. The homeserver is the
// one in memory: it carries this rate beside the bot on two cores, which a
// real one does not, and adds little to what is measured.
func TestSoak(t *testing.T) {
	t.Parallel()
	duration := time.Minute
	if d, err := time.ParseDuration(os.Getenv("WOLKWIJS_SOAK")); err == nil && d > 0 {
		duration = d
	}
	ctx, cancel := context.WithTimeout(bed.ctx, duration+5*time.Minute)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	clock := &stopwatch{asked: map[id.EventID]time.Time{}, answered: map[id.EventID]time.Time{}}
	hs := hstest.New()
	server := httptest.NewServer(clock.watch(hs))
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	metrics := listener.Addr().String()
	must(listener.Close())
	log := &lockedBuffer{}
	b, err := bot.Start(ctx, bot.Options{
		Homeserver: server.URL,
		Account:    homeserver.Account{UserID: string(hstest.Bot), Password: hstest.Password},
		Dir:        t.TempDir(),
		Settings: map[string]string{
			"dns.resolver":       "'" + dnstest.New(t, zone).Addr() + "'",
			"dns.asn":            "'off'",
			"dns.mta_sts_policy": "false",
			"limits.per_user":    "'100000/min'",
			"limits.per_room":    "'100000/min'",
			"limits.global":      "'100000/min'",
			"metrics.listen":     "'" + metrics + "'",
		},
		Log: log,
	})
	must(err)
	stopped := false
	defer func() {
		if !stopped {
			_ = b.Kill()
		}
		if t.Failed() {
			t.Log(log.String())
		}
	}()
	anna, err := gopeer.Start(ctx, peer.Login{Homeserver: server.URL, UserID: "@anna:hs.example", Password: hstest.Password}, gopeer.Options{})
	must(err)
	defer anna.Close()
	rooms := make([]id.RoomID, soakRooms)
	for i := range rooms {
		rooms[i], err = anna.CreateRoom(ctx, peer.Room{Name: fmt.Sprint("Room ", i), Encrypted: i%2 == 0, Invite: []id.UserID{hstest.Bot}})
		must(err)
		must(peer.AwaitJoin(ctx, anna, rooms[i], hstest.Bot))
	}

	var samples []sample
	take := func() {
		s, err := readSample(ctx, metrics)
		must(err)
		s.at = time.Now()
		samples = append(samples, s)
	}
	questions := make([]chan string, soakRooms)
	var asking sync.WaitGroup
	for i, room := range rooms {
		questions[i] = make(chan string, 1000)
		asking.Go(func() {
			for text := range questions[i] {
				question, err := anna.Send(ctx, room, peer.Text(text))
				if err != nil {
					t.Error(err)
					return
				}
				clock.ask(question)
			}
		})
	}
	began := time.Now()
	tick := time.NewTicker(time.Second / soakRate)
	defer tick.Stop()
	look := time.NewTicker(duration / 60)
	defer look.Stop()
	total := int(duration.Seconds() * soakRate)
	for n := 0; n < total; {
		select {
		case <-tick.C:
			questions[n%soakRooms] <- soakQuestions[n%len(soakQuestions)]
			n++
		case <-look.C:
			take()
			if t.Failed() {
				t.FailNow()
			}
		case <-ctx.Done():
			t.Fatal(context.Cause(ctx))
		}
	}
	for _, q := range questions {
		close(q)
	}
	asking.Wait()
	for clock.open() > 0 {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%d questions have no answer", clock.open())
		}
	}
	took := time.Since(began)

	unreadable := 0
	for _, e := range anna.Timeline().All() {
		if e.Failure != "" {
			unreadable++
		}
	}
	if unreadable > 0 {
		t.Errorf("%d answers could not be read", unreadable)
	}
	delays := clock.delays()
	quantile := func(q float64) time.Duration {
		return delays[int(q*float64(len(delays)-1))].Round(100 * time.Microsecond)
	}
	t.Logf("%d questions in %d rooms, half of them encrypted, in %v (%.1f a second): p50 %v, p90 %v, p99 %v, longest %v",
		len(delays), soakRooms, took.Round(time.Second), float64(len(delays))/took.Seconds(), quantile(.5), quantile(.9), quantile(.99), quantile(1))
	// The first third warms up.
	warm := samples[len(samples)/3:]
	early, late := warm[:len(warm)/4+1], warm[len(warm)-len(warm)/4-1:]
	t.Logf("%8s %10s %12s %12s", "time", "memory MiB", "live heap MiB", "goroutines")
	for i := 0; i < len(samples); i += max(1, len(samples)/12) {
		s := samples[i]
		t.Logf("%8s %10.1f %12.1f %12.0f", s.at.Sub(began).Round(time.Second), s.memory, s.heap, s.goroutines)
	}
	memory := func(s sample) float64 { return s.memory }
	heap := func(s sample) float64 { return s.heap }
	grown := median(late, memory)/median(early, memory) - 1
	t.Logf("memory %.1f → %.1f MiB (%+.1f %%), live heap %.1f → %.1f MiB", median(early, memory), median(late, memory), 100*grown, median(early, heap), median(late, heap))
	// In a minute the caches are still filling.
	if limit := map[bool]float64{true: .10, false: .30}[duration >= 10*time.Minute]; grown > limit || grown < -limit {
		t.Errorf("memory changed by %+.1f %%, more than %.0f %%", 100*grown, 100*limit)
	}
	goroutines := func(s sample) float64 { return s.goroutines }
	if before, after := median(early, goroutines), median(late, goroutines); after > before+20 {
		t.Errorf("goroutines: %.0f → %.0f", before, after)
	}
	stopped = true
	must(b.Stop())
}

// stopwatch notes when questions are asked and when the homeserver has the
// answers.
type stopwatch struct {
	mu              sync.Mutex
	asked, answered map[id.EventID]time.Time
}

// watch returns a homeserver whose answers are timed.
func (s *stopwatch) watch(hs *hstest.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/send/m.room.") {
			hs.ServeHTTP(w, r)
			return
		}
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(content))
		hs.ServeHTTP(w, r)
		var reply struct {
			RelatesTo struct {
				InReplyTo struct {
					EventID id.EventID `json:"event_id"`
				} `json:"m.in_reply_to"`
			} `json:"m.relates_to"`
		}
		if json.Unmarshal(content, &reply) == nil && reply.RelatesTo.InReplyTo.EventID != "" {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.answered[reply.RelatesTo.InReplyTo.EventID] = time.Now()
		}
	})
}

func (s *stopwatch) ask(question id.EventID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[question] = time.Now()
}

// open is how many questions have no answer.
func (s *stopwatch) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for question := range s.asked {
		if s.answered[question].IsZero() {
			n++
		}
	}
	return n
}

// delays are how long answers took, the shortest first.
func (s *stopwatch) delays() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	delays := make([]time.Duration, 0, len(s.asked))
	for question := range maps.Keys(s.asked) {
		delays = append(delays, max(0, s.answered[question].Sub(s.asked[question])))
	}
	slices.Sort(delays)
	return delays
}

// sample is what a bot said of itself.
type sample struct {
	at           time.Time
	memory, heap float64 // in MiB
	goroutines   float64
}

// readSample reads a bot's metrics.
func readSample(ctx context.Context, address string) (sample, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return sample{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return sample{}, err
	}
	defer resp.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = number
		}
	}
	const mebi = 1 << 20
	return sample{
		memory:     values["process_resident_memory_bytes"] / mebi,
		heap:       values["go_memstats_next_gc_bytes"] / 2 / mebi, // the next collection is at twice what was left
		goroutines: values["go_goroutines"],
	}, lines.Err()
}

// median is the middle of a number of all samples.
func median(samples []sample, of func(sample) float64) float64 {
	numbers := make([]float64, len(samples))
	for i, s := range samples {
		numbers[i] = of(s)
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}
