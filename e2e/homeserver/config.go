package homeserver

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"text/template"
)

// Names of the files in the data folder.
const (
	configName = "dendrite.yaml"
	keyName    = "signing_key.pem"
)

// configTemplate is Dendrite's configuration. Paths are relative to the data
// folder, which is its working directory.
var configTemplate = template.Must(template.New("").Parse(`version: 2
global:
  server_name: {{.ServerName}}
  private_key: {{.Key}}
  disable_federation: true
  presence: {enable_inbound: false, enable_outbound: false}
  report_stats: {enabled: false}
  server_notices: {enabled: false}
  jetstream: {addresses: [], storage_path: ./}
  metrics: {enabled: false}
  cache: {max_size_estimated: 64mb, max_age: 1h}
client_api:
  registration_disabled: true
  guests_disabled: true
  registration_shared_secret: {{.Secret}}
  rate_limiting:
    enabled: {{.Limited}}
    threshold: {{.Threshold}}
    cooloff_ms: {{.CooloffMillis}}
federation_api:
  key_perspectives: []
  database: {connection_string: "file:federation.db"}
key_server:
  database: {connection_string: "file:keys.db"}
media_api:
  base_path: ./media
  database: {connection_string: "file:media.db"}
mscs:
  mscs: []
  database: {connection_string: "file:mscs.db"}
relay_api:
  database: {connection_string: "file:relay.db"}
room_server:
  database: {connection_string: "file:rooms.db"}
sync_api:
  search: {enabled: false}
  database: {connection_string: "file:sync.db"}
user_api:
  bcrypt_cost: 4 # the least there is: these passwords live for minutes
  account_database: {connection_string: "file:users.db"}
tracing: {enabled: false}
logging:
- {type: std, level: warn}
`))

// config returns the content of the configuration file.
func (h *Homeserver) config() ([]byte, error) {
	limit := h.options.RateLimit
	var b bytes.Buffer
	err := configTemplate.Execute(&b, map[string]any{
		"ServerName":    ServerName,
		"Key":           keyName,
		"Secret":        h.secret,
		"Limited":       limit.Threshold > 0,
		"Threshold":     max(limit.Threshold, 1), // 0 is refused even where limiting is off
		"CooloffMillis": max(limit.Cooloff.Milliseconds(), 1),
	})
	if err != nil {
		return nil, fmt.Errorf("write its configuration: %w", err)
	}
	return b.Bytes(), nil
}

// signingKey returns a fresh ed25519 key in the PEM form that Dendrite reads:
// the 32 bytes of the seed, with the key's ID as a header.
func signingKey() ([]byte, error) {
	seed := make([]byte, 32)
	if _, err := rand.Read(seed); err != nil {
		return nil, fmt.Errorf("make its signing key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{
		Type:    "MATRIX PRIVATE KEY",
		Headers: map[string]string{"Key-ID": "ed25519:club"},
		Bytes:   seed,
	}), nil
}

// randomHex returns n random bytes as hexadecimal digits.
func randomHex(n int) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}
