#!/bin/sh
# Install the programs of scripts/npm/ into the user's cache, unless they are there
# already, and print the folder of their commands. examples/npm_test.go looks there too.
set -eu
source=$(cd "$(dirname "$0")/npm" && pwd)
home=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-auth
folder=$home/npm

# A second run waits for the first. Without flock (macOS) it installs the same once more.
mkdir -p "$home"
if command -v flock >/dev/null 2>&1; then
	exec 9>"$home/npm.lock"
	flock 9
fi
# The lock file decides what is installed, so it also says whether that is here.
if ! cmp -s "$source/package-lock.json" "$folder/package-lock.json"; then
	command -v npm >/dev/null || { echo "error: there is no npm on PATH (Debian: apt-get install npm)" >&2; exit 1; }
	echo "installing the packages of $source into $folder" >&2
	# Installed elsewhere and moved, so that an interrupted run leaves nothing behind.
	new=$(mktemp -d "$home/npm-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	cp "$source/package.json" "$source/package-lock.json" "$new/"
	# Nothing of these packages has to be built, so nothing of them runs here.
	install() { npm ci --prefix "$new" --ignore-scripts --no-audit --no-fund --loglevel=error >&2; }
	install || { echo "trying again" >&2; sleep 5; install; }
	rm -rf "$folder"
	mv "$new" "$folder"
fi
printf '%s\n' "$folder/node_modules/.bin"
