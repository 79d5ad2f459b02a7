package knowledge

import "sync/atomic"

// Store holds the newest knowledge base. Readers take one [Base] per request
// and use it to the end, so that a reload never mixes old and new.
type Store struct {
	base   atomic.Pointer[Base]
	layers []Layer
}

// Open loads the built-in knowledge and, unless dir is empty, the operator's
// folder over it. The error is that of [Load].
func Open(dir string) (*Store, error) {
	layers := []Layer{Builtin()}
	if dir != "" {
		layers = append(layers, Dir(dir))
	}
	return OpenLayers(layers...)
}

// OpenLayers is Open with layers of the caller's choice.
func OpenLayers(layers ...Layer) (*Store, error) {
	s := &Store{layers: layers}
	if err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// Base returns the newest knowledge base.
func (s *Store) Base() *Base { return s.base.Load() }

// Reload reads the layers again. On a fault the old knowledge stays and the
// error names file, line and column.
func (s *Store) Reload() error {
	b, err := Load(s.layers...)
	if err != nil {
		return err
	}
	s.base.Store(b)
	return nil
}
