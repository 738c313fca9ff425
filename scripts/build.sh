#!/bin/sh
# Build the programs into bin/, and the post-renderer also into
# render/postrenderer/bin/, where its Helm 4 metadata looks for it.
# usage: build.sh [FOLDER]   (FOLDER instead of the root of the repository)
set -eu
cd "$(dirname "$0")/.."
out=${1:-.}
ext=$(go env GOEXE)

# In a checkout that belongs to somebody else git answers nothing, and go build
# would fail for want of a revision to stamp.
if ! git rev-parse HEAD >/dev/null 2>&1; then
	GOFLAGS="${GOFLAGS:-} -buildvcs=false"
	export GOFLAGS
fi
export CGO_ENABLED=0
mkdir -p "$out/bin" "$out/render/postrenderer/bin"
go build -trimpath -o "$out/bin/" ./cmd/runtime-auth ./cmd/runtime-auth-post-renderer ./cmd/runtime-auth-cluster ./cmd/runtime-auth-fn
cp "$out/bin/runtime-auth-post-renderer$ext" "$out/render/postrenderer/bin/"
