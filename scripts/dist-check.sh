#!/bin/sh
# Check what cannot be run here or before there is a release: the code that is only
# for other systems, the configuration of GoReleaser, and the action and the workflow
# for GitHub.
set -eu
cd "$(dirname "$0")/.."
goreleaser=$(scripts/cache.sh goreleaser v2.15.1 github.com/goreleaser/goreleaser/v2 .)
actionlint=$(scripts/cache.sh actionlint v1.7.12 github.com/rhysd/actionlint cmd/actionlint)
for os in darwin windows; do
	echo "go vet for $os"
	GOOS=$os go vet -tags cluster ./...
done
"$goreleaser" check .goreleaser.yaml

# actionlint looks at an action where a workflow of the same repository uses it.
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
git init -q "$new"
mkdir -p "$new/.github/workflows"
cp action.yml "$new/"
sed 's|uses: helm-runtime-auth/runtime-auth@.*|uses: ./|' examples/ci/github.yml >"$new/.github/workflows/lint.yml"
grep -q 'uses: \./$' "$new/.github/workflows/lint.yml" # the sed above found it
cd "$new"
"$actionlint" -color=false
