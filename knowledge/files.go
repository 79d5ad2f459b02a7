package knowledge

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"wolkwijs/tomlfile"
)

// builtin is the knowledge that comes with the program.
//
//go:embed data
var builtin embed.FS

// Layer is a folder of knowledge files. Entries of a later layer replace those
// of an earlier one that have the same ID.
type Layer struct {
	FS   fs.FS
	Name string // put before the names of its files in errors; may be empty
}

// Builtin is the layer that comes with the program.
func Builtin() Layer {
	sub, err := fs.Sub(builtin, "data")
	if err != nil {
		panic(err) // the folder is embedded under this very name
	}
	return Layer{FS: sub, Name: "knowledge/data"}
}

// Dir is the layer in a folder on disk.
func Dir(dir string) Layer { return Layer{FS: os.DirFS(dir), Name: dir} }

// file is one knowledge file as read. content points to the struct of the
// schema that belongs to its name.
type file struct {
	name    string // as shown in errors
	layer   int
	data    []byte
	content any
}

// maxFile is the size in bytes above which a file is refused: ten times the
// largest that is built in.
const maxFile = 20 << 20

// contentOf returns an empty struct of the schema for a file with the given
// name within its layer, or nil if the name is not that of a knowledge file.
func contentOf(name string) any {
	folder, base := path.Split(strings.TrimSuffix(name, ".toml"))
	switch folder {
	case "alternatives/":
		return &AlternativesFile{}
	case "topics/":
		return &TopicFile{}
	case "providers/":
		return &ProvidersFile{}
	case "questions/":
		return &AskedFile{}
	case "":
	default:
		return nil
	}
	switch {
	case base == "products":
		return &ProductsFile{}
	case base == "twofactor", strings.HasPrefix(base, "twofactor-"):
		return &TwoFactorFile{}
	case base == "tips":
		return &TipsFile{}
	case base == "glossary":
		return &GlossaryFile{}
	case base == "providers":
		return &ProvidersFile{}
	case base == "search":
		return &SearchFile{}
	case base == "countries":
		return &CountriesFile{}
	case base == "sources":
		return &SourcesFile{}
	case base == "disclaimer":
		return &DisclaimerFile{}
	}
	return nil
}

// read reads and decodes all files of the layers, several at a time. It
// returns them in the order of layers and names, and all faults that decoding
// found. A file with a fault has a nil content. The error is for a layer that
// cannot be read at all.
func read(layers []Layer) ([]*file, tomlfile.Errors, error) {
	var files []*file
	var faults tomlfile.Errors
	for i, l := range layers {
		names, err := list(l)
		if err != nil {
			return nil, nil, err
		}
		for _, name := range names {
			f := &file{name: filepath.ToSlash(path.Join(l.Name, name)), layer: i, content: contentOf(name)}
			if f.content == nil {
				faults = append(faults, &tomlfile.Error{File: f.name, Msg: "this is not the name of a knowledge file", Hint: "see docs/knowledge.md for the names"})
				continue
			}
			if f.data, err = fs.ReadFile(l.FS, name); err != nil {
				return nil, nil, fmt.Errorf("read the knowledge base: %w", err)
			}
			files = append(files, f)
		}
	}
	found := make([]tomlfile.Errors, len(files))
	biggestFirst := make([]int, len(files))
	for i := range biggestFirst {
		biggestFirst[i] = i
	}
	slices.SortStableFunc(biggestFirst, func(a, b int) int { return len(files[b].data) - len(files[a].data) })
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for i := range next {
				found[i] = files[i].decode()
			}
		})
	}
	for _, i := range biggestFirst {
		next <- i
	}
	close(next)
	wg.Wait()
	return files, slices.Concat(append([]tomlfile.Errors{faults}, found...)...), nil
}

// list returns the names of the TOML files in a layer, sorted, with those of
// twofactor.toml before its supplements. Hidden files and those that editors
// leave behind are passed over.
func list(l Layer) ([]string, error) {
	var names []string
	err := fs.WalkDir(l.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && name != ".":
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && strings.HasSuffix(name, ".toml"):
			names = append(names, name)
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the knowledge folder %s does not exist: %w", l.Name, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("read the knowledge folder %s: %w", l.Name, err)
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(strings.TrimSuffix(a, ".toml"), strings.TrimSuffix(b, ".toml"))
	})
	return names, nil
}

// decode fills the content of f and returns its faults.
func (f *file) decode() tomlfile.Errors {
	if len(f.data) > maxFile {
		f.content = nil
		return tomlfile.Errors{{File: f.name, Msg: fmt.Sprintf("larger than %d MB", maxFile>>20)}}
	}
	err := tomlfile.Decode(f.name, f.data, f.content)
	if err == nil {
		return nil
	}
	f.content = nil
	var faults tomlfile.Errors
	if !errors.As(err, &faults) {
		faults = tomlfile.Errors{{File: f.name, Msg: err.Error()}}
	}
	return faults
}
