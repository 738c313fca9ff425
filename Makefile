.PHONY: build demo test record install-test lint size fuzz bench e2e dist dist-check install clean clients kustomize servers

build: # the programs into bin/, the post-renderer also beside its Helm 4 metadata
	scripts/build.sh

demo: # lint and post-render the examples; needs nothing but Go, and builds the main program alone
	@scripts/demo.sh

test: clients kustomize # all but make install-test and make e2e, with the real Helm clients and kustomize; compiled as the programs are, so once
	CGO_ENABLED=0 go test -trimpath -tags cluster -timeout 20m ./...

install-test: clients # what takes minutes: make demo, make install, releases, installations from git, pre-commit
	CGO_ENABLED=0 go test -trimpath -tags cluster,install -run TestInstall -timeout 20m ./examples

record: # what the Argo CD at ARGOCD_URL answers, into OUT; preflight/argocdtest/record says what else it takes
	go run -tags record ./preflight/argocdtest/record

lint: # gofmt, go vet, staticcheck
	scripts/lint.sh

size: # lines of Go without tests, and their limits
	scripts/size.sh

fuzz: # every fuzz target for FUZZTIME, 30s if not said otherwise
	scripts/fuzz.sh

bench: # CPU, memory and start-up against helm lint, ajv, kustomize, yq and cat, as ratios; then the Go benchmarks
	go test -count=1 -tags bench -run TestBench -v ./examples/bench
	go test -tags cluster -run '^$$' -bench . -benchmem ./...

e2e: clients servers # the programs and the real Helm clients against a real API server
	go test -count=1 -timeout 30m -tags cluster,e2e ./e2e

dist: # archives, checksums and an SBOM for every platform into dist/; signed with SIGN_KEY=NAME SIGN_KEYRING=FILE
	scripts/dist.sh

dist-check: # the configuration of GoReleaser and the examples for CI, with the tools they are for
	scripts/dist-check.sh

install: build # the plugin for the helm on PATH
	scripts/install.sh

clean:
	rm -rf bin dist render/postrenderer/bin

clients: # Helm 3 and Helm 4 for the tests, into the user's cache
	scripts/clients.sh

kustomize: # for the tests, into the user's cache
	scripts/peers.sh kustomize

servers: # kube-apiserver, etcd and kubectl for make e2e, into the user's cache
	scripts/servers.sh
