package knowledge_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"wolkwijs/knowledge"
)

// changing is a file system that becomes another one all at once.
type changing struct{ now atomic.Pointer[fstest.MapFS] }

func (c *changing) Open(name string) (fs.File, error) { return c.now.Load().Open(name) }

// put makes files the content of c, changed at second n.
func (c *changing) put(n int, files map[string]string) {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text), ModTime: time.Unix(int64(n), 0)}
	}
	c.now.Store(&m)
}

// generation is an operator's folder in which two files say the same number.
func generation(n int) map[string]string {
	return map[string]string{
		"products.toml": fmt.Sprintf(`[[product]]
id = "gmail"
name = "Gmail"
names = ["google mail"]
owner = "Generation %d"
owner_country = "US"
categories = ["email"]
sources = ["catalogue"]
checked = 2026-03-01
`, n),
		"glossary.toml": fmt.Sprintf(`[[term]]
id = "spf"
name = { nl = "SPF", en = "SPF" }
text = { nl = "Generatie %d.", en = "Generation %d." }
sources = ["https://www.example.org/rfc7208"]
checked = 2026-03-01
`, n, n),
	}
}

// broken are ways in which an operator's files can be wrong, with the place
// that the refusal must name.
var broken = []struct{ name, file, text, place string }{
	{"syntax", "glossary.toml", "[[term]]\nid = \"spf\n", "glossary.toml:2:"},
	{"unknown key", "glossary.toml", "[[term]]\nid = \"spf\"\nnaam = \"x\"\n", "glossary.toml:3:1: term.naam: unknown key"},
	{"type", "products.toml", "[[product]]\nid = 3\n", "products.toml:2:6: product.id: got integer"},
	{"value", "products.toml", "[[product]]\nid = \"x\"\nname = \"Xyz\"\nowner = \"Y\"\nowner_country = \"usa\"\ncategories = [\"email\"]\nsources = [\"catalogue\"]\nchecked = 2026-03-01\n", "products.toml:5:1: product.0.owner_country:"},
	{"reference", "products.toml", "[[product]]\nid = \"x\"\nname = \"Xyz\"\nowner = \"Y\"\ncategories = [\"emial\"]\nsources = [\"catalogue\"]\nchecked = 2026-03-01\n", "products.toml:5:15: product.0.categories.0: there is no category \"emial\""},
	{"name", "produkten.toml", "", "produkten.toml: this is not the name of a knowledge file"},
}

func TestABrokenFileIsRefusedAndTheOldKnowledgeStays(t *testing.T) {
	for _, tt := range broken {
		t.Run(tt.name, func(t *testing.T) {
			var operator changing
			operator.put(1, generation(7))
			store, err := knowledge.OpenLayers(knowledge.Dir("testdata/base"), knowledge.Layer{FS: &operator, Name: "own"})
			if err != nil {
				t.Fatal(err)
			}
			files := generation(8)
			files[tt.file] = tt.text
			operator.put(2, files)
			err = store.Reload()
			if err == nil || !strings.Contains(knowledge.FirstFault(err), "own/"+tt.place) {
				t.Errorf("refused with %v, want the place own/%s", err, tt.place)
			}
			if got := store.Base().Product("gmail").Owner; got != "Generation 7" {
				t.Errorf("after the refusal the owner is %q, want the old one", got)
			}
			operator.put(3, generation(9))
			if err := store.Reload(); err != nil {
				t.Errorf("mended, but %v", err)
			}
			if got := store.Base().Product("gmail").Owner; got != "Generation 9" {
				t.Errorf("mended, but the owner is %q", got)
			}
		})
	}
}

