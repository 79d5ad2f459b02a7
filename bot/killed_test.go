package bot

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wolkwijs/commands"
	"wolkwijs/config"
	"wolkwijs/knowledge"
	"wolkwijs/metrics"
	"wolkwijs/store"
)

// TestMain lets the program of these tests be a bot that is killed: the
// end-to-end tests build it, and start it with the path of a configuration in
// WOLKWIJS_KILLED_BOT and a number in WOLKWIJS_KILLED_AT. It does what is due
// and kills itself, as `kill -9` does, at the step of that number: steps are
// counted before and after each request to the homeserver and each change of
// the database from the moment that something is due. It says which step that
// was; when all was done before, it says so and ends.
func TestMain(m *testing.M) {
	if file := os.Getenv("WOLKWIJS_KILLED_BOT"); file != "" {
		if err := runKilled(file, os.Getenv("WOLKWIJS_KILLED_AT")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runKilled(file, at string) error {
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return err
	}
	cfg, _, err := config.Load(file)
	if err != nil {
		return err
	}
	kb, err := knowledge.Open("")
	if err != nil {
		return err
	}
	st, err := store.Open(context.Background(), cfg.Storage.Database)
	if err != nil {
		return err
	}
	service := commands.New(commands.Options{Knowledge: kb})
	b := New(cfg, st, service, NewLog(cfg.Log, os.Stderr))
	b.Count(metrics.New("killed"))
	b.PostTips(service)
	k := &killer{at: n}
	b.network = killedNetwork{k, b.network}
	b.jobStore = killedStore{k, b.jobStore}
	return b.Run(context.Background())
}

// killer kills the program at a step.
type killer struct {
	at      int64
	counted atomic.Int64
	working atomic.Bool // something is due
}

func (k *killer) step(what string) {
	if k.working.Load() && k.counted.Add(1) == k.at {
		fmt.Println("killed", what)
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until it is carried out
	}
}

// killedNetwork is the way to the homeserver.
type killedNetwork struct {
	k  *killer
	to http.RoundTripper
}

func (n killedNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/sync") {
		return n.to.RoundTrip(r)
	}
	what := r.Method + " " + r.URL.Path
	if dir := path.Dir(r.URL.Path); strings.Contains(dir, "/send/") || strings.Contains(dir, "/sendToDevice/") {
		what = r.Method + " " + path.Base(path.Dir(dir)) + "/" + path.Base(dir)
	}
	n.k.step("before " + what)
	resp, err := n.to.RoundTrip(r)
	n.k.step("after " + what)
	return resp, err
}

// killedStore is the database.
type killedStore struct {
	k *killer
	jobStore
}

func (s killedStore) DueJobs(ctx context.Context, kinds []string, limit int) ([]store.Job, error) {
	due, err := s.jobStore.DueJobs(ctx, kinds, limit)
	if len(due) > 0 {
		s.k.working.Store(true)
	} else if s.k.working.Load() {
		fmt.Println("done")
		os.Exit(0)
	}
	s.k.step("after finding what is due")
	return due, err
}

func (s killedStore) BeginJob(ctx context.Context, j *store.Job, state string) (bool, error) {
	s.k.step("before noting that it is begun")
	ok, err := s.jobStore.BeginJob(ctx, j, state)
	s.k.step("after noting that it is begun")
	return ok, err
}

func (s killedStore) EndJob(ctx context.Context, j store.Job, state string, occurrence, due time.Time) (bool, error) {
	s.k.step("before noting that it is done")
	ok, err := s.jobStore.EndJob(ctx, j, state, occurrence, due)
	s.k.step("after noting that it is done")
	return ok, err
}
