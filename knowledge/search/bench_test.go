package search_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
)

// BenchmarkNew builds the index of the built-in knowledge, and tells what of
// memory stays in use.
func BenchmarkNew(b *testing.B) {
	store, err := knowledge.Open("")
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept, err := search.New(store.Base())
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		x, err := search.New(store.Base())
		if err != nil {
			b.Fatal(err)
		}
		x.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	kept.Close()
}

// BenchmarkAskP99 answers all questions and tells the slowest in a hundred,
// with the knowledge base as it is and with ten times as many entries.
func BenchmarkAskP99(b *testing.B) {
	for _, times := range []int{1, 10} {
		b.Run(fmt.Sprintf("entries×%d", times), func(b *testing.B) {
			x, err := search.New(multiplied(b, times))
			if err != nil {
				b.Fatal(err)
			}
			defer x.Close()
			all := questions(b)
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				x.Ask(all[i%len(all)].Question, "")
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// multiplied is the built-in knowledge with every topic, category, service and
// term times times over: each further layer has them under IDs of its own.
func multiplied(b *testing.B, times int) *knowledge.Base {
	b.Helper()
	data := os.DirFS("../data")
	layers := []knowledge.Layer{knowledge.Builtin()}
	for n := 1; n < times; n++ {
		layer := fstest.MapFS{}
		err := fs.WalkDir(data, ".", func(name string, d fs.DirEntry, err error) error {
			folder, file := path.Split(name)
			if err != nil || d.IsDir() || (folder != "alternatives/" && folder != "topics/" && file != "glossary.toml") {
				return err
			}
			text, err := fs.ReadFile(data, name)
			if err != nil {
				return err
			}
			mark := fmt.Sprintf("x%d", n)
			if folder != "" {
				name = folder + strings.TrimSuffix(file, ".toml") + mark + ".toml"
			}
			layer[name] = &fstest.MapFile{Data: anID.ReplaceAll(text, []byte(`${1}id = "${2}`+mark+`"`))}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		layers = append(layers, knowledge.Layer{FS: layer})
	}
	store, err := knowledge.OpenLayers(layers...)
	if err != nil {
		b.Fatal(err)
	}
	return store.Base()
}

// anID is the ID of a category, topic or term.
var anID = regexp.MustCompile(`(?m)(\[category\]\n|\[topic\]\n|\[\[term\]\]\n)id = "([^"]+)"`)
