#!/bin/sh
# Show both halves of the plugin on the examples: lint, and what the post-renderer
# wires where. Needs only Go; where there is a helm on PATH it is used too.
set -eu
cd "$(dirname "$0")/.."
bin=bin/runtime-auth
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

good=examples/values/integrations/token-secret-ref.yaml
broken=examples/broken/misspelled-key.yaml

say "runtime-auth lint $good"
"$bin" lint "$good"
echo "clean"

say "runtime-auth lint $broken"
if "$bin" lint "$broken"; then
	echo "error: the broken file passed" >&2
	exit 1
fi

# These manifests were rendered with the chart's defaults, and hold those values
# in a hook ConfigMap: the renderer notices that it is given others, and says so.
for generation in g1 g2 g3; do
	say "runtime-auth plan -f $good < examples/manifests/$generation.yaml"
	"$bin" plan -f "$good" <"examples/manifests/$generation.yaml"
done

say "what the post-renderer changes in examples/manifests/g3.yaml"
rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
bin/runtime-auth-post-renderer -f "$good" <examples/manifests/g3.yaml >"$rendered"
diff -u examples/manifests/g3.yaml "$rendered" | sed -n '1,40p' || true

if command -v helm >/dev/null 2>&1; then
	say "the same through $(helm version --short 2>/dev/null) on PATH"
	HELM_BIN=$(command -v helm) HELM_PLUGIN_DIR=$PWD "$bin" template demo examples/chart -f "$good" >"$rendered"
	echo "$(grep -c '^kind:' "$rendered") objects rendered, $(grep -c 'argo-cd-account' "$rendered") lines name the Secret"
fi
