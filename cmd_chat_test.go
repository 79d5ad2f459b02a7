package main

import (
	"strings"
	"testing"
)

func TestChatAnswersEachLineOfAPipe(t *testing.T) {
	code, out, errOut := call(t, "!alt video\n\n!tip 3\nwat is een passkey?\n", "chat")
	if code != exitFine || errOut != "" {
		t.Fatalf("code %d, stderr %q", code, errOut)
	}
	rest := out
	for _, want := range []string{"Videobellen", "Tip 3:", "passkey vervangt"} {
		i := strings.Index(rest, want)
		if i < 0 {
			t.Fatalf("no %q, in this order, in\n%s", want, out)
		}
		rest = rest[i:]
	}
}

func TestChatSpeaksEnglish(t *testing.T) {
	if _, out, _ := call(t, "!tip 1\n", "chat", "--lang", "en"); !strings.Contains(out, "Do not depend on a single provider") {
		t.Errorf("stdout %q", out)
	}
}

func TestChatRefusesALineWithoutEnd(t *testing.T) {
	code, _, errOut := call(t, strings.Repeat("a", 2*maxLine), "chat")
	if code != exitFailed || !strings.Contains(errOut, "line 1 is longer than 65536 octets") {
		t.Errorf("code %d, stderr %q", code, errOut)
	}
}
