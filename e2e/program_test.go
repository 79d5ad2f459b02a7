package e2e_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"wolkwijs/domaincheck/dnsq/dnstest"
	"wolkwijs/e2e/bot"
)

// maxProgramSize is what the program may take on a Raspberry Pi's card, in
// bytes.
const maxProgramSize = 40 << 20

func TestProgramIsOneStaticFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has wholly static programs")
	}
	path, err := bot.Program()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxProgramSize {
		t.Errorf("%d bytes, more than %d", info.Size(), maxProgramSize)
	}
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the program needs a dynamic linker (%v)", p.Type)
		}
	}
}

func TestChatReadsFromAPipe(t *testing.T) {
	path, err := bot.Program()
	if err != nil {
		t.Fatal(err)
	}
	server := dnstest.New(t, zone)
	cmd := exec.CommandContext(bed.ctx, path, "chat", "--resolver", server.Addr(), "--asn", "off", "--no-mta-sts-policy")
	cmd.Stdin = strings.NewReader("!alt video\n!tip 3\n!check example.nl\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	rest := string(out)
	for _, want := range []string{"ideobellen", "Tip 3", "example.nl"} { // one of each answer, in order
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("no %q in the rest of the answers:\n%s", want, rest)
		}
		rest = after
	}
}
