package knowledge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Store holds the newest knowledge base. Readers take one [Base] per request
// and use it to the end, so that a reload never mixes old and new.
type Store struct {
	base   atomic.Pointer[Base]
	layers []Layer

	mu     sync.Mutex // one reload at a time
	loaded string     // marks of the files that were last read, whether or not they were accepted
}

// Open loads the built-in knowledge and, unless dir is empty, the operator's
// folder over it. The error is that of [Store.Reload].
func Open(dir string) (*Store, error) {
	layers := []Layer{Builtin()}
	if dir != "" {
		layers = append(layers, Dir(dir))
	}
	return OpenLayers(layers...)
}

// OpenLayers is Open with layers of the caller's choice. The first is trusted:
// it is read, but only those over it are judged by what they say.
func OpenLayers(layers ...Layer) (*Store, error) {
	s := &Store{layers: layers}
	if err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// Base returns the newest knowledge base.
func (s *Store) Base() *Base { return s.base.Load() }

// errMoving says that files kept changing while they were read.
var errMoving = errors.New("the knowledge files keep changing: try again in a moment")

// Reload reads the layers again and, if all is well, makes the result the
// newest base at once. If a file is broken the old base stays and the error
// is a tomlfile.Errors that names file, line and column; see [Faults].
func (s *Store) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reload()
}

// reload is Reload for who holds mu. Files that change while they are read
// are read again, so that a base is never half old and half new.
func (s *Store) reload() error {
	for range 3 {
		before, err := marks(s.layers)
		if err != nil {
			return err
		}
		base, err := s.load()
		after, markErr := marks(s.layers)
		if markErr == nil && before == after {
			s.loaded = after
			if err == nil {
				s.base.Store(base)
			}
			return err
		}
	}
	return errMoving
}

// load reads the layers and judges those of the operator: what is wrong there
// refuses the whole, but not what is only written badly.
func (s *Store) load() (*Base, error) {
	files, faults, err := read(s.layers)
	if err != nil {
		return nil, err
	}
	if len(faults) == 0 && len(s.layers) > 1 {
		for _, f := range lint(time.Now(), files, nil, 1) {
			if !f.Warning && !f.Style {
				faults = append(faults, f.Error)
			}
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return build(files), nil
}

// Watch looks at the files whenever tick delivers and reloads them once they
// have changed and lie still, that is, look the same on two ticks in a row.
// It calls report after each reload, with the error that refused it or nil,
// and returns when ctx ends or tick is closed.
//
// Watching is by looking, not by the system's notifications: that works in
// containers and on network drives too, and costs a few file status calls.
func (s *Store) Watch(ctx context.Context, tick <-chan time.Time, report func(error)) {
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-tick:
			if !ok {
				return
			}
		}
		now, err := marks(s.layers)
		if err != nil {
			now = err.Error()
		}
		still := now == last
		last = now
		if !still {
			continue
		}
		s.mu.Lock()
		changed := now != s.loaded
		if changed {
			err = s.reload()
			if err != nil && !errors.Is(err, errMoving) {
				s.loaded = now // said once; the next change is another
			}
		}
		s.mu.Unlock()
		if changed && !errors.Is(err, errMoving) {
			report(err)
		}
	}
}

// marks tells the files of the layers apart from what they were: names, sizes
// and times of change.
func marks(layers []Layer) (string, error) {
	var b strings.Builder
	for i, l := range layers {
		names, err := list(l)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			info, err := fs.Stat(l.FS, name)
			if err != nil {
				return "", fmt.Errorf("read the knowledge base: %w", err)
			}
			fmt.Fprintln(&b, i, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String(), nil
}

// FirstFault is the first fault of an error of [Store.Reload] as one line
// "file:line:column: …", with how many more there are; for other errors it is
// their text.
func FirstFault(err error) string {
	faults := Faults(err)
	if len(faults) == 0 {
		return err.Error()
	}
	line := faults[0].Error()
	if more := len(faults) - 1; more > 0 {
		line += fmt.Sprintf(" (+%d)", more)
	}
	return line
}
