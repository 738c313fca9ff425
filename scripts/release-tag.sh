#!/bin/sh
# Fail unless the tag is that of the version in plugin.yaml, which everything that is
# released is named after. usage: release-tag.sh TAG
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version: *//p' plugin.yaml)
if [ "$1" != "v$version" ]; then
	echo "error: the tag is $1, but plugin.yaml has version $version: it must be v$version" >&2
	exit 1
fi
