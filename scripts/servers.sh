#!/bin/sh
# The control plane for the end-to-end tests: kube-apiserver, etcd and kubectl, built
# once into the user's cache. Prints the folder they are in.
set -eu
module=$(dirname "$0")/../e2e/servers
home=${XDG_CACHE_HOME:-$HOME/.cache}/runtime-auth
# What is built depends on these files and on nothing else.
folder=$home/servers-$(cat "$module/go.mod" "$module/go.sum" "$0" | cksum | tr ' ' '-')

version=$(go -C "$module" list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}
ldflags="-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$minor"

build() { # PACKAGE BINARY
	CGO_ENABLED=0 go -C "$module" build -trimpath -buildvcs=false -ldflags "$ldflags" -o "$2" "$1" >&2
}

if [ ! -d "$folder" ]; then
	echo "building kube-apiserver, etcd and kubectl $version into $folder: ten minutes of CPU time" >&2
	mkdir -p "$home"
	# Built elsewhere and moved as a whole: neither an interrupted build nor two at
	# once leave half of it.
	new=$(mktemp -d "$home/servers-new-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	build go.etcd.io/etcd/server/v3 "$new/etcd"
	build k8s.io/kubernetes/cmd/kubectl "$new/kubectl"
	build k8s.io/kubernetes/cmd/kube-apiserver "$new/kube-apiserver"
	chmod 755 "$new"
	[ -d "$folder" ] || mv "$new" "$folder"
fi
printf '%s\n' "$folder"
