package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"maunium.net/go/mautrix/id"

	"wolkwijs/store"
)

// The write-ahead log is copied into the database long before a write has to
// do it, and what was copied is whole.
func TestLogIsCopiedBesideTheWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	size := func(path string) int64 {
		f, err := os.Stat(path)
		must(t, err)
		return f.Size()
	}
	const most = 6 << 20
	before, batches := size(path), 0
	for ; size(path) == before; batches++ {
		if log := size(path + "-wal"); log > most {
			t.Fatalf("the log has %d octets after %d batches, and nothing is copied", log, batches)
		}
		_, err := s.Receive(t.Context(), user, &store.Batch{Since: fmt.Sprint("s", batches),
			Events: []store.Event{{Room: room, ID: id.EventID(fmt.Sprint("$event", batches))}}})
		must(t, err)
	}
	must(t, s.Close())
	if s, err = store.Open(t.Context(), "sqlite:"+path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pending, err := s.Pending(t.Context())
	must(t, err)
	if len(pending) != batches {
		t.Errorf("%d of %d events are there", len(pending), batches)
	}
}

// A log does not grow without end because somebody always writes.
func TestLogBeginsAnewWhileOthersWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := store.Open(t.Context(), "sqlite:"+path)
	must(t, err)
	defer s.Close()
	const most, batches = 10 << 20, 6000
	for i := range batches {
		_, err := s.Receive(t.Context(), user, &store.Batch{Since: fmt.Sprint("s", i),
			Events: []store.Event{{Room: room, ID: id.EventID(fmt.Sprint("$event", i))}}})
		must(t, err)
	}
	f, err := os.Stat(path + "-wal")
	must(t, err)
	t.Logf("%d octets after %d batches", f.Size(), batches)
	if f.Size() > most {
		t.Errorf("the log has %d octets after %d batches", f.Size(), batches)
	}
}
