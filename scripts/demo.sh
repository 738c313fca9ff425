#!/bin/sh
# Show what the plugin does, on the files in examples/, in 40 lines. Needs nothing but Go.
# The program is built for this alone, without optimisation and without what a debugger
# needs: that takes half the time.
# usage: demo.sh [FOLDER]   (to build into, instead of bin/demo)
set -eu
cd "$(dirname "$0")/.."
bin=${1:-bin/demo}
title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
	title() { printf '\n== %s\n' "$*"; }
fi
show() { printf '$ %s\n' "$*"; }

echo "building $bin/runtime-auth with Go: half a minute of processor time on a fresh machine, and the download of its modules"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p "$bin"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -gcflags='all=-N -l -dwarf=false' -ldflags='-s -w' -o "$bin/" ./cmd/runtime-auth 2>"$log" ||
	{ cat "$log" >&2; exit 1; }
PATH=$(cd "$bin" && pwd):$PATH

title "Lint: one letter is missing, and the chart would ignore the whole block"
show runtime-auth lint examples/broken/misspelled-key.yaml
if runtime-auth lint examples/broken/misspelled-key.yaml; then
	echo "error: the mistake was not found" >&2
	exit 1
fi

title "Plan: what the post-renderer would wire. These manifests are of examples/chart, a small stand-in for the real chart"
show "runtime-auth plan <examples/manifests/g1.yaml"
runtime-auth plan <examples/manifests/g1.yaml

title "Render: wired as planned, and nothing else is changed"
show "runtime-auth render <examples/manifests/g1.yaml | runtime-auth plan | tail -n 1"
runtime-auth render <examples/manifests/g1.yaml | runtime-auth plan | tail -n 1

title "Next"
echo "$bin/runtime-auth lint VALUES.yaml   your own values (README.md shows the rest)"
echo "make install   the plugin for the helm on PATH"
