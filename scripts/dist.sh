#!/bin/sh
# Build what is released, for every platform, into dist/:
#   runtime-auth-OS-ARCH, runtime-auth-cluster-…    the two programs, static
#   runtime-auth-VERSION-OS-ARCH-helm3.tgz          the plugin for Helm 3, which wants it flat
#   runtime-auth-VERSION-OS-ARCH.tgz                the plugin for Helm 4, which wants it in a folder
#   runtime-auth-post-renderer-VERSION-OS-ARCH.tgz  the post-renderer as a plugin, for Helm 4
#   runtime-auth-VERSION.cdx.json                   the modules that the programs are made of
#   checksums.txt
# and, signed by the key SIGN_KEY (scripts/sign.sh), a .prov beside every archive for
# Helm 4 and checksums.txt.asc for everybody else.
# The plugins have manual pages and completion scripts with them.
# From the same commit and the same Go come the same bytes, signatures apart.
set -eu
cd "$(dirname "$0")/.."
platforms=${DIST_PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}
version=$(sed -n 's/^version: *//p' plugin.yaml)
# The day of the commit stands in the manual pages, whenever and wherever they are made.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH TZ=UTC

tar=tar
if ! $tar --version 2>/dev/null | grep -q GNU; then
	tar=gtar # elsewhere tar cannot set owners and order
fi
# pack ARCHIVE FOLDER FILE…: with nothing in the archive that depends on the day or
# on who packs. In the order of names plugin.yaml comes before render/: where an
# archive holds two of that name, Helm takes the first it meets. Helm unpacks no links,
# so a program is in the archive under every name that it has.
pack() {
	archive=$1 folder=$2
	shift 2
	"$tar" --format=ustar --owner=0 --group=0 --numeric-owner --mode=go=rX,u+w --mtime=@0 \
		--sort=name --hard-dereference -C "$folder" -cf - "$@" | gzip -9n >"$archive"
}
# The hooks build an installation from git. An archive has its programs with it, and
# Windows has no shell to run them.
metadata() { sed '/^# Hooks:/,$d' plugin.yaml; }

rm -rf dist
mkdir -p dist
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
# Built like the programs, so that packages are compiled once.
CGO_ENABLED=0 go run -trimpath -tags cluster,docgen ./cmd/internal/docgen "$stage" "$version"
scripts/sbom.sh "v$version" >"dist/runtime-auth-$version.cdx.json"

ldflags="-s -w -X github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli.release=v$version"
export GOFLAGS="${GOFLAGS:-} '-ldflags=$ldflags'"
for platform in $platforms; do
	os=${platform%/*} arch=${platform#*/}
	echo "$os/$arch" >&2
	export GOOS="$os" GOARCH="$arch"
	ext=$(go env GOEXE)
	helm3=$stage/$os-$arch/helm3
	helm4=$stage/$os-$arch/runtime-auth
	post=$stage/$os-$arch/runtime-auth-post-renderer
	mkdir -p "$helm4/bin" "$post"
	scripts/build.sh "$helm3"
	for name in runtime-auth runtime-auth-cluster; do
		cp "$helm3/bin/$name$ext" "dist/$name-$os-$arch$ext"
	done
	metadata >"$helm3/plugin.yaml"
	cp -R plugin.complete LICENSE "$stage/man" "$stage/completions" "$helm3/"
	cp -R "$helm3/." "$helm4/"
	# Each client has the post-renderer where it looks for it, and only there.
	cp render/postrenderer/plugin.yaml "$helm4/render/postrenderer/"
	rm -r "$helm3/render" "$helm4/bin/runtime-auth-post-renderer$ext"
	cp -R "$helm4/render/postrenderer/." LICENSE "$post/"
	pack "dist/runtime-auth-$version-$os-$arch-helm3.tgz" "$helm3" LICENSE bin completions man plugin.complete plugin.yaml
	pack "dist/runtime-auth-$version-$os-$arch.tgz" "$stage/$os-$arch" runtime-auth
	pack "dist/runtime-auth-post-renderer-$version-$os-$arch.tgz" "$stage/$os-$arch" runtime-auth-post-renderer
done
cd dist
if command -v sha256sum >/dev/null; then
	sha256sum -- * >../checksums.new
else
	shasum -a 256 -- * >../checksums.new
fi
mv ../checksums.new checksums.txt
cd ..
if [ -n "${SIGN_KEY:-}" ]; then
	scripts/sign.sh dist
fi
