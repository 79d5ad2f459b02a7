package setup

import "golang.org/x/sys/unix"

// hideInput has a terminal show nothing of what is typed, from before the
// question is there: who types fast, or pastes, must not see a secret either.
func hideInput(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}
