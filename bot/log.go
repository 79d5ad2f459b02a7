package bot

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"wolkwijs/config"
)

// NewLog returns the program's logger. Whatever it is given, no user ID
// leaves it; see [scrubber].
func NewLog(cfg config.Log, out io.Writer) zerolog.Logger {
	if cfg.Format == "console" {
		file, isFile := out.(*os.File)
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: "2006-01-02 15:04:05", NoColor: !isFile || !isatty.IsTerminal(file.Fd())}
	}
	level, err := zerolog.ParseLevel(cfg.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(&scrubber{out: out}).Level(level).With().Timestamp().Logger()
}

// userID recognises user IDs, plain and as they are written in URLs.
var userID = regexp.MustCompile(`(@|%40)[^\s:@"'\\,()<>%]+(:|%3A)(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]+)?`)

// scrubber writes log lines with every user ID in them replaced. No line
// should hold one; this is what makes it certain, also for errors that a
// library or the homeserver worded.
type scrubber struct{ out io.Writer }

func (s *scrubber) Write(line []byte) (int, error) {
	if bytes.ContainsAny(line, "@%") {
		if _, err := s.out.Write(userID.ReplaceAll(line, []byte("(user)"))); err != nil {
			return 0, err
		}
		return len(line), nil
	}
	return s.out.Write(line)
}

// libraryFields are the facts that the Matrix library may add to the log. It
// knows many more: request bodies, senders, whole events.
var libraryFields = []string{
	zerolog.LevelFieldName, zerolog.TimestampFieldName, zerolog.MessageFieldName, zerolog.ErrorFieldName,
	"component", "room_id", "event_id", "session_id", "device_id", "event_type", "method", "status_code", "duration", "retry_in_seconds", "req_id", "action",
}

// libraryLog is the logger for the Matrix library: what it says passes only
// with the fields of libraryFields.
func libraryLog(log zerolog.Logger) zerolog.Logger {
	return zerolog.New(fieldFilter{log}).Level(log.GetLevel())
}

type fieldFilter struct{ log zerolog.Logger }

func (f fieldFilter) Write(line []byte) (int, error) {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return len(line), nil // not worth a broken log
	}
	level := zerolog.DebugLevel
	if stringField(fields, zerolog.LevelFieldName) == zerolog.LevelErrorValue {
		level = zerolog.WarnLevel // what it calls a warning passes by itself
	}
	msg := stringField(fields, zerolog.MessageFieldName)
	for _, own := range []string{zerolog.LevelFieldName, zerolog.TimestampFieldName, zerolog.MessageFieldName} {
		delete(fields, own)
	}
	maps.DeleteFunc(fields, func(name string, _ any) bool { return !slices.Contains(libraryFields, name) })
	f.log.WithLevel(level).Fields(fields).Msg(msg)
	return len(line), nil
}

func stringField(fields map[string]any, name string) string {
	s, _ := fields[name].(string)
	return s
}
