package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the released version; the linker sets it (-X main.version=…).
// Without that it is derived from what the Go toolchain recorded.
var version = ""

// versionCmd prints the version.
type versionCmd struct{}

// Run prints one line: name, version, Go version and platform.
func (versionCmd) Run(p *program) error {
	_, err := fmt.Fprintf(p.out, "wolkwijs %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// versionText is the released version, or else the commit it was built from.
func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "0.0.0-" + s.Value[:12]
		}
	}
	return "0.0.0-dev"
}
