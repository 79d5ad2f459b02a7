package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"wolkwijs/e2e/tree"
)

// ofTree reads a file of the source tree.
func ofTree(t *testing.T, name string) []byte {
	t.Helper()
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The compose file gives the bot what the image needs, and brings a resolver
// and a database only where they are asked for.
func TestComposeFile(t *testing.T) {
	type service struct {
		Image, Build any
		Profiles     []string
		Volumes      []string
		Secrets      []string
		ReadOnly     bool     `yaml:"read_only"`
		CapDrop      []string `yaml:"cap_drop"`
		NetworkMode  string   `yaml:"network_mode"`
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]any
		Secrets  map[string]struct{ File string }
	}
	if err := yaml.Unmarshal(ofTree(t, "deploy/compose.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	bot := file.Services["wolkwijs"]
	if len(bot.Profiles) > 0 || !bot.ReadOnly || !slices.Equal(bot.CapDrop, []string{"ALL"}) {
		t.Errorf("the bot: %+v", bot)
	}
	if unbound := file.Services["unbound"]; !slices.Equal(unbound.Profiles, []string{"unbound"}) || unbound.NetworkMode != "service:wolkwijs" {
		t.Errorf("unbound: %+v", unbound)
	}
	if postgres := file.Services["postgres"]; !slices.Equal(postgres.Profiles, []string{"postgres"}) {
		t.Errorf("postgres: %+v", postgres)
	}
	for name, s := range file.Services {
		if s.Image == nil && s.Build == nil {
			t.Errorf("%s has neither an image nor a build", name)
		}
		for _, secret := range s.Secrets {
			if file.Secrets[secret].File == "" {
				t.Errorf("%s: there is no secret %q", name, secret)
			}
		}
		for _, volume := range s.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, ok := file.Volumes[from]; !ok && !strings.HasPrefix(from, "./") {
				t.Errorf("%s: there is no volume %q", name, from)
			}
		}
	}
	example := string(ofTree(t, "config.toml.example"))
	for _, path := range []string{"/run/secrets/password", "/var/lib/wolkwijs/"} {
		if !strings.Contains(example, path) {
			t.Errorf("config.toml.example no longer names %s, which the compose file relies on", path)
		}
	}
}
