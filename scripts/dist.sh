#!/bin/sh
# Build what is released, for every platform, into dist/:
#   NAME-OS-ARCH                                    static binaries
#   runtime-auth-VERSION-OS-ARCH.tgz                the plugin; flat, as Helm 3 wants it
#   runtime-auth-post-renderer-VERSION-OS-ARCH.tgz  the post-renderer as a Helm 4 plugin, in a folder
#   checksums.txt
# From the same commit and the same Go come the same bytes.
set -eu
cd "$(dirname "$0")/.."
platforms=${DIST_PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}
version=$(sed -n 's/^version: *//p' plugin.yaml)

tar=tar
if ! $tar --version 2>/dev/null | grep -q GNU; then
	tar=gtar # elsewhere tar cannot set owners and order
fi
# pack ARCHIVE FOLDER FILE…: the files in the order given, with nothing in the
# archive that depends on the day or on who packs.
pack() {
	archive=$1 folder=$2
	shift 2
	"$tar" --format=ustar --owner=0 --group=0 --numeric-owner --mode=go=rX,u+w --mtime=@0 \
		--sort=name -C "$folder" -cf - "$@" | gzip -9n >"$archive"
}

rm -rf dist
mkdir -p dist
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
for platform in $platforms; do
	os=${platform%/*} arch=${platform#*/}
	echo "$os/$arch" >&2
	export GOOS="$os" GOARCH="$arch"
	ext=$(go env GOEXE)
	plugin=$stage/$os-$arch/runtime-auth
	post=$stage/$os-$arch/runtime-auth-post-renderer
	mkdir -p "$plugin" "$post"
	scripts/build.sh "$plugin"
	cp plugin.yaml LICENSE "$plugin/"
	cp render/postrenderer/plugin.yaml "$plugin/render/postrenderer/"
	cp -R "$plugin/render/postrenderer/." LICENSE "$post/"
	for name in runtime-auth runtime-auth-post-renderer runtime-auth-cluster; do
		cp "$plugin/bin/$name$ext" "dist/$name-$os-$arch$ext"
	done
	# plugin.yaml first: where an archive holds two, Helm takes the first it meets.
	pack "dist/runtime-auth-$version-$os-$arch.tgz" "$plugin" plugin.yaml LICENSE bin render
	pack "dist/runtime-auth-post-renderer-$version-$os-$arch.tgz" "$stage/$os-$arch" runtime-auth-post-renderer
done
cd dist
if command -v sha256sum >/dev/null; then
	sha256sum -- * >../checksums.new
else
	shasum -a 256 -- * >../checksums.new
fi
mv ../checksums.new checksums.txt
