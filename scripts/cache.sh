#!/bin/sh
# Install one Go program into the user's cache, unless that version is there
# already, and print the path of its binary.
# usage: cache.sh NAME VERSION PACKAGE
set -eu
name=$1 version=$2 package=$3
home=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-auth
folder=$home/$name-$version
binary=$folder/$name$(go env GOEXE)

if [ ! -x "$binary" ]; then
	echo "installing $name $version into $folder" >&2
	mkdir -p "$home"
	# Build beside it and move, so that an interrupted build leaves nothing behind.
	new=$(mktemp -d "$home/new-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	GOBIN=$new go install "$package@$version" >&2
	mkdir -p "$folder"
	mv "$new/$name$(go env GOEXE)" "$binary"
fi
printf '%s\n' "$binary"
