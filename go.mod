module wolkwijs

go 1.26

require (
	codeberg.org/miekg/dns v0.6.90
	github.com/pelletier/go-toml/v2 v2.2.4
	golang.org/x/net v0.51.0
)

require (
	golang.org/x/crypto v0.48.0 // indirect
	golang.org/x/sys v0.41.0 // indirect
)
