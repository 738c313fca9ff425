#!/bin/sh
# The control plane for the end-to-end tests: kube-apiserver, etcd and kubectl, built
# once into the user's cache. Prints the folder they are in.
# usage: servers.sh [path]   (path: build nothing, fail if they are not there)
set -eu
module=$(dirname "$0")/../e2e/servers
home=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-auth

version=$(go -C "$module" list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}
ldflags="-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$minor"
# What is built depends on these files and on nothing else.
folder=$home/servers-$version-$(cat "$module/go.mod" "$module/go.sum" "$0" | cksum | tr ' ' '-')

build() { # PACKAGE BINARY
	CGO_ENABLED=0 go -C "$module" build -mod=readonly -trimpath -buildvcs=false -ldflags "$ldflags" -o "$2" "$1" >&2
}

if [ "${1:-}" = path ] && [ ! -d "$folder" ]; then
	echo "no $folder" >&2
	exit 1
fi
mkdir -p "$home"
# A second run waits for the first instead of doing the same work again. Without
# flock (macOS) it does, which costs time and nothing else.
if [ ! -d "$folder" ] && command -v flock >/dev/null 2>&1; then
	exec 9>"$home/servers.lock"
	flock 9
fi
if [ ! -d "$folder" ]; then
	echo "building kube-apiserver, etcd and kubectl $version into $folder: ten minutes of CPU time" >&2
	# Built elsewhere and moved as a whole: an interrupted build leaves nothing that
	# could be taken for a good one.
	new=$(mktemp -d "$home/servers-new-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	trap 'exit 1' INT TERM
	chmod 755 "$new"
	build go.etcd.io/etcd/server/v3 "$new/etcd"
	build k8s.io/kubernetes/cmd/kubectl "$new/kubectl"
	build k8s.io/kubernetes/cmd/kube-apiserver "$new/kube-apiserver"
	[ -d "$folder" ] || mv "$new" "$folder"
fi
printf '%s\n' "$folder"
