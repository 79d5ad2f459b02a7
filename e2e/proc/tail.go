package proc

import "sync"

// tailSize is how much a [Tail] keeps, in bytes.
const tailSize = 8 << 10

// Tail keeps the last few kilobytes written to it, to tell why a program
// failed. The zero Tail is ready for use.
type Tail struct {
	mu sync.Mutex
	b  []byte
}

// Write implements [io.Writer]; it never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if extra := len(t.b) - tailSize; extra > 0 {
		t.b = t.b[extra:]
	}
	return len(p), nil
}

// String returns what was kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