func TestAnOperatorOverridesAndAddsByID(t *testing.T) {
	var operator changing
	files := generation(1)
	files["alternatives/email.toml"] = `
[[service]]
id = "posteo"
name = "Posteo"
url = "https://posteo.example.com/"
text = { nl = "Onze club gebruikt dit zelf.", en = "Our club uses this itself." }
sources = ["catalogue"]
checked = 2026-03-01

[[service]]
id = "club-own"
name = "Eigen clubmail"
url = "https://club.example.nl/mail"
text = { nl = "Alleen voor leden van de club.", en = "For members of the club only." }
sources = ["catalogue"]
checked = 2026-03-01
`
	operator.put(1, files)
	base, err := knowledge.Load(knowledge.Dir("testdata/base"), knowledge.Layer{FS: &operator, Name: "own"})
	if err != nil {
		t.Fatal(err)
	}
	email := base.Category("email")
	if got := len(email.Services); got != 8 {
		t.Errorf("%d services, want the seven of the base and one more", got)
	}
	if got := base.Service("posteo")[0].Service.Text.NL; got != "Onze club gebruikt dit zelf." {
		t.Errorf("posteo says %q, want the operator's text", got)
	}
	if got := email.Category.Name.NL; got != "e-mail" {
		t.Errorf("the category is called %q, want its name to stay", got)
	}
	if got := base.Find("eigen clubmail", knowledge.KindService); len(got) != 1 {
		t.Errorf("the added service is found %d times", len(got))
	}
}

func TestReloadUnderLoad(t *testing.T) {
	var operator changing
	operator.put(0, generation(0))
	store, err := knowledge.OpenLayers(knowledge.Dir("testdata/base"), knowledge.Layer{FS: &operator, Name: "own"})
	if err != nil {
		t.Fatal(err)
	}
	const changes = 200
	tick, reports := make(chan time.Time), make(chan error)
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		store.Watch(context.Background(), tick, func(err error) { reports <- err })
	}()
	stop := make(chan struct{})
	var lookups atomic.Int64
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				base := store.Base()
				found := base.Find("google mail", knowledge.KindProduct)
				if len(found) != 1 {
					t.Errorf("found %d products in the middle of a change", len(found))
					return
				}
				owner, text := base.Product(found[0].ID).Owner, base.Term("spf").Text.EN
				if owner+"." != text {
					t.Errorf("mixed state: %q and %q", owner, text)
					return
				}
				lookups.Add(1)
				runtime.Gosched()
			}
		})
	}
	accepted, refused := 0, 0
	for n := 1; n <= changes; n++ {
		files := generation(n)
		bad := n%2 == 0
		if bad {
			b := broken[n/2%len(broken)]
			files[b.file] = b.text
		}
		operator.put(n, files)
		tick <- time.Time{} // it sees the change …
		tick <- time.Time{} // … and that the files lie still
		err := <-reports
		if (err != nil) != bad {
			t.Fatalf("change %d: reload said %v, broken: %v", n, err, bad)
		}
		if bad {
			refused++
		} else {
			accepted++
			if got, want := store.Base().Product("gmail").Owner, fmt.Sprintf("Generation %d", n); got != want {
				t.Fatalf("change %d: the owner is %q", n, got)
			}
		}
		for target := lookups.Load() + 10; lookups.Load() < target && !t.Failed(); {
			// let the readers in between any two changes
			runtime.Gosched()
		}
	}
	close(stop)
	readers.Wait()
	close(tick)
	<-watching
	t.Logf("%d lookups while %d changes were accepted and %d refused", lookups.Load(), accepted, refused)
	if got := lookups.Load(); got < 1000 {
		t.Errorf("only %d lookups", got)
	}
}

func TestWatchWaitsUntilFilesLieStill(t *testing.T) { synctest.Test(t, watchWaitsUntilFilesLieStill) }

func watchWaitsUntilFilesLieStill(t *testing.T) {
	time.Sleep(time.Until(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))) // the bubble begins in 2000, before the entries were checked
	dir := t.TempDir()
	write := func(n int) {
		t.Helper()
		for name, text := range generation(n) {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Unix(int64(1000+n), 0)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(1)
	store, err := knowledge.OpenLayers(knowledge.Dir("testdata/base"), knowledge.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	tick := make(chan time.Time)
	var reported atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		store.Watch(context.Background(), tick, func(error) { reported.Add(1) })
	}()
	owner := func() string { return store.Base().Product("gmail").Owner }
	for n := 2; n <= 4; n++ {
		write(n) // an editor who saves again and again
		tick <- time.Time{}
		synctest.Wait() // until that look at the files is over
	}
	if got := owner(); got != "Generation 1" {
		t.Errorf("while the files move the owner is %q", got)
	}
	for range 3 {
		tick <- time.Time{}
		synctest.Wait()
	}
	close(tick)
	<-done
	if got := owner(); got != "Generation 4" {
		t.Errorf("when the files lie still the owner is %q", got)
	}
	if got := reported.Load(); got != 1 {
		t.Errorf("%d reports, want one", got)
	}
}
