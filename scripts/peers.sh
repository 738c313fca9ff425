#!/bin/sh
# The programs that the post-renderer is tested with, and compared with: kustomize and yq.
# usage: peers.sh [kustomize]   (the tests do not need yq)
set -eu
cache=$(dirname "$0")/cache.sh
"$cache" kustomize v5.8.1 sigs.k8s.io/kustomize/kustomize/v5 . quick
if [ "${1:-}" != kustomize ]; then
	"$cache" yq v4.54.2 github.com/mikefarah/yq/v4 .
fi
