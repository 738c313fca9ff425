#!/bin/sh
# Build the working tree into two plugin folders below FOLDER, an absolute path, as
# the tests install them: arranged as the release archives are.
# usage: plugins.sh FOLDER
set -eu
cd "$(dirname "$0")/.."
plugin=$1/runtime-auth post=$1/runtime-auth-post-renderer
mkdir -p "$post"
scripts/build.sh "$plugin"
cp plugin.yaml "$plugin/"
cp render/postrenderer/plugin.yaml "$plugin/render/postrenderer/"
cp -R "$plugin/render/postrenderer/." "$post/"
