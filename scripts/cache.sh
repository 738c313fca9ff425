#!/bin/sh
# Build one Go program of another module into the user's cache, unless that version
# is there already, and print the path of its binary.
# usage: cache.sh NAME VERSION MODULE PACKAGE [quick]
# quick: without optimisation and without what a debugger needs, in two thirds of the time,
# unless OPTIMISED is set: that build is for benchmarks, and has a folder of its own.
set -eu
name=$1 version=$2 module=$3 package=$4
home=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-auth
folder=$home/$name-$version${5:+${OPTIMISED:+-optimised}}
compile= link=
if [ "${5:-}" = quick ] && [ -z "${OPTIMISED:-}" ]; then
	compile='all=-N -l -dwarf=false' link='-s -w'
fi
binary=$folder/$name$(go env GOEXE)

# Inside the program's own module, so that its go.mod and go.sum decide, and not in
# one go: `go install PACKAGE@VERSION` also asks for modules of every shorter path,
# and gives up if the proxy refuses to answer for one of those.
build() {
	go mod download "$module@$version" &&
		source=$(go list -m -f '{{.Dir}}' "$module@$version") &&
		CGO_ENABLED=0 go -C "$source" build -mod=readonly -buildvcs=false -trimpath -gcflags="$compile" -ldflags="$link" -o "$1" "./$package"
}

# A second run waits for the first instead of doing the same work again. Without flock
# (macOS) it does, which costs time and nothing else.
if [ ! -x "$binary" ] && command -v flock >/dev/null 2>&1; then
	mkdir -p "$home"
	exec 9>"$home/$name.lock"
	flock 9
fi
if [ ! -x "$binary" ]; then
	echo "building $name $version into $folder" >&2
	mkdir -p "$folder"
	# Built elsewhere and moved, so that an interrupted build leaves nothing behind.
	new=$(mktemp -d "$folder/new-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	build "$new/$name" >&2 || { echo "trying again" >&2; sleep 5; build "$new/$name" >&2; }
	mv "$new/$name" "$binary"
fi
printf '%s\n' "$binary"
