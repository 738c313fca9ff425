#!/bin/sh
# Run every fuzz target for FUZZTIME (default 30s), one after the other.
set -eu
cd "$(dirname "$0")/.."
time=${FUZZTIME:-30s}

for package in $(go list -tags cluster ./...); do
	# go test also prints a summary line of the package: only names begin with Fuzz.
	for target in $(go test -tags cluster -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target ($time)"
		go test -tags cluster -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 3s "$package"
	done
done
