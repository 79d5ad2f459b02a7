//go:build linux

package search_test

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"wolkwijs/knowledge"
	"wolkwijs/knowledge/search"
)

// cpuTime is the processor time that the program has used: what a machine that
// others use too does not change.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkNew builds the index of the built-in knowledge, and tells the
// processor time of all threads and what of memory stays in use.
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
	start := cpuTime(b)
	n := 0
	for b.Loop() {
		x, err := search.New(store.Base())
		if err != nil {
			b.Fatal(err)
		}
		x.Close()
		n++
	}
	b.ReportMetric(float64((cpuTime(b)-start).Milliseconds())/float64(n), "cpu-ms/op")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	kept.Close()
}

// BenchmarkAskP99 asks all questions and tells the slowest in a hundred, with
// the knowledge base as it is and with ten times as many entries. The engine
// hands work to other goroutines: on a thread that is locked, that alone takes
// longer than the answer.
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

// multiplied is the built-in knowledge times times over. Each further layer has
// every category, service, product, topic, term, site and question once more,
// under an ID of its own and with half of its words made into words that
// nothing else has, as new entries have names and words of their own.
func multiplied(b *testing.B, times int) *knowledge.Base {
	b.Helper()
	data := os.DirFS("../data")
	layers := []knowledge.Layer{knowledge.Builtin()}
	for n := 1; n < times; n++ {
		layer := fstest.MapFS{}
		err := fs.WalkDir(data, ".", func(name string, d fs.DirEntry, err error) error {
			folder, file := path.Split(name)
			copied := slices.Contains([]string{"alternatives/", "topics/", "questions/"}, folder) ||
				slices.Contains([]string{"glossary.toml", "products.toml", "twofactor.toml", "twofactor-nl.toml"}, file)
			if err != nil || d.IsDir() || !copied || file == "alike.toml" {
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
			layer[name] = &fstest.MapFile{Data: []byte(another(string(text), mark))}
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

var (
	anID     = regexp.MustCompile(`(?m)(\[category\]\n|\[topic\]\n|\[\[term\]\]\n|\[\[product\]\]\n)id = "([^"]+)"`)
	aDomain  = regexp.MustCompile(`(?m)^(domain) = "`)
	domains  = regexp.MustCompile(`(?m)^domains = .*\n`)
	category = regexp.MustCompile(`(?m)^categories = \["([^"]+)"`)
	subject  = regexp.MustCompile(`(?m)^topic = "([^"*]+)"`)
	wordy    = regexp.MustCompile(`(?m)^(name|names|title|questions|answer|more|text|intro|steps|nl|en|  ").*$`)
	aWord    = regexp.MustCompile(`[{]?[a-z]{4,}`)
)

// another is a knowledge file with other IDs and half of its words changed.
func another(text, mark string) string {
	text = anID.ReplaceAllString(text, `${1}id = "${2}`+mark+`"`)
	text = domains.ReplaceAllString(text, "")
	text = aDomain.ReplaceAllString(text, `${1} = "`+mark)
	text = category.ReplaceAllString(text, `categories = ["${1}`+mark+`"`)
	text = subject.ReplaceAllStringFunc(text, func(line string) string {
		if line == `topic = "`+search.None+`"` || line == `topic = "2fa"` || strings.HasPrefix(line, `topic = "tip:`) {
			return line
		}
		return strings.TrimSuffix(line, `"`) + mark + `"`
	})
	return wordy.ReplaceAllStringFunc(text, func(line string) string {
		key, rest, ok := strings.Cut(line, "=")
		if !ok {
			key, rest = "", line
		} else {
			key += "="
		}
		return key + aWord.ReplaceAllStringFunc(rest, func(w string) string {
			h := fnv.New32a()
			h.Write([]byte(w + mark))
			if sum := h.Sum32(); w[0] != '{' && sum%2 == 0 {
				return changed(w, int(sum/2))
			}
			return w
		})
	})
}

// changed is a word that could be one, with other letters.
func changed(w string, by int) string {
	const vowels, consonants = "aeiou", "bcdfghjklmnpqrstvwxyz"
	b := []byte(w)
	for i, c := range b {
		if at := strings.IndexByte(vowels, c); at >= 0 {
			b[i] = vowels[(at+by+i)%len(vowels)]
		} else {
			b[i] = consonants[(strings.IndexByte(consonants, c)+by+i)%len(consonants)]
		}
	}
	return string(b)
}
