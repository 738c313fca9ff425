#!/bin/sh
# Put the plugin where the helm on PATH looks for it, over an older one if need be.
# For Helm 4 that is two plugins; for Helm 3 the post-renderer is a binary on PATH.
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "$*" >&2; }

command -v helm >/dev/null || { say "error: there is no helm on PATH"; exit 1; }
version=$(helm version --template '{{.Version}}')
case $version in
v3*) major=3 ;;
v4*) major=4 ;;
*) say "error: this helm is $version, the plugin is for 3 and 4"; exit 1 ;;
esac
plugins=$(helm env HELM_PLUGINS)
plugins=${plugins%%:*} # it may name several folders
mkdir -p "$plugins"

# Two folders with a plugin of one name are an error to Helm 3, so the older one
# goes, whatever its folder is called. A link loses only itself.
remove() {
	for old in "$plugins"/*; do
		if grep -qs "^name: *[\"']\{0,1\}$1[\"']\{0,1\} *\$" "$old/plugin.yaml"; then
			rm -rf "${old:?}"
		fi
	done
}

# Copy beside the plugin folder and move, so that helm never sees half a plugin.
new=$(mktemp -d "$(dirname "$plugins")/runtime-auth-XXXXXX")
trap 'rm -rf "$new"' EXIT
place() {
	remove "$1"
	mv "$new/$1" "$plugins/$1"
	say "installed $plugins/$1"
}
post=$new/runtime-auth-post-renderer
mkdir -p "$post" "$new/runtime-auth/render"
cp -R render/postrenderer/plugin.yaml render/postrenderer/bin "$post/"
cp -R plugin.yaml plugin.complete LICENSE bin "$new/runtime-auth/"
# The wrapper commands bring their own post-renderer along.
cp -R "$post" "$new/runtime-auth/render/postrenderer"
place runtime-auth

if [ "$major" = 4 ]; then
	place runtime-auth-post-renderer
	say "warning: a Helm 3 that looks into $plugins too will now load no plugin at all;"
	say "  hint: where both are in use, give each its own HELM_PLUGINS"
elif grep -qs '^apiVersion:' "$plugins"/*/plugin.yaml; then
	say "warning: there are plugins for Helm 4 in $plugins, with which Helm 3 loads no plugin at all:"
	grep -ls '^apiVersion:' "$plugins"/*/plugin.yaml >&2
	say "  hint: where both are in use, give each its own HELM_PLUGINS"
fi

gopath=$(go env GOPATH)
gobin=${gopath%%:*}/bin
mkdir -p "$gobin"
# Not over the old file: it may be running.
cp bin/runtime-auth-post-renderer "$gobin/.runtime-auth-post-renderer.new"
mv "$gobin/.runtime-auth-post-renderer.new" "$gobin/runtime-auth-post-renderer"
say "installed $gobin/runtime-auth-post-renderer"
case $major:$PATH: in
4:*) ;;
*:"$gobin":*) ;;
*) say "warning: $gobin is not on PATH: Helm 3 finds --post-renderer runtime-auth-post-renderer only there" ;;
esac
