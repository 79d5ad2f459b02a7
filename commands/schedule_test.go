package commands_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wolkwijs/answer"
	"wolkwijs/commands"
	"wolkwijs/lang"
	"wolkwijs/schedule"
)

var updateSchedule = flag.Bool("update-schedule", false, "write the answers into testdata/schedule")

// tipRoom keeps the tip of the week of a room as the bot does: as text.
type tipRoom struct {
	state   string
	request int
	broken  bool
}

func (r *tipRoom) Get(context.Context) (*schedule.Tip, error) {
	if r.broken {
		return nil, errors.New("the disk is full")
	}
	if r.state == "" {
		return nil, nil
	}
	return schedule.Decode(r.state)
}

func (r *tipRoom) Set(_ context.Context, t *schedule.Tip) error {
	if r.broken {
		return errors.New("the disk is full")
	}
	r.state = ""
	if t != nil {
		r.state = t.Encode()
	}
	return nil
}

func (r *tipRoom) Request() string { return fmt.Sprint("request ", r.request) }

// TestScheduleTranscripts plays the conversations in testdata/schedule. Each
// begins with "##" and has a room of its own, on a Thursday in Amsterdam. A
// line with ">" is what somebody does: "admin: …", "member: …" and "direct: …"
// write; "forbidden", "missed", "broken" and "wait" happen to the room. Below
// it stands the answer. With -update-schedule it writes what is answered now.
func TestScheduleTranscripts(t *testing.T) {
	total := 0
	for _, l := range []lang.Code{lang.NL, lang.EN} {
		file := filepath.Join("testdata", "schedule", string(l)+".txt")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, n := playSchedule(t, l, string(text))
		total += n
		if *updateSchedule {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(text) {
			t.Errorf("%s (run with -update-schedule if this is meant)\n--- got\n%s", file, got)
		}
	}
	if total < 40 {
		t.Errorf("%d transcripts, want at least 40", total)
	}
}

// playSchedule plays the conversations of one file and counts them.
func playSchedule(t *testing.T, l lang.Code, text string) (string, int) {
	var out strings.Builder
	var room *tipRoom
	var clock time.Time
	transcripts := 0
	s := newService(t, func(o *commands.Options) {
		o.Language = l
		o.Now = func() time.Time { return clock }
	})
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		action, isAction := strings.CutPrefix(line, "> ")
		switch {
		case strings.HasPrefix(line, "## "):
			room, clock = &tipRoom{}, time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
			transcripts++
			if out.Len() > 0 {
				out.WriteByte('\n')
			}
			fmt.Fprintln(&out, line)
		case isAction:
			fmt.Fprintln(&out, line)
			who, said, writes := strings.Cut(action, ": ")
			if !writes {
				happens(t, room, &clock, action)
				continue
			}
			room.request++
			r := commands.Request{Text: said, Tip: room, Room: "room"}
			switch who {
			case "admin":
				r.Rights.RoomAdmin = true
			case "direct":
				r.Kind, r.Rights.RoomAdmin = commands.Direct, true
			case "terminal":
				r.Kind, r.Tip, r.Rights.RoomAdmin = commands.Terminal, nil, true
			}
			a := s.Answer(t.Context(), r)
			if a == nil {
				fmt.Fprintln(&out, "  (silence)")
				continue
			}
			for line := range strings.Lines(answer.Body(a, answer.Options{}) + "\n") {
				if line != "\n" {
					out.WriteString("  " + line)
				}
			}
		}
	}
	return out.String(), transcripts
}

// happens lets something happen to a room that nobody typed.
func happens(t *testing.T, room *tipRoom, clock *time.Time, what string) {
	t.Helper()
	what, times, _ := strings.Cut(what, " ")
	switch what {
	case "broken":
		room.broken = true
		return
	case "wait":
		d, err := time.ParseDuration(times)
		if err != nil {
			t.Fatal(err)
		}
		*clock = clock.Add(d)
		return
	}
	tip, err := schedule.Decode(room.state)
	if err != nil {
		t.Fatal(err)
	}
	next := tip.Next(*clock)
	switch what {
	case "posted":
		tip.Posting = tip.Pick([]string{"a"})
		tip.Posted(next)
		*clock = next.Add(time.Minute)
	case "missed":
		for range len(times) {
			tip.Passed(next)
			next = tip.Next(next)
		}
		*clock = next.Add(-time.Hour)
	case "forbidden":
		tip.Paused = schedule.Forbidden
	default:
		t.Fatalf("nothing known called %q", what)
	}
	room.state = tip.Encode()
}
