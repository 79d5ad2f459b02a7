package survey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"wolkwijs/domaincheck/survey"
)

// show writes items as "line:input" or "line:input=group".
func show(items []survey.Item) []string {
	var all []string
	for _, i := range items {
		s := fmt.Sprintf("%d:%s", i.Line, i.Input)
		if i.Group != "" {
			s += "=" + i.Group
		}
		all = append(all, s)
	}
	return all
}

func TestReadList(t *testing.T) {
	for _, tt := range []struct {
		name, list, group string
		want              []string
	}{
		{"one a line", "a.nl\nb.nl\n", "", []string{"1:a.nl", "2:b.nl"}},
		{"no line break at the end", "a.nl\nb.nl", "", []string{"1:a.nl", "2:b.nl"}},
		{"CRLF, byte order mark, empty lines and comments", "\ufeffa.nl\r\n\r\n# no\r\n  # nor this\r\nb.nl\r\n", "", []string{"1:a.nl", "5:b.nl"}},
		{"lines that end in CR", "a.nl\rb.nl\r", "", []string{"1:a.nl", "2:b.nl"}},
		{"spaces around", "  a.nl \t\n", "", []string{"1:a.nl"}},
		{"repeated", "a.nl\nb.nl\na.nl\n", "", []string{"1:a.nl", "2:b.nl"}},
		{"what is no domain is an item", "a.nl\nno domain\n\"\n=1+1\n", "", []string{"1:a.nl", "2:no domain", "3:\"", "4:=1+1"}},
		{"URLs, addresses and IDN", "https://a.nl/x,y\nme@b.nl\nmünchen.de\n", "", []string{"1:https://a.nl/x,y", "2:me@b.nl", "3:münchen.de"}},
		{"a stray comma makes no table", "a.nl\nb.nl\nc,nl\n", "", []string{"1:a.nl", "2:b.nl", "3:c,nl"}},

		{"commas", "a.nl,Utrecht\nb.nl,Zeeland\n", "", []string{"1:a.nl=Utrecht", "2:b.nl=Zeeland"}},
		{"semicolons", "a.nl;Utrecht\nb.nl;\n", "", []string{"1:a.nl=Utrecht", "2:b.nl"}},
		{"tabs", "a.nl\tUtrecht, stad\nb.nl\tZeeland\n", "", []string{"1:a.nl=Utrecht, stad", "2:b.nl=Zeeland"}},
		{"quotes", "\"a.nl\",\"Utrecht, \"\"stad\"\"\"\n", "", []string{"1:a.nl=Utrecht, \"stad\""}},
		{"broken quotes", "\"a.nl,Utrecht\nb.nl,\"x\"y\n", "", []string{"1:a.nl,Utrecht", "2:b.nl=x\"y"}},
		{"header", "domain,province\na.nl,Utrecht\n", "", []string{"2:a.nl=Utrecht"}},
		{"header in capitals, after a comment", "# from the web\nDomein;Provincie\na.nl;Utrecht\n", "", []string{"3:a.nl=Utrecht"}},
		{"header alone", "domain\na.nl\n", "", []string{"2:a.nl"}},
		{"domain in a later column", "name;website;province\nA;a.nl;Utrecht\n", "", []string{"2:a.nl=Utrecht"}},
		{"domain is surer than mail", "mail,domain\nx@b.nl,a.nl\n", "", []string{"2:a.nl"}},
		{"a first line with unknown names is an item", "name,province\na.nl,Utrecht\n", "", []string{"1:name=province", "2:a.nl=Utrecht"}},
		{"one domain, two groups", "a.nl,A\na.nl,B\na.nl,A\n", "", []string{"1:a.nl=A", "2:a.nl=B"}},
		{"a line without the domain's cell", "x,domain\n1,a.nl\n2\n3,\n", "", []string{"2:a.nl", "3:2", "4:3,"}},

		{"group by name", "domain,size,province\na.nl,big,Utrecht\n", "Province", []string{"2:a.nl=Utrecht"}},
		{"group by a name that makes the header", "gemeente,provincie\na.nl,Utrecht\n", "provincie", []string{"2:a.nl=Utrecht"}},
		{"group by number", "a.nl,big,Utrecht\n", "3", []string{"1:a.nl=Utrecht"}},
		{"no group", "a.nl,big\n", "none", []string{"1:a.nl"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := survey.ReadList(strings.NewReader(tt.list), tt.group)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(l.Items); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadListTellsMore(t *testing.T) {
	l, err := survey.ReadList(strings.NewReader("domein;provincie\na.nl;A\na.nl;A\n"), "")
	if err != nil || l.GroupName != "provincie" || l.Repeated != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	for _, group := range []string{"size", "4", "0", "1", "domain"} {
		if _, err := survey.ReadList(strings.NewReader("domain,province,x\na.nl,A,B\n"), group); err == nil || !strings.Contains(err.Error(), "domain | province | x") {
			t.Errorf("group %q: %v", group, err)
		}
	}
}

// Spreadsheets write UTF-16, or the code page of Windows.
func TestReadListDecodes(t *testing.T) {
	const list = "domein;provincie\r\na.nl;Fryslân\r\n"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(list)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := charmap.Windows1252.NewEncoder().String(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{list, utf16, windows} {
		l, err := survey.ReadList(strings.NewReader(text), "")
		if err != nil || !slices.Equal(show(l.Items), []string{"2:a.nl=Fryslân"}) {
			t.Errorf("%q: %q, %v", text, show(l.Items), err)
		}
	}
}

// No line is lost, whatever is in it: each is an item, a repeated one, empty,
// a comment, or the header.
func FuzzReadList(f *testing.F) {
	for _, s := range []string{"a.nl\nb.nl", "domain,x\na.nl,\"b\n", "\ufeffa;b\r\n\"\"\"\n;;\n", "#\n\x00\xff\n", "\xff\xfea\x00\n\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := survey.ReadList(strings.NewReader(text), "")
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
			return // UTF-16: its lines are others
		}
		lines := 0
		text = strings.TrimPrefix(text, "\ufeff")
		for line := range strings.SplitSeq(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n") {
			if bare := strings.TrimSpace(strings.ToValidUTF8(line, "x")); bare != "" && bare[0] != '#' {
				lines++
			}
		}
		if n := len(l.Items) + l.Repeated; n != lines && n != lines-1 {
			t.Errorf("%d lines, %d items, %d repeated", lines, len(l.Items), l.Repeated)
		}
		for _, i := range l.Items {
			if i.Input == "" {
				t.Errorf("line %d is an item without text", i.Line)
			}
		}
	})
}

// The parts of a list are disjoint, complete, in its order, about equal, and
// depend on nothing but the inputs.
func TestShards(t *testing.T) {
	list := items(t, names(5000)+"no domain\n=1+1\n")
	for _, of := range []int{1, 2, 3, 8, 100} {
		seen := map[string]int{}
		for n := 1; n <= of; n++ {
			var s survey.Shard
			if err := s.UnmarshalText(fmt.Appendf(nil, "%d/%d", n, of)); err != nil {
				t.Fatal(err)
			}
			part := s.Take(list)
			if want := len(list) / of; len(part) < want/2 || len(part) > want*2 {
				t.Errorf("%v has %d of %d", s, len(part), len(list))
			}
			if !slices.IsSortedFunc(part, func(a, b survey.Item) int { return a.Line - b.Line }) {
				t.Errorf("%v is not in order", s)
			}
			for _, i := range part {
				seen[i.Input]++
			}
			again := slices.Clone(list)
			slices.Reverse(again)
			other := s.Take(again)
			slices.Reverse(other)
			if !slices.Equal(other, part) {
				t.Errorf("%v depends on the order", s)
			}
		}
		for _, i := range list {
			if seen[i.Input] != 1 {
				t.Errorf("of %d: %q is in %d parts", of, i.Input, seen[i.Input])
			}
		}
	}
	if !(survey.Shard{}).Has("a.nl") {
		t.Error("the whole list has not all")
	}
	// Other machines with other versions have to agree.
	if s := (survey.Shard{Number: 1, Of: 8}); !s.Has("example.nl") {
		t.Error("example.nl is not where it was")
	}
}

func TestBadShards(t *testing.T) {
	for _, text := range []string{"", "2", "0/8", "9/8", "-1/8", "1/0", "1/8x", "a/b", "1/20000", "1.5/2"} {
		var s survey.Shard
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "2/8") {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
}
