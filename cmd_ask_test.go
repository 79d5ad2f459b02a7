package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// A batch that leaves questions without an answer fails, and says from where.
func TestAskBatchFails(t *testing.T) {
	long := strings.Repeat("a", maxLine)
	code, out, errOut := call(t, "wat is een passkey?\n"+long+"\n"+long+"a\nwat is dane?\n", "ask", "--json", "--batch")
	if code != exitFailed || strings.Count(out, "\n") != 2 || !strings.Contains(errOut, "line 3 is longer than 65536 octets") {
		t.Errorf("too long: code %d, %d answers, stderr %q", code, strings.Count(out, "\n"), errOut)
	}

	ctx, cancel := context.WithCancel(t.Context())
	var answers strings.Builder
	var told strings.Builder
	stops := writes(func(p []byte) (int, error) { cancel(); return answers.Write(p) })
	code = run(&program{ctx, strings.NewReader("wat is een passkey?\nwat is dane?\n"), stops, &told}, []string{"ask", "--json", "--batch"})
	var first asked
	if err := json.Unmarshal([]byte(answers.String()), &first); err != nil || code != exitFailed || told.String() != "wolkwijs: interrupted\n" {
		t.Errorf("interrupted: code %d, stdout %q, stderr %q, %v", code, answers.String(), told.String(), err)
	}
}

// writes is a writer.
type writes func([]byte) (int, error)

func (w writes) Write(p []byte) (int, error) { return w(p) }
