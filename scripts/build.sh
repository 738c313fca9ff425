#!/bin/sh
# Build the two programs into bin/. Of the main program there are more names, by which
# it is the post-renderer and the function for kustomize; one is in
# render/postrenderer/bin/, where the Helm 4 metadata of the post-renderer looks for it.
# usage: build.sh [FOLDER [main]]   (FOLDER instead of the root of the repository;
#                                   main: without the program that needs a Kubernetes client)
set -eu
cd "$(dirname "$0")/.."
out=${1:-.}
ext=$(go env GOEXE)
set -- "${2:-all}"

# In a checkout that belongs to somebody else git answers nothing, and go build
# would fail for want of a revision to stamp.
if ! git rev-parse HEAD >/dev/null 2>&1; then
	GOFLAGS="${GOFLAGS:-} -buildvcs=false"
	export GOFLAGS
fi
export CGO_ENABLED=0
mkdir -p "$out/bin" "$out/render/postrenderer/bin"
case $1 in
main) set -- ./cmd/runtime-auth ;;
*) set -- ./cmd/runtime-auth ./cmd/runtime-auth-cluster ;;
esac
go build -trimpath -tags cluster -o "$out/bin/" "$@"
# Hard links cost nothing and, unlike symbolic ones, need no rights on Windows and
# survive being moved. Where there are none, copies do.
for name in bin/runtime-auth-post-renderer bin/runtime-auth-fn render/postrenderer/bin/runtime-auth-post-renderer; do
	ln -f "$out/bin/runtime-auth$ext" "$out/$name$ext" 2>/dev/null ||
		cp -f "$out/bin/runtime-auth$ext" "$out/$name$ext"
done
