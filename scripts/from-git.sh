#!/bin/sh
# Helm runs this (plugin.yaml) when it has installed the plugin from git, or has
# brought it up to date: the programs have to be built.
set -eu
cd "$(dirname "$0")/.."
if ! command -v go >/dev/null; then
	echo "error: from git the plugin is built with Go, and there is no go on PATH" >&2
	echo "  hint: install the archive of a release, which has the programs in it" >&2
	exit 1
fi
scripts/build.sh
