module wolkwijs

go 1.26.0

require (
	codeberg.org/miekg/dns v0.6.90
	github.com/alecthomas/kong v1.16.1
	github.com/pelletier/go-toml/v2 v2.2.4
	github.com/rs/zerolog v1.35.1
	golang.org/x/net v0.59.0
	maunium.net/go/mautrix v0.31.0
)

require (
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	go.mau.fi/util v0.10.1 // indirect
	golang.org/x/crypto v0.57.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)
