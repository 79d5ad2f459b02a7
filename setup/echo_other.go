//go:build !linux

package setup

// hideInput leaves it to the reading of the secret to show nothing, which
// begins a moment after the question is there.
func hideInput(int) error { return nil }
