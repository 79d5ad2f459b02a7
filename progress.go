package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"wolkwijs/domaincheck/survey"
)

// meter tells people how far a survey is: on a terminal a bar that changes
// twice a second, elsewhere a line a minute.
type meter struct {
	w             io.Writer
	width         int // of the terminal; 0 where there is none
	every         time.Duration
	total, before int // items of this run, and of the list done before it
	now           func() time.Time
	start, last   time.Time
	shown         bool
}

func newMeter(w io.Writer, total, before int) *meter {
	m := &meter{w: w, every: time.Minute, total: total, before: before, now: time.Now}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		m.every, m.width = 500*time.Millisecond, 80
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			m.width = width
		}
	}
	m.start = m.now()
	m.last = m.start
	return m
}

// show tells how far it is, if it is time to.
func (m *meter) show(n survey.Count) {
	now := m.now()
	if now.Sub(m.last) < m.every && (m.width == 0 || n.Done < m.total) {
		return
	}
	m.last, m.shown = now, true
	text := m.text(n, now)
	if m.width == 0 {
		fmt.Fprintln(m.w, text)
		return
	}
	if room := m.width - len([]rune(text)) - 4; room >= 10 {
		full := min(room, 40)
		done := full * (m.before + n.Done) / max(m.before+m.total, 1)
		text = "[" + strings.Repeat("#", done) + strings.Repeat(".", full-done) + "] " + text
	}
	fmt.Fprint(m.w, "\r\x1b[K", text)
}

// text is what is told: how many, how fast, and how long it will take.
func (m *meter) text(n survey.Count, now time.Time) string {
	all := m.before + m.total
	text := fmt.Sprintf("%d of %d (%d%%)", m.before+n.Done, all, 100*(m.before+n.Done)/max(all, 1))
	if seconds := now.Sub(m.start).Seconds(); seconds > 0 && n.Done > 0 {
		rate := float64(n.Done) / seconds
		text += fmt.Sprintf(", %.1f a second", rate)
		if left := m.total - n.Done; left > 0 {
			text += ", " + roughly(time.Duration(float64(left)/rate*float64(time.Second))) + " left"
		}
	}
	if n.Partial+n.Unanswered > 0 {
		text += fmt.Sprintf(", %d with failures", n.Partial+n.Unanswered)
	}
	return text
}

// roughly is a duration as people say it.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds())+1)
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()+0.5))
	}
	return fmt.Sprintf("%d h", int(d.Hours()+0.5))
}

// end leaves the line of the bar.
func (m *meter) end() {
	if m.width > 0 && m.shown {
		fmt.Fprintln(m.w)
	}
}
