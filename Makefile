# Build, test and run Wolkwijs. `make` alone lists what there is.

# Every go command here builds without cgo, with the pure Go implementation of
# Olm and with the time zones inside. What `go env` has set stays in force.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(shell go env GOFLAGS) -tags=goolm,timetzdata)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X main.version=$(VERSION))

# The folders of the Go modules; the first is the product.
MODULES := . e2e e2e/dendrite bench bench/zdns .ci/tools

.DEFAULT_GOAL := help
.PHONY: help build bench eval test lint fmt demo clean members soak faults fuzz simulate country

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 12

build: ## Build the static program bin/wolkwijs.
	@mkdir -p bin
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/wolkwijs .

test: build ## Run all tests: units, transcripts, fuzz seeds and end to end.
	@mkdir -p e2e/.cache/bin
	@go build -C e2e -o .cache/bin/testall ./cmd/testall
	@e2e/.cache/bin/testall $(if $(TOTALS),-totals $(TOTALS))

demo: build ## Talk to the bot in encrypted rooms on a homeserver of your own.
	@mkdir -p e2e/.cache/bin
	@go build -C e2e -o .cache/bin/demo ./cmd/demo
	@e2e/.cache/bin/demo

bench: build ## Measure everything beside its peers and what is possible at best (SAVE=yes keeps the table).
	go run -C bench . $(if $(SAVE),-o README.md)

eval: ## Ask the questions of the test set: accuracy per kind, language and topic, and what is confused.
	go test -count=1 ./knowledge/search -run TestAccuracy -v -eval

members: build ## Try 20 encrypted rooms with 50 devices that come and go: who was there reads every answer, nobody else does.
	cd e2e && WOLKWIJS_MEMBERS=20x50 go test -v -count=1 -timeout 20m -run TestMembersReadAnswers .

faults: build ## Kill, cut off and fill up: a thousand questions for each fault, plain and encrypted.
	WOLKWIJS_FAULTS=full go test -C e2e -count=1 -timeout=2h -v -run '^TestFaults$$' .

soak: build ## Ask twenty questions a second for half an hour and look whether the bot grows.
	WOLKWIJS_SOAK=30m go test -C e2e -count=1 -timeout=50m -v -run '^TestSoak$$' .

# Without the last flag the fuzzer tries for a minute to make each new input smaller.
fuzz: ## Send the bot random events and conversations, ten minutes of each.
	for target in FuzzEvents FuzzConversations; do \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime 10m -timeout 30m -fuzzminimizetime 1x ./bot || exit; \
	done

simulate: ## Have ten years go by in a thousand rooms a hundred times: is each tip of the week posted once?
	GOGC=800 WOLKWIJS_SIMULATION=100 go test -v -timeout 5h -run 'TenYears$$' ./bot

country: build ## Survey the 100,000 domains of a country of our own, cut off and resumed twice.
	WOLKWIJS_COUNTRY=100000 go -C e2e test -count=1 -timeout=60m -v -run PowerCuts ./survey

lint: build ## Check format, code, configuration example, modules and known vulnerabilities.
	@MODULES='$(MODULES)' .ci/lint

fmt: ## Format the Go code.
	gofmt -w $$(git ls-files '*.go')

clean: ## Remove what was built, fetched and cached in this tree.
	rm -rf bin dist e2e/.cache e2e/js/node_modules

.PHONY: release
release: ## Make dist/: tarballs and Debian packages, built twice with the same bytes.
	@VERSION='$(VERSION)' .ci/release

.PHONY: screenshots
screenshots: build ## Draw the pictures of the readmes from the demo, with Chromium.
	@mkdir -p e2e/.cache/bin
	@go build -C e2e -o .cache/bin/demo ./cmd/demo
	@e2e/.cache/bin/demo -pictures docs/pictures

.PHONY: card
card: ## Print the members' card, docs/card.md, as dist/card.pdf, with Chromium.
	@go run -C e2e ./cmd/card
