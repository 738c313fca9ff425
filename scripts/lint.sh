#!/bin/sh
# Check our own code: format, go vet, staticcheck.
set -eu
cd "$(dirname "$0")/.."
staticcheck=$(scripts/cache.sh staticcheck v0.8.2 honnef.co/go/tools cmd/staticcheck)

echo "gofmt -s"
unformatted=$(find . -name '*.go' -not -path './.git/*' -not -path '*/testdata/*' -exec gofmt -s -l {} +)
if [ -n "$unformatted" ]; then
	printf 'error: not formatted, run gofmt -s -w on:\n%s\n' "$unformatted" >&2
	exit 1
fi
echo "go vet"
go vet ./...
go vet -tags cluster ./...
go vet -tags cluster,install ./examples
go vet -tags bench ./examples/bench
go vet -tags cluster,e2e ./e2e
go vet -tags cluster,docgen ./cmd/internal/docgen
go vet -tags record ./preflight/argocdtest/record
echo "staticcheck"
"$staticcheck" -tags cluster ./...
"$staticcheck" -tags cluster,install ./examples
"$staticcheck" -tags bench ./examples/bench
"$staticcheck" -tags cluster,e2e ./e2e
"$staticcheck" -tags cluster,docgen ./cmd/internal/docgen
"$staticcheck" -tags record ./preflight/argocdtest/record
if command -v shellcheck >/dev/null 2>&1; then
	echo "shellcheck"
	shellcheck scripts/*.sh .ci/run plugin.complete
fi
