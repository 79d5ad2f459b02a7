package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// goBench runs benchmarks of a package of the product and returns what they
// report: by the name of the benchmark and the unit, a value for each round.
func (b *bench) goBench(ctx context.Context, pkg, pattern, times string) (map[string][]float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-benchtime", times, "-count", fmt.Sprint(b.rounds), pkg)
	cmd.Dir, cmd.Env = b.root, os.Environ()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test -bench %s: %w\n%s", pattern, err, out)
	}
	values := map[string][]float64{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := fields[0]
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				name = name[:i]
			}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				key := name + " " + fields[i+1]
				values[key] = append(values[key], v)
			}
		}
	}
	return values, nil
}

// scaled returns the values times a factor.
func scaled(values []float64, by float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v * by
	}
	return out
}

// botAlone runs the bot's own benchmark of an answer.
func botAlone(ctx context.Context, b *bench) ([]row, error) {
	v, err := b.goBench(ctx, "./bot", "^BenchmarkAnswer$", "2s")
	if err != nil {
		return nil, err
	}
	return []row{
		{what: "p50, durable inbox on disk", unit: "ms", goal: "< 1", values: scaled(v["BenchmarkAnswer p50-µs"], 1e-3)},
		{what: "p99", unit: "ms", goal: "< 3", values: scaled(v["BenchmarkAnswer p99-µs"], 1e-3)},
	}, nil
}

// ask runs the benchmarks of plain questions.
func ask(ctx context.Context, b *bench) ([]row, error) {
	v, err := b.goBench(ctx, "./knowledge/search", "^(BenchmarkNew|BenchmarkAskP99)$", "1s")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range []struct{ key, what, unit string }{
		{"BenchmarkNew MB", "index of the knowledge base, in memory", "MB"},
		{"BenchmarkNew ns/op", "building it", "ms"},
		{"BenchmarkAskP99/entries×1 ns/op", "a question", "ms"},
		{"BenchmarkAskP99/entries×1 p99-µs", "the slowest in a hundred", "ms"},
		{"BenchmarkAskP99/entries×10 p99-µs", "the same with ten times the entries", "ms"},
	} {
		by := 1.0
		switch {
		case strings.HasSuffix(r.key, "ns/op"):
			by = 1e-6
		case strings.HasSuffix(r.key, "µs"):
			by = 1e-3
		}
		rows = append(rows, row{what: r.what, unit: r.unit, values: scaled(v[r.key], by)})
	}
	return rows, nil
}
